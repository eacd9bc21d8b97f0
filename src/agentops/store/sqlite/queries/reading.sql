-- Answering questions.

-- name: latest_session
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced, user
FROM sessions ORDER BY started DESC, sid DESC LIMIT 1;

-- name: find_sessions_between
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced, user
FROM sessions WHERE session_id >= ? AND session_id < ? ORDER BY session_id LIMIT 6;

-- name: sessions_last_before
SELECT session_id FROM sessions WHERE last < ?;

-- name: read_details
SELECT body FROM session_details WHERE sid = ?;

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

-- name: read_messages
SELECT mid, kind, body FROM messages WHERE mid IN (SELECT value FROM json_each(?)) ORDER BY mid DESC;

-- name: page_of_logs
SELECT lid, time, number, span_id, source, severity, body, details FROM logs
WHERE sid = :sid AND (time, number) > (:time, :number)
  AND (:span_id IS NULL OR span_id = :span_id)
  AND (:source IS NULL OR source = :source)
  AND (:severity IS NULL OR severity >= :severity)
ORDER BY time, number LIMIT :limit;

-- name: times_of_logs
SELECT time, number FROM logs WHERE sid = ? ORDER BY time, number;

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

-- name: totals
SELECT day, kind, name, model, calls, errors, input_tokens, output_tokens, cost, durations
FROM daily WHERE day >= ? AND day < ? ORDER BY day, kind, name, model;

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
