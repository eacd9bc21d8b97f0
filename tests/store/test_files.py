"""The file: who may read it, what version it is, and what is said when it cannot be used."""

import os
import re
import sqlite3
import stat
from pathlib import Path

import pytest
from store_samples import check_integrity, session_of

from agentops.errors import NewerStoreError, StoreError
from agentops.store.sqlite import SqliteStore, connection, schema
from agentops.store.sqlite.statements import SQL, read_migrations

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE")


def mode_of(path: Path) -> int:
    """The permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_only_the_owner_may_read_what_is_stored(tmp_path: Path, umask: int) -> None:
    """The files, those that SQLite puts beside them, and the folder, whatever the umask."""
    before = os.umask(umask)
    try:
        with SqliteStore(tmp_path / "new" / "folder" / "s.db") as store:
            store.ingest(session_of(3))
            modes = {file.name: mode_of(file) for file in store.path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"s.db": 0o600, "s.db-wal": 0o600, "s.db-shm": 0o600}
    assert [mode_of(tmp_path / "new"), mode_of(tmp_path / "new" / "folder")] == [0o700, 0o700]


def test_a_file_that_others_could_read_is_closed_to_them(store: SqliteStore) -> None:
    """One restored from a backup, say; a folder of the user's own stays as it is."""
    store.close()
    store.path.chmod(0o644)
    store.path.parent.chmod(0o755)
    with SqliteStore(store.path):
        assert (mode_of(store.path), mode_of(store.path.parent)) == (0o600, 0o755)


def test_a_path_that_needs_quoting_is_fine(tmp_path: Path) -> None:
    """Question marks, percent signs and spaces are letters like any other."""
    with SqliteStore(tmp_path / "a b?c=d%41#é" / "s?mode=ro.db") as store:
        assert store.ingest(session_of(2)).new == 2
        assert store.path.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file is in its place."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(StoreError, match=r"taken/s\.db cannot be made: Not a directory"):
        SqliteStore(tmp_path / "taken" / "s.db")


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    """SQLite cannot open it."""
    (tmp_path / "s.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path / "s.db")


def test_a_file_that_is_no_store_is_left_as_it_is(path: Path) -> None:
    """The user is told what to do with it."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"these are no pages of SQLite at all" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"agentops\.db: the file is no agentops store: move it aside"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_left_as_it_is(path: Path) -> None:
    """It has tables, and none of them is ours."""
    path.parent.mkdir(parents=True)
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(StoreError, match="no such table: schema_version"):
        SqliteStore(path)


def test_a_damaged_file_is_said_to_be_damaged(store: SqliteStore) -> None:
    """Nothing is acknowledged that would be written into it."""
    spans = session_of(400)
    store.ingest(spans)
    store.close()
    content = bytearray(store.path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    store.path.write_bytes(content)
    damaged = SqliteStore.__new__(SqliteStore)
    with pytest.raises(StoreError, match="the file is damaged"):
        damaged.__init__(store.path)


def test_a_file_of_a_newer_version_is_left_as_it_is(store: SqliteStore) -> None:
    """Reading it could misread it, and writing break it."""
    store.close()
    newer = sqlite3.connect(store.path)
    newer.execute("UPDATE schema_version SET version = 99")
    newer.commit()
    newer.close()
    with pytest.raises(
        NewerStoreError, match=rf"its schema is 99, this one knows {len(read_migrations())}\): upgrade agentops"
    ):
        SqliteStore(store.path)


def test_an_older_file_is_copied_then_migrated(store: SqliteStore) -> None:
    """All its data stay, and the copy is a whole store of the version before."""
    spans = session_of(5)
    store.ingest(spans)
    store.close()
    migrations = [
        *read_migrations(),
        "CREATE TABLE new_one (x); -- a comment; with a semicolon\nINSERT INTO new_one VALUES (1);",
    ]
    migrated = connection.connect(store.path, query_only=False)
    assert schema.migrate(migrated, store.path, migrations) == len(migrations)
    assert schema.migrate(migrated, store.path, migrations) == len(migrations)
    assert migrated.execute("SELECT x FROM new_one").fetchall() == [(1,)]
    migrated.close()
    copy = store.path.with_name(f"agentops.db.v{len(migrations) - 1}.backup")
    assert mode_of(copy) == 0o600
    with SqliteStore(copy) as backup:
        assert list(backup.spans(spans[0].session_id)) == spans


def test_a_migration_that_fails_leaves_the_file_as_it_was(store: SqliteStore) -> None:
    """All of it or nothing."""
    spans = session_of(5)
    store.ingest(spans)
    store.close()
    migrations = [*read_migrations(), "CREATE TABLE new_one (x);\nINSERT INTO not_there VALUES (1);"]
    migrated = connection.connect(store.path, query_only=False)
    with pytest.raises(sqlite3.OperationalError):
        schema.migrate(migrated, store.path, migrations)
    migrated.close()
    with SqliteStore(store.path) as again:
        assert list(again.spans(spans[0].session_id)) == spans
    assert check_integrity(store.path) == "ok"


def test_a_python_whose_sqlite_is_too_old_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With both versions, before anything is made."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 31, 0))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.31.0")
    with pytest.raises(StoreError, match=r"needs SQLite 3\.34\.0 or newer; this Python has 3\.31\.0"):
        SqliteStore(path)
    assert not path.exists()


def test_every_statement_is_understood_by_sqlite(store: SqliteStore) -> None:
    """Each one in queries/ that is whole fits the schema."""
    store.close()
    checked = connection.connect(store.path, query_only=False)
    for statement in SQL.values():
        whole = statement.replace("{rows}", "(" + ", ".join("?" * _width(statement)) + ")")
        if whole.startswith(VERBS) and "{" not in whole:
            named = dict.fromkeys(re.findall(r":(\w+)", whole))
            checked.execute(f"EXPLAIN {whole}", named or [None] * whole.count("?"))
    checked.close()


def _width(statement: str) -> int:
    columns = statement.partition("(")[2].partition(")")[0]
    return columns.count(",") + 1 if statement.startswith("INSERT") else 1


def test_health_tells_what_there_is(store: SqliteStore) -> None:
    """Where, how large, how many."""
    store.ingest(session_of(3))
    health = store.health()
    assert (health.location, health.sessions, health.spans, health.schema_version, health.drops, health.unindexed) == (
        str(store.path),
        1,
        3,
        len(read_migrations()),
        [],
        3,
    )
    assert health.size > 4096


def test_closing_indexes_what_its_budget_allows(path: Path) -> None:
    """So that short programs leave a store that searches fast."""
    with SqliteStore(path, closing_budget=5) as store:
        store.ingest(session_of(30))
    with SqliteStore(path) as again:
        assert again.health().unindexed == 0


def test_the_store_indexes_itself_when_it_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a thread that then ends."""
    monkeypatch.setattr("agentops.store.sqlite.upkeep.QUIET", 0.05)
    with SqliteStore(path, closing_budget=0) as store:
        store.ingest(session_of(30))
        upkeep = store._upkeep._thread  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - to wait for it
        assert upkeep is not None
        upkeep.join(20)
        assert store.health().unindexed == 0
        store.ingest(session_of(30))
        upkeep = store._upkeep._thread  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the next one
        assert upkeep is not None
        upkeep.join(20)
        assert store.health().unindexed == 0
