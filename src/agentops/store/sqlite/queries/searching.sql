-- Finding what says something.

-- name: holders_of
SELECT h.mid, s.session_id, h.span_id, p.name, h.started
FROM session_messages AS h
JOIN sessions AS s USING (sid)
JOIN spans AS p ON p.sid = h.sid AND p.span_id = h.span_id
WHERE h.mid = ? ORDER BY h.started DESC LIMIT ?;

-- name: match_logs
SELECT rowid FROM log_index WHERE log_index MATCH ? AND rowid <= ? ORDER BY rowid DESC;

-- name: log_terms_between
SELECT term FROM log_terms WHERE term >= ? AND term < ? LIMIT ?;

-- name: logs_above
SELECT lid FROM logs WHERE lid > ? ORDER BY lid DESC;

-- name: logs_up_to
SELECT lid FROM logs WHERE lid <= ? ORDER BY lid DESC;

-- name: read_logs
SELECT lid, body, details FROM logs WHERE lid IN (SELECT value FROM json_each(?));

-- name: log_at
SELECT s.session_id, l.span_id, coalesce(p.name, s.name), l.time
FROM logs AS l JOIN sessions AS s USING (sid) LEFT JOIN spans AS p ON p.sid = l.sid AND p.span_id = l.span_id
WHERE l.lid = ?;

-- name: match_messages
SELECT rowid FROM message_index WHERE message_index MATCH ? AND rowid <= ? ORDER BY rowid DESC;

-- name: match_spans
SELECT rowid FROM span_index WHERE span_index MATCH ? AND rowid <= ? ORDER BY rowid DESC;

-- name: message_terms_between
SELECT term FROM message_terms WHERE term >= ? AND term < ? LIMIT ?;

-- name: span_terms_between
SELECT term FROM span_terms WHERE term >= ? AND term < ? LIMIT ?;

-- name: messages_above
SELECT mid FROM messages WHERE mid > ? AND kind = 'message' ORDER BY mid DESC;

-- name: messages_up_to
SELECT mid FROM messages WHERE mid <= ? AND kind = 'message' ORDER BY mid DESC;

-- name: spans_above
SELECT rid FROM spans WHERE rid > ? ORDER BY rid DESC;

-- name: spans_up_to
SELECT rid FROM spans WHERE rid <= ? ORDER BY rid DESC;

-- name: spans_at
SELECT p.rid, s.session_id, p.span_id, p.name, p.started FROM spans AS p JOIN sessions AS s USING (sid)
WHERE p.rid IN (SELECT value FROM json_each(?));
