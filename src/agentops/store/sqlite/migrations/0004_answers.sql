-- In which order sessions changed: the cursor of `session_changes`, never handed out twice.
ALTER TABLE sessions ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET revision = sid;
CREATE INDEX sessions_by_revision ON sessions (revision);
INSERT INTO counters (name, value) SELECT 'last_revision', max(sid) FROM sessions WHERE true HAVING count(*) > 0;
INSERT INTO counters (name, value) SELECT 'last_session', max(sid) FROM sessions WHERE true HAVING count(*) > 0;

-- Few ask for these, and every commit would write a page of each.
DROP INDEX sessions_by_last;
DROP INDEX session_journals_by_journal;
CREATE INDEX session_journals_by_journal ON session_journals (jid) WHERE jid <> 0;

-- What people and judges say afterwards. `type` is 'number', 'boolean' (value 0 or 1) or 'text'.
CREATE TABLE scores (
  id TEXT PRIMARY KEY,
  sid INTEGER NOT NULL,
  span_id TEXT,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  value NOT NULL,
  comment TEXT,
  author TEXT,
  time INTEGER NOT NULL
);
CREATE INDEX scores_by_session ON scores (sid, time);
CREATE TABLE notes (
  id TEXT PRIMARY KEY,
  sid INTEGER NOT NULL,
  span_id TEXT,
  text TEXT NOT NULL,
  author TEXT,
  time INTEGER NOT NULL
);
CREATE INDEX notes_by_session ON notes (sid, time);
CREATE TRIGGER session_removed AFTER DELETE ON sessions BEGIN
  DELETE FROM scores WHERE sid = old.sid;
  DELETE FROM notes WHERE sid = old.sid;
END;

-- Which sessions used a model; tool calls and the like, most of all spans, are not in it.
CREATE INDEX spans_by_model ON spans (model, sid) WHERE model <> '';
