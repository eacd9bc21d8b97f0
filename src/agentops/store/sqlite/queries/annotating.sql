-- What is said of sessions and spans afterwards.

-- name: has_span
SELECT 1 FROM spans WHERE sid = ? AND span_id = ?;

-- name: write_score
REPLACE INTO scores (id, sid, span_id, name, type, value, comment, author, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: scores_of
SELECT id, span_id, name, type, value, comment, author, time FROM scores WHERE sid = ? ORDER BY time, id;

-- name: remove_score
DELETE FROM scores WHERE id = ?;

-- name: write_note
REPLACE INTO notes (id, sid, span_id, text, author, time) VALUES (?, ?, ?, ?, ?, ?);

-- name: notes_of
SELECT id, span_id, text, author, time FROM notes WHERE sid = ? ORDER BY time, id;

-- name: remove_note
DELETE FROM notes WHERE id = ?;
