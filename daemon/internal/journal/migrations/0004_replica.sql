-- Each time the journal was opened for writing, and where its sequences then stood: by this a replica tells a journal
-- that went on from one that was restored from a copy.
CREATE TABLE openings (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  change INTEGER NOT NULL,
  event INTEGER NOT NULL,
  opened INTEGER NOT NULL
);
-- Where the replica stands, opaque here.
CREATE TABLE replica (one INTEGER PRIMARY KEY CHECK (one = 1), data BLOB NOT NULL);
-- What was asked from elsewhere and is done, so that it is done once.
CREATE TABLE commands (
  id TEXT PRIMARY KEY,
  done INTEGER NOT NULL,
  result TEXT NOT NULL
) WITHOUT ROWID;
