-- Taking things out again.

-- name: remove_spans
DELETE FROM spans WHERE rid IN (SELECT value FROM json_each(?));

-- name: some_spans_of
SELECT
  rid, sid, span_id, parent_id, kind, name, model, started, ended, status, error, input_tokens, output_tokens, cost,
  agent, jid, above, response_id, repeats, failure
FROM spans WHERE sid = ? LIMIT ?;

-- name: remove_bodies
DELETE FROM bodies WHERE rid IN (SELECT value FROM json_each(?));

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

-- name: some_logs_of
SELECT lid, body, details FROM logs WHERE sid = ? LIMIT ?;

-- name: remove_logs
DELETE FROM logs WHERE lid IN (SELECT value FROM json_each(?));

-- name: unindex_logs
INSERT INTO log_index (log_index, rowid, text) VALUES ('delete', ?, ?);

-- name: unindex_messages
INSERT INTO message_index (message_index, rowid, text) VALUES ('delete', ?, ?);

-- name: unindex_spans
INSERT INTO span_index (span_index, rowid, text) VALUES ('delete', ?, ?);
