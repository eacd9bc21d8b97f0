"""Copies of a file of SQLite's that others go on writing."""

import sqlite3
from pathlib import Path

from agentops.errors import StoreError
from agentops.store.sqlite.connection import connect, explained
from agentops.store.sqlite.files import make_private


def copy_file(source: Path, target: Path) -> int:
    """Copy a file as it is at one moment, for its owner only; its size in bytes.

    Nobody who writes meanwhile waits. The copy has no log beside it, and SQLite has gone through all of it.

    Raises:
        StoreError: if it cannot be read or written, or is damaged; no copy is left then.
    """
    if target.exists():
        raise StoreError(f"{target} is there already: a copy never replaces anything")
    make_private(target)
    source, target = source.absolute(), target.absolute()
    try:
        with explained(source):
            _copy(source, target)
        _check(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    reader = connect(source, query_only=True)
    try:
        writer = sqlite3.connect(target)
        try:
            reader.backup(writer)  # all at once: it reads one state, whoever writes
            writer.execute("PRAGMA journal_mode = DELETE")
        finally:
            writer.close()
    finally:
        reader.close()


def _check(path: Path) -> None:
    with explained(path):
        connection = connect(path, query_only=True)
        try:
            found = [text for (text,) in connection.execute("PRAGMA integrity_check(5)")]
        finally:
            connection.close()
    if found != ["ok"]:
        raise StoreError(f"the copy {path} is damaged, and so is what was copied: {'; '.join(found)}")
