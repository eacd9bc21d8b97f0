-- Whom a session served.
ALTER TABLE sessions ADD COLUMN user TEXT;

-- What tells whether a model call repeats another: `above` is the nearest span it lies in that is no task, or that is not
-- known yet; `response_id` is the provider's name for the answer; `repeats` is 1 where the call counts in nothing, and 2
-- where it counts in nothing but errors. All three are for model calls only.
ALTER TABLE spans ADD COLUMN above TEXT;
ALTER TABLE spans ADD COLUMN response_id TEXT;
ALTER TABLE spans ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
UPDATE spans SET
  above = (
    WITH RECURSIVE up (span_id, height) AS (
      SELECT spans.parent_id, 0
      UNION ALL
      SELECT p.parent_id, height + 1 FROM up JOIN spans AS p ON p.sid = spans.sid AND p.span_id = up.span_id
      WHERE p.kind = 'task' AND height < 1000
    )
    SELECT span_id FROM up ORDER BY height DESC LIMIT 1
  ),
  response_id = (
    SELECT nullif(CASE WHEN json_valid(CAST(body AS TEXT)) THEN json_extract(CAST(body AS TEXT), '$.response.id') END, '')
    FROM bodies AS b WHERE b.rid = spans.rid
  )
WHERE kind IN ('llm', 'embedding');
CREATE INDEX spans_by_above ON spans (sid, above) WHERE above IS NOT NULL;
CREATE INDEX spans_by_response ON spans (sid, response_id) WHERE response_id IS NOT NULL;

-- What the span failed by, a hash of the error's type and message; NULL where it did not fail or does not count it.
-- From here on `error` is -1 where a span right inside it failed by the same and counts for it.
ALTER TABLE spans ADD COLUMN failure INTEGER;
CREATE INDEX spans_failed ON spans (sid, parent_id, failure) WHERE failure IS NOT NULL;

-- From here on `hash` in `messages` is the key that agentops.store.sqlite.rows describes: the hash behind six bytes more.

-- The counts of a day told apart by agent as well ('' where there is none), with how long the calls took in the same
-- row, as agentops.store.sqlite.histograms writes it. `unpriced` counts model calls of no known cost.
CREATE TABLE counts_of_days (
  day INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  model TEXT NOT NULL,
  agent TEXT NOT NULL,
  calls INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost TEXT,
  priced INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,
  durations BLOB NOT NULL,
  PRIMARY KEY (day, kind, name, model, agent)
) WITHOUT ROWID;
INSERT INTO counts_of_days
SELECT
  started / 86400000000000, kind, name, model, coalesce(agent, '') AS agent_name, count(*), sum(error > 0),
  sum(CASE WHEN kind IN ('llm', 'embedding') AND error < 2 THEN coalesce(input_tokens, 0) ELSE 0 END),
  sum(CASE WHEN kind IN ('llm', 'embedding') AND error < 2 THEN coalesce(output_tokens, 0) ELSE 0 END),
  sum_costs(CASE WHEN error < 2 THEN cost END),
  sum(error < 2 AND cost IS NOT NULL),
  sum(kind IN ('llm', 'embedding') AND error < 2 AND cost IS NULL),
  histogram(ended - started)
FROM spans WHERE ended IS NOT NULL GROUP BY 1, kind, name, model, agent_name;
DROP TABLE daily;
DROP TABLE daily_durations;
ALTER TABLE counts_of_days RENAME TO daily;
