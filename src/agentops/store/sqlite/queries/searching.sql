-- Finding what says something. `{may_hold}` stands for the condition of that name: what it leaves out cannot hold the
-- text `:sought`, what it lets through has to be read.

-- name: holders_of
SELECT h.mid, s.session_id, h.span_id, p.name, h.started
FROM session_messages AS h
JOIN sessions AS s USING (sid)
JOIN spans AS p ON p.sid = h.sid AND p.span_id = h.span_id
WHERE h.mid = ? ORDER BY h.started DESC LIMIT ?;

-- name: log_terms_between
SELECT term FROM log_terms WHERE term >= ? AND term < ? LIMIT ?;

-- name: log_at
SELECT s.session_id, l.span_id, coalesce(p.name, s.name), l.time
FROM logs AS l JOIN sessions AS s USING (sid) LEFT JOIN spans AS p ON p.sid = l.sid AND p.span_id = l.span_id
WHERE l.lid = ?;

-- name: message_terms_between
SELECT term FROM message_terms WHERE term >= ? AND term < ? LIMIT ?;

-- name: span_terms_between
SELECT term FROM span_terms WHERE term >= ? AND term < ? LIMIT ?;

-- name: spans_at
SELECT p.rid, s.session_id, p.span_id, p.name, p.started FROM spans AS p JOIN sessions AS s USING (sid)
WHERE p.rid IN (SELECT value FROM json_each(?));

-- name: may_hold
(
  :sought IS NULL
  OR instr(lower(body), :sought)
  OR length(CAST(body AS TEXT)) <> length(body)
  OR instr(body, x'5c75') -- an escaped character
);

-- name: match_messages
SELECT mid, body FROM message_index CROSS JOIN messages ON mid = message_index.rowid
WHERE message_index MATCH :expression AND message_index.rowid <= :indexed AND {may_hold} AND kind = 'message' ORDER BY message_index.rowid DESC;

-- name: messages_above
SELECT mid, body FROM messages WHERE mid > :indexed AND {may_hold} AND kind = 'message' ORDER BY mid DESC;

-- name: messages_up_to
SELECT mid, body FROM messages WHERE mid <= :indexed AND {may_hold} AND kind = 'message' ORDER BY mid DESC;

-- name: match_spans
SELECT rid, body FROM span_index CROSS JOIN bodies ON rid = span_index.rowid
WHERE span_index MATCH :expression AND span_index.rowid <= :indexed AND {may_hold} ORDER BY span_index.rowid DESC;

-- name: spans_above
SELECT rid, body FROM bodies WHERE rid > :indexed AND {may_hold} ORDER BY rid DESC;

-- name: spans_up_to
SELECT rid, body FROM bodies WHERE rid <= :indexed AND {may_hold} ORDER BY rid DESC;

-- name: match_logs
SELECT lid, body, details FROM log_index CROSS JOIN logs ON lid = log_index.rowid
WHERE log_index MATCH :expression AND log_index.rowid <= :indexed ORDER BY log_index.rowid DESC;

-- name: logs_above
SELECT lid, body, details FROM logs WHERE lid > :indexed ORDER BY lid DESC;

-- name: logs_up_to
SELECT lid, body, details FROM logs WHERE lid <= :indexed ORDER BY lid DESC;
