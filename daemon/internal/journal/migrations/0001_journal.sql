-- Times are nanoseconds since 1970, ids of runs the 16 bytes of their UUID.
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  cursor INTEGER,
  failures INTEGER NOT NULL DEFAULT 0,
  last_run BLOB,
  generation INTEGER NOT NULL DEFAULT 0,
  spec_hash TEXT NOT NULL DEFAULT '',
  owner BLOB,
  definition TEXT NOT NULL DEFAULT '',
  gone INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE runs (
  id BLOB PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES jobs (id),
  state TEXT NOT NULL,
  trigger TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  scheduled INTEGER,
  not_before INTEGER,
  started INTEGER,
  ended INTEGER,
  duration INTEGER,
  lateness INTEGER,
  exit_code INTEGER,
  signal TEXT,
  pid INTEGER,
  reason TEXT,
  generation INTEGER,
  spec_hash BLOB,
  cpu INTEGER,
  max_rss INTEGER,
  output_bytes INTEGER,
  output_dropped INTEGER,
  output_lost TEXT,
  survivors TEXT,
  output_job TEXT,
  live BLOB
) WITHOUT ROWID;
CREATE INDEX runs_by_job ON runs (job, id);
CREATE INDEX runs_open ON runs (id) WHERE live IS NOT NULL;
CREATE INDEX runs_failed ON runs (id) WHERE state IN ('failed', 'timed_out', 'lost');
-- People name a run by the end of its id.
CREATE INDEX runs_by_end ON runs (substr(id, 15));

-- The ledger: one row a slot, or a stretch of slots alike.
CREATE TABLE slots (
  job INTEGER NOT NULL REFERENCES jobs (id),
  at INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT,
  run BLOB,
  nominal TEXT,
  note TEXT,
  PRIMARY KEY (job, at)
) WITHOUT ROWID;

CREATE TABLE overrides (
  id TEXT PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES jobs (id),
  kind TEXT NOT NULL,
  until INTEGER,
  owner BLOB,
  reason TEXT NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER,
  ended_why TEXT
) WITHOUT ROWID;

CREATE TABLE requests (
  id TEXT PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES jobs (id),
  trigger TEXT NOT NULL,
  slot INTEGER,
  why TEXT NOT NULL,
  reason TEXT NOT NULL,
  created INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE generations (
  number INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  accepted INTEGER NOT NULL,
  owner BLOB,
  summary BLOB,
  reason TEXT NOT NULL,
  jobs INTEGER NOT NULL
);
CREATE TABLE generation_files (
  generation INTEGER NOT NULL REFERENCES generations (number),
  position INTEGER NOT NULL,
  path TEXT NOT NULL,
  sum BLOB NOT NULL,
  PRIMARY KEY (generation, position)
) WITHOUT ROWID;
-- A text is kept once, however many generations have it; gzip.
CREATE TABLE texts (sum BLOB PRIMARY KEY, text BLOB NOT NULL);

CREATE TABLE source (one INTEGER PRIMARY KEY CHECK (one = 1), data BLOB NOT NULL);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  job TEXT,
  run BLOB,
  slot INTEGER,
  count INTEGER,
  message TEXT NOT NULL
);

-- What was written, in order: a replica follows it by seq, which is never used twice.
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  key TEXT NOT NULL
);
