-- Adding up. `{keys}` stands for the dimensions asked for, out of the pieces below.

-- name: daily_counts
SELECT day, kind, name, model, agent, calls, errors, input_tokens, output_tokens, cost, unpriced, durations
FROM daily
WHERE day BETWEEN :first AND :last
  AND (:kind IS NULL OR kind = :kind)
  AND (:name IS NULL OR name = :name)
  AND (:model IS NULL OR model = :model)
  AND (:agent IS NULL OR agent = :agent);

-- name: counts_of_sessions
SELECT
  {keys},
  sum(p.repeats = 0),
  sum(p.error > 0 AND p.repeats <> 1),
  sum(CASE WHEN p.kind IN ('llm', 'embedding') AND p.error < 2 AND p.repeats = 0 THEN coalesce(p.input_tokens, 0) ELSE 0 END),
  sum(CASE WHEN p.kind IN ('llm', 'embedding') AND p.error < 2 AND p.repeats = 0 THEN coalesce(p.output_tokens, 0) ELSE 0 END),
  sum_costs(p.cost) FILTER (WHERE p.cost IS NOT NULL AND p.error < 2 AND p.repeats = 0),
  sum(p.kind IN ('llm', 'embedding') AND p.error < 2 AND p.repeats = 0 AND p.cost IS NULL),
  histogram(p.ended - p.started) FILTER (WHERE p.repeats = 0)
FROM sessions AS s CROSS JOIN spans AS p ON p.sid = s.sid
WHERE s.last >= :since AND s.started < :until
  AND p.started >= :since AND p.started < :until AND p.ended IS NOT NULL
  AND (:user IS NULL OR s.user = :user)
  AND (:tag IS NULL OR EXISTS (SELECT 1 FROM json_each(s.tags) WHERE value = :tag))
  AND (:kind IS NULL OR p.kind = :kind)
  AND (:name IS NULL OR p.name = :name)
  AND (:model IS NULL OR p.model = :model)
  AND (:agent IS NULL OR p.agent = :agent)
GROUP BY {numbers};

-- name: key_day
p.started / 86400000000000;

-- name: key_kind
p.kind;

-- name: key_name
p.name;

-- name: key_model
p.model;

-- name: key_agent
p.agent;

-- name: key_tool
p.name;

-- name: key_tag
s.tags;

-- name: key_user
s.user;
