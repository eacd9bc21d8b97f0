-- Points of metrics.

-- name: add_metric_points
INSERT INTO metric_points (identity, name, time, body) VALUES {rows} ON CONFLICT (identity) DO NOTHING;

-- name: read_metric_points
SELECT body FROM metric_points
WHERE name = :name AND time >= :since AND time < :until
ORDER BY time, pid LIMIT :limit;

-- name: read_all_metric_points
SELECT body FROM metric_points
WHERE time >= :since AND time < :until
ORDER BY time, pid LIMIT :limit;

-- name: metric_names
WITH RECURSIVE names (name) AS (
  SELECT min(name) FROM metric_points
  UNION ALL
  SELECT (SELECT min(p.name) FROM metric_points AS p WHERE p.name > names.name) FROM names WHERE names.name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL;

-- name: remove_metric_points
DELETE FROM metric_points WHERE pid IN (SELECT pid FROM metric_points WHERE time < ? LIMIT ?);
