-- Rows that never found their way here: the file could not be written for longer than memory could hold them.
CREATE TABLE losses (
  since INTEGER PRIMARY KEY,
  until INTEGER NOT NULL,
  rows INTEGER NOT NULL
);
