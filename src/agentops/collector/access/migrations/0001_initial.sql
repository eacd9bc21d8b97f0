-- One row: the number of the newest migration this file has been through.
CREATE TABLE schema_version (version INTEGER NOT NULL);

-- One row: what tokens are signed and keys are hashed with, and the project of the machine's own store.
CREATE TABLE server (
  row INTEGER PRIMARY KEY CHECK (row = 1),
  secret BLOB NOT NULL,
  default_project TEXT NOT NULL
);

-- Times are Unix nanoseconds; `retention_days` is NULL where the server's own setting holds.
CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL,
  retention_days REAL
);

-- Keys are never deleted: revoked ones keep a server closed that has been given keys once.
-- `scopes` are words with spaces between them, `hint` is the end of the key, `digest` all that is kept of the rest.
CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created INTEGER NOT NULL,
  last_used INTEGER,
  revoked INTEGER
);
CREATE UNIQUE INDEX keys_in_use ON keys (project, name) WHERE revoked IS NULL;
