-- What programs wrote to their streams and loggers: `lines` is how many lines `body` holds, `severity` is NULL where
-- there is none, and `details` is what few records have, as JSON. `lid` grows with every insert, in the order of
-- commits: it is the cursor of `log_changes`.
CREATE TABLE logs (
  lid INTEGER PRIMARY KEY,
  sid INTEGER NOT NULL,
  time INTEGER NOT NULL,
  number INTEGER NOT NULL,
  span_id TEXT,
  source TEXT NOT NULL,
  severity INTEGER,
  lines INTEGER NOT NULL,
  body TEXT NOT NULL,
  details TEXT
);
CREATE UNIQUE INDEX logs_by_time ON logs (sid, time, number);

CREATE VIRTUAL TABLE log_index USING fts5 (
  text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE log_terms USING fts5vocab (log_index, 'row');
