-- One row: the number of the newest migration this file has been through.
CREATE TABLE schema_version (version INTEGER NOT NULL);

-- Numbers handed out in transactions, never twice: rows of spans and messages, how far the index has come, deletions.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;

-- Processes that recorded, by the name of their journal.
CREATE TABLE journals (
  jid INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

-- A session and its rollup. Times are Unix nanoseconds, `cost` is exact decimal USD, NULL while no price is known.
-- `announced` is 0 for a session of which only spans have come; `priced` counts the spans with a known cost.
CREATE TABLE sessions (
  sid INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL UNIQUE,
  name TEXT,
  state TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended INTEGER,
  last INTEGER NOT NULL,
  end_state TEXT,
  end_state_reason TEXT,
  tags TEXT NOT NULL,
  agents TEXT NOT NULL,
  announced INTEGER NOT NULL,
  interrupted INTEGER NOT NULL,
  spans INTEGER NOT NULL,
  llm_calls INTEGER NOT NULL,
  tool_calls INTEGER NOT NULL,
  actions INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost TEXT,
  priced INTEGER NOT NULL,
  unpriced INTEGER NOT NULL
);
CREATE INDEX sessions_by_start ON sessions (started);
CREATE INDEX sessions_by_last ON sessions (last);

-- What lists never show of a session, as JSON.
CREATE TABLE session_details (
  sid INTEGER PRIMARY KEY,
  body TEXT NOT NULL
);

-- Which processes took part in a session, who started it, and the tags that each gave it.
CREATE TABLE session_journals (
  sid INTEGER NOT NULL,
  jid INTEGER NOT NULL,
  inherited INTEGER NOT NULL,
  tags TEXT NOT NULL,
  PRIMARY KEY (sid, jid)
) WITHOUT ROWID;
CREATE INDEX session_journals_by_journal ON session_journals (jid);

-- Spans without their content. `rid` grows with every insert and change, in the order of commits: it is the cursor of
-- `changes`. `error` is 1 where the span counts as an error of its session, 2 where it is a recorded error event and
-- counts as nothing else; `model` is '' where there is none.
CREATE TABLE spans (
  rid INTEGER PRIMARY KEY,
  sid INTEGER NOT NULL,
  span_id TEXT NOT NULL,
  parent_id TEXT,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  model TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended INTEGER,
  status TEXT NOT NULL,
  error INTEGER NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost TEXT,
  agent TEXT,
  jid INTEGER NOT NULL
);
CREATE UNIQUE INDEX spans_by_id ON spans (sid, span_id);
CREATE INDEX spans_by_start ON spans (sid, started);
CREATE INDEX spans_running ON spans (jid) WHERE ended IS NULL;

-- The whole record as JSON, without its messages and tool definitions; `contents` says which those are:
-- [[messages asked], [messages answered], tool definitions or null], NULL where there are none.
CREATE TABLE bodies (
  rid INTEGER PRIMARY KEY,
  body BLOB NOT NULL,
  contents TEXT
);

-- Chat messages (kind 'message') and lists of tool definitions (kind 'tools'), each once, by the BLAKE2b-128 of `body`.
CREATE TABLE messages (
  mid INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  body BLOB NOT NULL
);

-- Which sessions hold a message, and the first span of each that carried it.
CREATE TABLE session_messages (
  sid INTEGER NOT NULL,
  mid INTEGER NOT NULL,
  span_id TEXT NOT NULL,
  started INTEGER NOT NULL,
  PRIMARY KEY (sid, mid)
) WITHOUT ROWID;
CREATE INDEX session_messages_by_message ON session_messages (mid);

-- Counts of a day (days since 1970-01-01 UTC, by start of the span), and how long its calls took:
-- bucket b holds durations from 2^(b/8) to 2^((b+1)/8) nanoseconds.
CREATE TABLE daily (
  day INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  model TEXT NOT NULL,
  calls INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost TEXT,
  priced INTEGER NOT NULL,
  PRIMARY KEY (day, kind, name, model)
) WITHOUT ROWID;
CREATE TABLE daily_durations (
  day INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  model TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (day, kind, name, model, bucket)
) WITHOUT ROWID;

-- What could not be kept, as the journals say.
CREATE TABLE drops (
  jid INTEGER NOT NULL,
  reason TEXT NOT NULL,
  time INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (jid, reason, time)
) WITHOUT ROWID;

-- The search index: three-character pieces of folded text. It holds no text of its own; hits are checked against it.
CREATE VIRTUAL TABLE message_index USING fts5 (
  text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE span_index USING fts5 (
  text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE message_terms USING fts5vocab (message_index, 'row');
CREATE VIRTUAL TABLE span_terms USING fts5vocab (span_index, 'row');
