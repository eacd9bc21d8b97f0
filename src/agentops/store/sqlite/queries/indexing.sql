-- Filling the search index.

-- name: next_messages
SELECT mid, kind, body FROM messages WHERE mid > ? ORDER BY mid LIMIT ?;

-- name: next_bodies
SELECT rid, body FROM bodies WHERE rid > ? ORDER BY rid LIMIT ?;

-- name: next_logs
SELECT lid, body, details FROM logs WHERE lid > ? ORDER BY lid LIMIT ?;

-- name: index_logs
INSERT INTO log_index (rowid, text) VALUES (?, ?);

-- name: index_messages
INSERT INTO message_index (rowid, text) VALUES (?, ?);

-- name: index_spans
INSERT INTO span_index (rowid, text) VALUES (?, ?);
