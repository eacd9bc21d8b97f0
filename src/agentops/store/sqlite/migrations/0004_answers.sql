-- In which order sessions changed: the cursor of `session_changes`, never handed out twice.
CREATE TABLE session_changes (
  revision INTEGER PRIMARY KEY AUTOINCREMENT,
  sid INTEGER NOT NULL UNIQUE
);
INSERT INTO session_changes (sid) SELECT sid FROM sessions ORDER BY last, sid;
CREATE TRIGGER session_added AFTER INSERT ON sessions BEGIN
  REPLACE INTO session_changes (sid) VALUES (new.sid);
END;
CREATE TRIGGER session_changed AFTER UPDATE ON sessions BEGIN
  REPLACE INTO session_changes (sid) VALUES (new.sid);
END;

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
  DELETE FROM session_changes WHERE sid = old.sid;
  DELETE FROM scores WHERE sid = old.sid;
  DELETE FROM notes WHERE sid = old.sid;
END;

-- Which sessions used a model; tool calls and the like, most of all spans, are not in it.
CREATE INDEX spans_by_model ON spans (model, sid) WHERE model <> '';
