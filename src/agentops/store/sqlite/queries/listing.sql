-- Listing sessions: `{conditions}`, `{key}` and `{direction}` stand for what was asked for, out of the pieces below.

-- name: page_of_sessions
SELECT
  session_id, sid, name, state, started, ended, last, end_state, end_state_reason, tags, agents, announced, interrupted,
  spans, llm_calls, tool_calls, actions, errors, input_tokens, output_tokens, cost, priced, unpriced, user, {key}
FROM sessions
WHERE sid IN (
  SELECT sid FROM sessions WHERE {conditions} ORDER BY {key} {direction}, sid {direction} LIMIT :limit
)
ORDER BY {key} {direction}, sid {direction};

-- name: everything
TRUE;

-- name: where_state
state = :state;

-- name: where_end_state
end_state = :end_state;

-- name: where_name
name = :name;

-- name: where_user
user = :user;

-- name: where_since
started >= :since;

-- name: where_until
started < :until;

-- name: where_has_errors
(errors > 0) = :has_errors;

-- name: where_tag
instr(tags, :tag_json) AND EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag);

-- name: where_agent
instr(agents, :agent_json) AND EXISTS (
  SELECT 1 FROM json_each(agents) AS each WHERE json_extract(each.value, '$.name') = :agent
);

-- name: where_model
EXISTS (SELECT 1 FROM spans WHERE spans.model = :model AND spans.model <> '' AND spans.sid = sessions.sid);

-- name: where_min_cost
CAST(cost AS REAL) >= :min_cost;

-- name: where_max_cost
CAST(cost AS REAL) <= :max_cost;

-- name: where_min_duration
coalesce(ended, last) - started >= :min_duration;

-- name: where_max_duration
coalesce(ended, last) - started <= :max_duration;

-- name: where_sids
sid IN (SELECT value FROM json_each(:sids));

-- name: where_after
({key}, sid) > (:value, :sid);

-- name: where_before
({key}, sid) < (:value, :sid);

-- name: by_start
started;

-- name: by_last
last;

-- name: by_duration
coalesce(ended, last) - started;

-- name: by_cost
coalesce(CAST(cost AS REAL), -1.0);

-- name: by_errors
errors;

-- name: by_llm_calls
llm_calls;

-- name: by_tool_calls
tool_calls;

-- name: by_tokens
input_tokens + output_tokens;

-- name: by_name
coalesce(name, '');

-- name: changed_sessions
SELECT
  revision, session_id, sid, name, state, started, ended, last, end_state, end_state_reason,
  tags, agents, announced, interrupted, spans, llm_calls, tool_calls, actions, errors,
  input_tokens, output_tokens, cost, priced, unpriced, user
FROM sessions WHERE revision > ? ORDER BY revision LIMIT ?;

-- name: messages_of_session
SELECT m.body FROM session_messages AS h JOIN messages AS m USING (mid) WHERE h.sid = ? AND m.kind = 'message';

-- name: bodies_of_session
SELECT b.body FROM spans AS s JOIN bodies AS b USING (rid) WHERE s.sid = ?;

-- name: logs_of_session
SELECT lid, body, details FROM logs WHERE sid = ?;

-- name: sids_of_spans
SELECT DISTINCT sid FROM spans WHERE rid IN (SELECT value FROM json_each(?));

-- name: sids_of_messages
SELECT DISTINCT sid FROM session_messages WHERE mid IN (SELECT value FROM json_each(?));

-- name: sids_of_logs
SELECT DISTINCT sid FROM logs WHERE lid IN (SELECT value FROM json_each(?));
