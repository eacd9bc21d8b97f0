-- Every statement of the embedded store, by name. `{rows}` stands for as many rows of values as there are.

-- name: find_tables
SELECT count(*) FROM sqlite_master;

-- name: read_version
SELECT version FROM schema_version;

-- name: set_version
INSERT INTO schema_version (version) VALUES (?);

-- name: clear_version
DELETE FROM schema_version;

-- name: back_up
VACUUM INTO ?;

-- name: read_counters
SELECT name, value FROM counters;

-- name: write_counter
INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: add_journal
INSERT INTO journals (name) VALUES (?) ON CONFLICT DO NOTHING;

-- name: find_journal
SELECT jid FROM journals WHERE name = ?;

-- name: add_session
INSERT INTO sessions (
  session_id, state, started, last, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, priced, unpriced
) VALUES (?, 'RUNNING', ?, ?, '[]', '[]', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

-- name: find_session
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced
FROM sessions WHERE session_id = ?;

-- name: find_session_by_sid
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced
FROM sessions WHERE sid = ?;

-- name: change_session
UPDATE sessions SET
  name = ?, state = ?, started = ?, ended = ?, last = ?, end_state = ?, end_state_reason = ?, tags = ?, agents = ?,
  announced = ?, interrupted = ?, spans = ?, llm_calls = ?, tool_calls = ?, actions = ?, errors = ?,
  input_tokens = ?, output_tokens = ?, cost = ?, priced = ?, unpriced = ?
WHERE sid = ?;

-- name: list_sessions
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced
FROM sessions
WHERE (:before IS NULL OR started < :before)
  AND (:since IS NULL OR started >= :since)
  AND (:until IS NULL OR started < :until)
  AND (:state IS NULL OR state = :state)
  AND (:name IS NULL OR name = :name)
  AND (:has_errors IS NULL OR (errors > 0) = :has_errors)
  AND (:tag IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag))
ORDER BY started DESC, sid DESC
LIMIT :limit;

-- name: latest_session
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced
FROM sessions ORDER BY started DESC, sid DESC LIMIT 1;

-- name: find_sessions_between
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced
FROM sessions WHERE session_id >= ? AND session_id < ? ORDER BY session_id LIMIT 6;

-- name: sessions_last_before
SELECT session_id FROM sessions WHERE last < ?;

-- name: read_details
SELECT body FROM session_details WHERE sid = ?;

-- name: write_details
INSERT INTO session_details (sid, body) VALUES (?, ?) ON CONFLICT (sid) DO UPDATE SET body = excluded.body;

-- name: read_parts
SELECT jid, inherited, tags FROM session_journals WHERE sid = ? ORDER BY jid;

-- name: write_part
INSERT INTO session_journals (sid, jid, inherited, tags) VALUES (?, ?, ?, ?)
ON CONFLICT (sid, jid) DO UPDATE SET inherited = excluded.inherited, tags = excluded.tags;

-- name: sessions_left_running
SELECT s.sid FROM session_journals AS p JOIN sessions AS s USING (sid)
WHERE p.jid = ? AND p.inherited = 0 AND s.state IN ('RUNNING', 'INITIALIZING');

-- name: known_spans
SELECT
  s.rid, s.sid, s.span_id, s.parent_id, s.kind, s.name, s.model, s.started, s.ended, s.status, s.error,
  s.input_tokens, s.output_tokens, s.cost, s.agent, s.jid
FROM json_each(?) AS wanted CROSS JOIN spans AS s ON s.sid = ? AND s.span_id = wanted.value;

-- name: add_spans
INSERT INTO spans (
  rid, sid, span_id, parent_id, kind, name, model, started, ended, status, error, input_tokens, output_tokens, cost,
  agent, jid
) VALUES {rows};

-- name: remove_spans
DELETE FROM spans WHERE rid IN (SELECT value FROM json_each(?));

-- name: some_spans_of
SELECT
  rid, sid, span_id, parent_id, kind, name, model, started, ended, status, error, input_tokens, output_tokens, cost,
  agent, jid
FROM spans WHERE sid = ? LIMIT ?;

-- name: spans_left_running
SELECT s.rid, b.body, b.contents FROM spans AS s JOIN bodies AS b USING (rid) WHERE s.jid = ? AND s.ended IS NULL;

-- name: add_bodies
INSERT INTO bodies (rid, body, contents) VALUES {rows};

-- name: remove_bodies
DELETE FROM bodies WHERE rid IN (SELECT value FROM json_each(?));

-- name: read_bodies
SELECT rid, body, contents FROM bodies WHERE rid IN (SELECT value FROM json_each(?)) ORDER BY rid DESC;

-- name: page_of_spans
SELECT s.started, s.span_id, b.body, b.contents FROM spans AS s JOIN bodies AS b USING (rid)
WHERE s.sid = ? AND (s.started, s.span_id) > (?, ?)
ORDER BY s.started, s.span_id LIMIT ?;

-- name: changed_spans
SELECT rid, body, contents FROM bodies WHERE rid > ? AND rid <= ? ORDER BY rid LIMIT ?;

-- name: changed_spans_of
SELECT s.rid, b.body, b.contents FROM spans AS s JOIN bodies AS b USING (rid)
WHERE s.sid = ? AND s.rid > ? AND s.rid <= ? ORDER BY s.rid LIMIT ?;

-- name: find_messages
SELECT hash, mid FROM messages WHERE hash IN (VALUES {rows});

-- name: add_messages
INSERT INTO messages (mid, hash, kind, body) VALUES {rows};

-- name: read_messages
SELECT mid, kind, body FROM messages WHERE mid IN (SELECT value FROM json_each(?)) ORDER BY mid DESC;

-- name: hold_messages
INSERT INTO session_messages (sid, mid, span_id, started) VALUES {rows}
ON CONFLICT (sid, mid) DO UPDATE SET span_id = excluded.span_id, started = excluded.started
WHERE excluded.started < started;

-- name: holders_of
SELECT h.mid, s.session_id, h.span_id, p.name, h.started
FROM session_messages AS h
JOIN sessions AS s USING (sid)
JOIN spans AS p ON p.sid = h.sid AND p.span_id = h.span_id
WHERE h.mid = ? ORDER BY h.started DESC LIMIT ?;

-- name: messages_only_of
SELECT m.mid, m.kind, m.body FROM session_messages AS h JOIN messages AS m USING (mid)
WHERE h.sid = ? AND NOT EXISTS (SELECT 1 FROM session_messages AS o WHERE o.mid = h.mid AND o.sid <> h.sid)
LIMIT ?;

-- name: remove_messages
DELETE FROM messages WHERE mid IN (SELECT value FROM json_each(?));

-- name: release_messages
DELETE FROM session_messages WHERE sid = ? AND mid IN (SELECT value FROM json_each(?));

-- name: release_all_messages
DELETE FROM session_messages WHERE sid = ?;

-- name: remove_details
DELETE FROM session_details WHERE sid = ?;

-- name: remove_parts
DELETE FROM session_journals WHERE sid = ?;

-- name: remove_session
DELETE FROM sessions WHERE sid = ?;

-- name: add_logs
INSERT INTO logs (lid, sid, time, number, span_id, source, severity, lines, body, details) VALUES {rows}
ON CONFLICT (sid, time, number) DO NOTHING;

-- name: page_of_logs
SELECT lid, time, number, span_id, source, severity, body, details FROM logs
WHERE sid = :sid AND (time, number) > (:time, :number)
  AND (:span_id IS NULL OR span_id = :span_id)
  AND (:source IS NULL OR source = :source)
  AND (:severity IS NULL OR severity >= :severity)
ORDER BY time, number LIMIT :limit;

-- name: changed_logs
SELECT l.lid, l.time, l.number, l.span_id, l.source, l.severity, l.body, l.details, s.session_id
FROM logs AS l JOIN sessions AS s USING (sid)
WHERE l.lid > ? AND l.lid <= ? ORDER BY l.lid LIMIT ?;

-- name: changed_logs_of
SELECT l.lid, l.time, l.number, l.span_id, l.source, l.severity, l.body, l.details, s.session_id
FROM logs AS l JOIN sessions AS s USING (sid)
WHERE s.session_id = ? AND l.lid > ? AND l.lid <= ? ORDER BY l.lid LIMIT ?;

-- name: count_lines
SELECT coalesce(sum(l.lines), 0) FROM logs AS l JOIN sessions AS s USING (sid) WHERE s.session_id = ?;

-- name: some_logs_of
SELECT lid, body, details FROM logs WHERE sid = ? LIMIT ?;

-- name: remove_logs
DELETE FROM logs WHERE lid IN (SELECT value FROM json_each(?));

-- name: count_daily
INSERT INTO daily (day, kind, name, model, calls, errors, input_tokens, output_tokens, cost, priced) VALUES {rows}
ON CONFLICT (day, kind, name, model) DO UPDATE SET
  calls = calls + excluded.calls,
  errors = errors + excluded.errors,
  input_tokens = input_tokens + excluded.input_tokens,
  output_tokens = output_tokens + excluded.output_tokens,
  cost = CASE WHEN priced + excluded.priced = 0 THEN NULL ELSE add_cost(cost, excluded.cost) END,
  priced = priced + excluded.priced;

-- name: count_durations
INSERT INTO daily_durations (day, kind, name, model, bucket, calls) VALUES {rows}
ON CONFLICT (day, kind, name, model, bucket) DO UPDATE SET calls = calls + excluded.calls;

-- name: forget_empty_days
DELETE FROM daily WHERE calls = 0;

-- name: forget_empty_durations
DELETE FROM daily_durations WHERE calls = 0;

-- name: totals
SELECT day, kind, name, model, calls, errors, input_tokens, output_tokens, cost
FROM daily WHERE day >= ? AND day < ? ORDER BY day, kind, name, model;

-- name: durations
SELECT day, kind, name, model, bucket, calls FROM daily_durations
WHERE day >= ? AND day < ? ORDER BY day, kind, name, model, bucket;

-- name: add_drop
INSERT INTO drops (jid, reason, time, count) VALUES (?, ?, ?, ?)
ON CONFLICT (jid, reason, time) DO UPDATE SET
  count = CASE WHEN excluded.time = 0 THEN count + excluded.count ELSE excluded.count END
WHERE excluded.time = 0 OR excluded.count > count;

-- name: read_drops
SELECT reason, sum(count), max(time) FROM drops GROUP BY reason ORDER BY reason;

-- name: count_sessions
SELECT count(*) FROM sessions;

-- name: count_spans
SELECT coalesce(sum(spans), 0) FROM sessions;

-- name: count_unindexed
SELECT
  (SELECT count(*) FROM messages WHERE mid > (SELECT coalesce(max(value), 0) FROM counters WHERE name = 'indexed_message'))
  + (SELECT count(*) FROM bodies WHERE rid > (SELECT coalesce(max(value), 0) FROM counters WHERE name = 'indexed_span'))
  + (SELECT count(*) FROM logs WHERE lid > (SELECT coalesce(max(value), 0) FROM counters WHERE name = 'indexed_log'));

-- name: next_messages
SELECT mid, kind, body FROM messages WHERE mid > ? ORDER BY mid LIMIT ?;

-- name: next_bodies
SELECT rid, body FROM bodies WHERE rid > ? ORDER BY rid LIMIT ?;

-- name: next_logs
SELECT lid, body, details FROM logs WHERE lid > ? ORDER BY lid LIMIT ?;

-- name: index_logs
INSERT INTO log_index (rowid, text) VALUES (?, ?);

-- name: unindex_logs
INSERT INTO log_index (log_index, rowid, text) VALUES ('delete', ?, ?);

-- name: match_logs
SELECT rowid FROM log_index WHERE log_index MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?;

-- name: log_terms_between
SELECT term FROM log_terms WHERE term >= ? AND term < ? LIMIT ?;

-- name: logs_below
SELECT lid FROM logs WHERE lid > ? AND lid < ? ORDER BY lid DESC LIMIT ?;

-- name: read_logs
SELECT lid, body, details FROM logs WHERE lid IN (SELECT value FROM json_each(?));

-- name: log_at
SELECT s.session_id, l.span_id, coalesce(p.name, s.name), l.time
FROM logs AS l JOIN sessions AS s USING (sid) LEFT JOIN spans AS p ON p.sid = l.sid AND p.span_id = l.span_id
WHERE l.lid = ?;

-- name: index_messages
INSERT INTO message_index (rowid, text) VALUES (?, ?);

-- name: index_spans
INSERT INTO span_index (rowid, text) VALUES (?, ?);

-- name: unindex_messages
INSERT INTO message_index (message_index, rowid, text) VALUES ('delete', ?, ?);

-- name: unindex_spans
INSERT INTO span_index (span_index, rowid, text) VALUES ('delete', ?, ?);

-- name: match_messages
SELECT rowid FROM message_index WHERE message_index MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?;

-- name: match_spans
SELECT rowid FROM span_index WHERE span_index MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?;

-- name: message_terms_between
SELECT term FROM message_terms WHERE term >= ? AND term < ? LIMIT ?;

-- name: span_terms_between
SELECT term FROM span_terms WHERE term >= ? AND term < ? LIMIT ?;

-- name: messages_below
SELECT mid FROM messages WHERE mid > ? AND mid < ? AND kind = 'message' ORDER BY mid DESC LIMIT ?;

-- name: spans_below
SELECT rid FROM spans WHERE rid > ? AND rid < ? ORDER BY rid DESC LIMIT ?;

-- name: spans_at
SELECT p.rid, s.session_id, p.span_id, p.name, p.started FROM spans AS p JOIN sessions AS s USING (sid)
WHERE p.rid IN (SELECT value FROM json_each(?));
