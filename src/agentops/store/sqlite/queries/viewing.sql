-- Looking into a session.

-- name: tree_of_session
SELECT
  span_id, parent_id, kind, name, model, started, ended, status, error, input_tokens, output_tokens, cost, agent, repeats
FROM spans WHERE sid = ? ORDER BY started, span_id;

-- name: one_span
SELECT b.rid, b.body, b.contents FROM spans AS s JOIN bodies AS b USING (rid) WHERE s.sid = ? AND s.span_id = ?;

-- name: find_span
SELECT b.rid, b.body, b.contents
FROM sessions AS s CROSS JOIN spans AS p ON p.sid = s.sid AND p.span_id = ? JOIN bodies AS b USING (rid)
ORDER BY s.started DESC LIMIT 1;

-- name: chat_of_session
SELECT p.span_id, p.started, p.ended, p.model, p.agent, b.contents
FROM spans AS p JOIN bodies AS b USING (rid)
WHERE p.sid = ? AND p.repeats = 0 AND b.contents IS NOT NULL ORDER BY p.started, p.span_id;
