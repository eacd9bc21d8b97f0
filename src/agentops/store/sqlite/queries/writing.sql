-- Taking records in. `{rows}` stands for as many rows of values as there are.

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
  name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced, user, revision,
  sid, session_id
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: find_session
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced, user
FROM sessions WHERE session_id = ?;

-- name: find_session_by_sid
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced, user
FROM sessions WHERE sid = ?;

-- name: change_session
UPDATE sessions SET
  name = ?, state = ?, started = ?, ended = ?, last = ?, end_state = ?, end_state_reason = ?, tags = ?, agents = ?,
  announced = ?, interrupted = ?, spans = ?, llm_calls = ?, tool_calls = ?, actions = ?, errors = ?,
  input_tokens = ?, output_tokens = ?, cost = ?, priced = ?, unpriced = ?, user = ?, revision = ?
WHERE sid = ?;

-- name: write_details
INSERT INTO session_details (sid, body) VALUES (?, ?) ON CONFLICT (sid) DO UPDATE SET body = excluded.body;

-- name: read_parts
SELECT jid, inherited, tags FROM session_journals WHERE sid = ? ORDER BY jid;

-- name: write_part
INSERT INTO session_journals (sid, jid, inherited, tags) VALUES (?, ?, ?, ?)
ON CONFLICT (sid, jid) DO UPDATE SET inherited = excluded.inherited, tags = excluded.tags;

-- name: sessions_left_running
SELECT s.sid FROM session_journals AS p JOIN sessions AS s USING (sid)
WHERE p.jid = ? AND p.jid <> 0 AND p.inherited = 0 AND s.state IN ('RUNNING', 'INITIALIZING');

-- name: known_spans
SELECT
  s.rid, s.sid, s.span_id, s.parent_id, s.kind, s.name, s.model, s.started, s.ended, s.status, s.error,
  s.input_tokens, s.output_tokens, s.cost, s.agent, s.jid, s.above, s.response_id, s.repeats, s.failure
FROM json_each(?) AS wanted CROSS JOIN spans AS s ON s.sid = ? AND s.span_id = wanted.value;

-- name: mates
SELECT
  rid, sid, span_id, parent_id, kind, name, model, started, ended, status, error, input_tokens, output_tokens, cost,
  agent, jid, above, response_id, repeats, failure
FROM json_each(:outer) AS wanted CROSS JOIN spans AS s ON s.sid = :sid AND s.above = wanted.value
UNION ALL
SELECT
  rid, sid, span_id, parent_id, kind, name, model, started, ended, status, error, input_tokens, output_tokens, cost,
  agent, jid, above, response_id, repeats, failure
FROM json_each(:ids) AS wanted CROSS JOIN spans AS s ON s.sid = :sid AND s.span_id = wanted.value
WHERE s.kind = 'task' OR (s.kind IN ('llm', 'embedding') AND s.error < 2)
UNION ALL
SELECT
  rid, sid, span_id, parent_id, kind, name, model, started, ended, status, error, input_tokens, output_tokens, cost,
  agent, jid, above, response_id, repeats, failure
FROM json_each(:answers) AS wanted CROSS JOIN spans AS s ON s.sid = :sid AND s.response_id = wanted.value;

-- name: calls_of
SELECT
  rid, sid, span_id, parent_id, kind, name, model, started, ended, status, error, input_tokens, output_tokens, cost,
  agent, jid, above, response_id, repeats, failure
FROM spans WHERE sid = ? AND kind IN ('llm', 'embedding') AND error < 2;

-- name: tasks_above
WITH RECURSIVE up (span_id, parent_id) AS (
  SELECT s.span_id, s.parent_id FROM spans AS s
  WHERE s.sid = ? AND s.span_id IN (SELECT value FROM json_each(?)) AND s.kind = 'task'
  UNION
  SELECT s.span_id, s.parent_id FROM up CROSS JOIN spans AS s
  ON s.sid = ? AND s.span_id = up.parent_id AND s.kind = 'task'
)
SELECT span_id, parent_id FROM up;

-- name: failed_spans
SELECT
  s.rid, s.sid, s.span_id, s.parent_id, s.kind, s.name, s.model, s.started, s.ended, s.status, s.error,
  s.input_tokens, s.output_tokens, s.cost, s.agent, s.jid, s.above, s.response_id, s.repeats, s.failure
FROM json_each(?) AS wanted CROSS JOIN spans AS s ON s.sid = ? AND s.span_id = wanted.value
WHERE s.failure IS NOT NULL;

-- name: failed_inside
SELECT json_extract(value, '$[0]') FROM json_each(?) WHERE EXISTS (
  SELECT 1 FROM spans AS s
  WHERE s.sid = ? AND s.parent_id = json_extract(value, '$[0]') AND s.failure = json_extract(value, '$[1]')
    AND s.span_id <> s.parent_id
);

-- name: retell_span
UPDATE spans SET error = ?, above = ?, repeats = ? WHERE rid = ?;

-- name: add_spans
INSERT INTO spans (
  rid, sid, span_id, parent_id, kind, name, model, started, ended, status, error, input_tokens, output_tokens, cost,
  agent, jid, above, response_id, repeats, failure
) VALUES {rows};

-- name: spans_left_running
SELECT s.rid, b.body, b.contents FROM spans AS s JOIN bodies AS b USING (rid) WHERE s.jid = ? AND s.ended IS NULL;

-- name: add_bare_spans
INSERT INTO spans (
  rid, sid, span_id, parent_id, kind, name, model, started, ended, status, error, agent, jid
) VALUES {rows};

-- name: add_bodies
INSERT INTO bodies (rid, body, contents) VALUES {rows};

-- name: add_bare_bodies
INSERT INTO bodies (rid, body) VALUES {rows};

-- name: find_messages
SELECT hash, mid FROM messages WHERE hash IN (VALUES {rows});

-- name: add_messages
INSERT INTO messages (mid, hash, kind, body) VALUES {rows};

-- name: hold_messages
INSERT INTO session_messages (sid, mid, span_id, started) VALUES {rows}
ON CONFLICT (sid, mid) DO UPDATE SET span_id = excluded.span_id, started = excluded.started
WHERE excluded.started < started;

-- name: add_logs
INSERT INTO logs (lid, sid, time, number, span_id, source, severity, lines, body, details) VALUES {rows}
ON CONFLICT (sid, time, number) DO NOTHING;

-- name: count_daily
INSERT INTO daily (
  day, kind, name, model, agent, calls, errors, input_tokens, output_tokens, cost, priced, unpriced, durations
) VALUES {rows}
ON CONFLICT (day, kind, name, model, agent) DO UPDATE SET
  calls = calls + excluded.calls,
  errors = errors + excluded.errors,
  input_tokens = input_tokens + excluded.input_tokens,
  output_tokens = output_tokens + excluded.output_tokens,
  cost = CASE WHEN priced + excluded.priced = 0 THEN NULL ELSE add_cost(cost, excluded.cost) END,
  priced = priced + excluded.priced,
  unpriced = unpriced + excluded.unpriced,
  durations = add_durations(durations, excluded.durations);

-- name: forget_empty_days
DELETE FROM daily WHERE calls = 0 AND errors = 0;

-- name: add_drop
INSERT INTO drops (jid, reason, time, count) VALUES (?, ?, ?, ?)
ON CONFLICT (jid, reason, time) DO UPDATE SET
  count = CASE WHEN excluded.time = 0 THEN count + excluded.count ELSE excluded.count END
WHERE excluded.time = 0 OR excluded.count > count;
