-- The file as a whole.

-- name: find_tables
SELECT count(*) FROM sqlite_master;

-- name: read_version
SELECT version FROM schema_version;

-- name: set_version
INSERT INTO schema_version (version) VALUES (?);

-- name: clear_version
DELETE FROM schema_version;

-- name: back_up
VACUUM INTO ?;
