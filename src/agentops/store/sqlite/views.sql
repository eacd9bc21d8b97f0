-- The views that SQL may read. A view is never changed once it is released: what is to be different becomes `_v2`.

-- name: sessions_v1
SELECT
  session_id, name, state, end_state, end_state_reason, user,
  started, ended, last,
  strftime('%Y-%m-%dT%H:%M:%fZ', started / 1e9, 'unixepoch') AS started_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', ended / 1e9, 'unixepoch') AS ended_at,
  (coalesce(ended, last) - started) / 1e9 AS duration,
  tags, agents, spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens,
  CAST(cost AS REAL) AS cost, unpriced, interrupted
FROM main.sessions;

-- name: spans_v1
SELECT
  s.session_id, p.span_id, p.parent_id, p.kind, p.name, nullif(p.model, '') AS model, p.agent, p.status,
  p.error > 0 AS error,
  p.started, p.ended,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.started / 1e9, 'unixepoch') AS started_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.ended / 1e9, 'unixepoch') AS ended_at,
  (p.ended - p.started) / 1e9 AS duration,
  p.input_tokens, p.output_tokens, CAST(p.cost AS REAL) AS cost, p.repeats > 0 AS repeats,
  json_extract(CAST(b.body AS TEXT), '$.input') AS input,
  json_extract(CAST(b.body AS TEXT), '$.output') AS output,
  json_extract(CAST(b.body AS TEXT), '$.error.type') AS error_type,
  json_extract(CAST(b.body AS TEXT), '$.error.message') AS error_message,
  coalesce(json_extract(CAST(b.body AS TEXT), '$.attributes'), '{}') AS attributes
FROM main.spans AS p JOIN main.sessions AS s USING (sid) LEFT JOIN main.bodies AS b ON b.rid = p.rid;

-- name: messages_v1
SELECT
  s.session_id, h.span_id, h.started,
  json_extract(CAST(m.body AS TEXT), '$.role') AS role,
  (
    SELECT group_concat(json_extract(part.value, '$.content'), '')
    FROM json_each(CAST(m.body AS TEXT), '$.parts') AS part WHERE json_extract(part.value, '$.type') = 'text'
  ) AS text,
  CAST(m.body AS TEXT) AS body
FROM main.session_messages AS h JOIN main.sessions AS s USING (sid) JOIN main.messages AS m ON m.mid = h.mid
WHERE m.kind = 'message';

-- name: logs_v1
SELECT
  s.session_id, l.span_id, l.time, strftime('%Y-%m-%dT%H:%M:%fZ', l.time / 1e9, 'unixepoch') AS time_at,
  l.source, l.severity, json_extract(l.details, '$.logger') AS logger, l.lines, l.body
FROM main.logs AS l JOIN main.sessions AS s USING (sid);

-- name: daily_v1
SELECT
  date(day * 86400, 'unixepoch') AS day, kind, name, nullif(model, '') AS model, nullif(agent, '') AS agent,
  calls, errors, input_tokens, output_tokens, CAST(cost AS REAL) AS cost, unpriced
FROM main.daily;

-- name: scores_v1
SELECT
  c.id, s.session_id, c.span_id, c.name, c.type, c.value, c.comment, c.author, c.time,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.time / 1e9, 'unixepoch') AS time_at
FROM main.scores AS c JOIN main.sessions AS s USING (sid);

-- name: notes_v1
SELECT
  n.id, s.session_id, n.span_id, n.text, n.author, n.time,
  strftime('%Y-%m-%dT%H:%M:%fZ', n.time / 1e9, 'unixepoch') AS time_at
FROM main.notes AS n JOIN main.sessions AS s USING (sid);
