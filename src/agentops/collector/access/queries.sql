-- Every statement of the catalog of projects and keys, by name.

-- name: add_server
INSERT INTO server (row, secret, default_project) VALUES (1, ?, ?) ON CONFLICT DO NOTHING;

-- name: add_default_project
INSERT INTO projects (id, name, created) SELECT default_project, ?, ? FROM server WHERE true ON CONFLICT DO NOTHING;

-- name: read_server
SELECT secret, default_project FROM server;

-- name: read_projects
SELECT id, name, created, retention_days FROM projects ORDER BY name;

-- name: add_project
INSERT INTO projects (id, name, created) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING;

-- name: set_retention
UPDATE projects SET retention_days = ? WHERE id = ?;

-- name: delete_project
DELETE FROM projects WHERE id = ?;

-- name: read_keys
SELECT digest, id, project, name, hint, scopes, created, last_used, revoked FROM keys ORDER BY created, id;

-- name: add_key
INSERT INTO keys (id, project, name, digest, hint, scopes, created) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- name: revoke_key
UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL;

-- name: revoke_keys_of_project
UPDATE keys SET revoked = ? WHERE project = ? AND revoked IS NULL;

-- name: note_use
UPDATE keys SET last_used = ? WHERE id = ?;
