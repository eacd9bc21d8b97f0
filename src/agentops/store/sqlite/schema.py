"""Bringing a file to the newest schema, from an empty one or an older one."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from glob import escape
from pathlib import Path

from agentops.errors import NewerStoreError
from agentops.store.sqlite.connection import PATIENCE, begin, connect
from agentops.store.sqlite.files import make_private
from agentops.store.sqlite.statements import SQL, read_migrations


def version_of(connection: sqlite3.Connection) -> int:
    """The number of the newest migration a file has been through; 0 for an empty file.

    Raises:
        sqlite3.Error: if the file is no store.
    """
    if not connection.execute(SQL["find_tables"]).fetchone()[0]:
        return 0
    return int(connection.execute(SQL["read_version"]).fetchone()[0])


def migrate(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[str] | None = None, *, patience: float = PATIENCE
) -> int:
    """Apply the migrations that a file lacks, all or none; the version it then has.

    A file with data is first copied to `<name>.v<version>.backup` beside it, and copies of earlier versions go. Several
    processes may do this at once: one does the work and the others wait, for `patience` seconds at most.

    Raises:
        NewerStoreError: if the file has been through migrations that this agentops does not know.
        sqlite3.Error: if the file cannot be changed; it is then as it was.
    """
    scripts = read_migrations() if migrations is None else migrations
    if _checked_version(connection, path, len(scripts)) == len(scripts):
        return len(scripts)
    begin(connection, patience)
    try:
        version = _checked_version(connection, path, len(scripts))
        if 0 < version < len(scripts):
            back_up(path, version)
        for script in scripts[version:]:
            for statement in statements_of(script):
                connection.execute(statement)
        connection.execute(SQL["clear_version"])
        connection.execute(SQL["set_version"], (len(scripts),))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if version:
        forget_backups(path, but=version)
    return len(scripts)


def _checked_version(connection: sqlite3.Connection, path: Path, newest: int) -> int:
    version = version_of(connection)
    if version > newest:
        raise NewerStoreError(
            f"the store {path} was written by a newer agentops (its schema is {version}, this one knows {newest}): "
            "upgrade agentops, or point AGENTOPS_DIR elsewhere"
        )
    return version


def back_up(path: Path, version: int) -> Path:
    """Copy the store beside itself, compacted, and say where to; a copy of that version is replaced.

    Whoever looks finds a whole copy or none.

    Raises:
        sqlite3.Error: if there is no room for it.
        StoreError: likewise.
    """
    copy = _backup_of(path, str(version))
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    make_private(unfinished)
    try:
        reader = connect(path, query_only=False)
        try:
            reader.execute(SQL["back_up"], (str(unfinished),))
        finally:
            reader.close()
        unfinished.replace(copy)
    finally:
        unfinished.unlink(missing_ok=True)
    return copy


def forget_backups(path: Path, *, but: int) -> None:
    """Remove the copies that earlier migrations made, but the one of a version."""
    kept = _backup_of(path, str(but))
    for copy in path.parent.glob(_backup_of(Path(escape(path.name)), "*").name):
        if copy != kept:
            with suppress(OSError):  # an old copy does no harm
                copy.unlink()


def _backup_of(path: Path, version: str) -> Path:
    return path.with_name(f"{path.name}.v{version}.backup")


def statements_of(script: str) -> Iterator[str]:
    """The single statements of a script."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
