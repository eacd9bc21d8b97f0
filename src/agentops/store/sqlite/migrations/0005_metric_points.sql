-- What programs measured: `identity` is the same for a point that is sent again, `body` is the point as JSON.
CREATE TABLE metric_points (
  pid INTEGER PRIMARY KEY,
  identity BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  time INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX metric_points_by_name ON metric_points (name, time);
CREATE INDEX metric_points_by_time ON metric_points (time);
