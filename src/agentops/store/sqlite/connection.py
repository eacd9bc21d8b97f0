"""Connections to the store's file, and what SQLite's errors mean for whoever asked."""

import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from agentops.errors import StoreBusyError, StoreError, StoreFullError, StoreReadOnlyError
from agentops.store.sqlite.costs import CostSum, add_cost
from agentops.store.sqlite.histograms import Histogram, add_durations

OLDEST: Final = (3, 34, 0)
"""The first SQLite with the trigram tokenizer (https://sqlite.org/fts5.html#the_trigram_tokenizer)."""

BUSY_TIMEOUT: Final = 5.0
"""Seconds that SQLite itself waits for another process before it says that the file is locked."""

PATIENCE: Final = 60.0
"""Seconds that a commit waits for other processes before it gives up, unless the store was opened with another."""

WAL_LIMIT: Final = 16 * 1024 * 1024
"""Bytes to which the write-ahead log is cut back after a checkpoint."""

_PRIMARY: Final = 0xFF
_BUSY: Final = frozenset({5, 6})
_READ_ONLY, _INPUT_OUTPUT, _CORRUPT, _FULL, _CANNOT_OPEN, _NOT_A_DATABASE = 8, 10, 11, 13, 14, 26
_REFUSED: Final = frozenset({_READ_ONLY, _INPUT_OUTPUT, _CANNOT_OPEN})
_NO_ROOM: Final = frozenset({_INPUT_OUTPUT | 3 << 8, _INPUT_OUTPUT | 19 << 8})
"""A write that was refused (a quota, a limit of file sizes), and no room for the index of the write-ahead log."""

_ERRORS: Final = {5: StoreBusyError, 6: StoreBusyError, _READ_ONLY: StoreReadOnlyError, _FULL: StoreFullError}
_MEANINGS: Final = {
    5: "another process has kept it locked; try again",
    6: "another process has kept it locked; try again",
    _READ_ONLY: "it, or its folder, cannot be written: check who owns it",
    _INPUT_OUTPUT: "the disk refused: check that it has space left and is healthy",
    _CORRUPT: "the file is damaged: move it aside and agentops starts a new one",
    _FULL: "the disk is full: free some space, or run `agentops prune`",
    _CANNOT_OPEN: "it cannot be opened: check that its folder exists and belongs to you",
    _NOT_A_DATABASE: "the file is no agentops store: move it aside and agentops starts a new one",
}


def connect(path: Path, *, query_only: bool, patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection that any one thread at a time may use, in autocommit mode.

    Args:
        path: the file, which must be there.
        query_only: whether it is for reading.
        patience: seconds that SQLite itself waits for other processes, where that is less than its usual wait.

    Raises:
        sqlite3.Error: if the file cannot be opened.
    """
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=min(patience, BUSY_TIMEOUT),
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA temp_store = MEMORY")  # reading must work on a full disk
        connection.create_aggregate("sum_costs", 1, CostSum)  # pyright: ignore[reportArgumentType] - typeshed knows aggregates of integers only
        connection.create_aggregate("histogram", 1, Histogram)  # pyright: ignore[reportArgumentType] - likewise
        if query_only:
            connection.execute("PRAGMA query_only = 1")
        else:
            _prepare_for_writing(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare_for_writing(connection: sqlite3.Connection) -> None:
    if not connection.execute("PRAGMA page_count").fetchone()[0]:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only an empty file takes it; others would be locked
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # a commit never pays for a checkpoint
    connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
    connection.execute("PRAGMA cache_size = -8192")
    connection.create_function("add_cost", 2, add_cost, deterministic=True)
    connection.create_function("add_durations", 2, add_durations, deterministic=True)


def begin(connection: sqlite3.Connection, patience: float) -> None:
    """Begin to write, as soon as nobody else does.

    Raises:
        sqlite3.OperationalError: if others wrote for all those seconds.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() + BUSY_TIMEOUT > deadline:
                raise
        else:
            return


def _is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection was in the way, so that trying again can help."""
    return _code_of(error) in _BUSY


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """What the user is told of an error of SQLite."""
    code = _code_of(error)
    if code in _REFUSED and path.exists() and not _is_writable(path):
        code = _READ_ONLY
    elif _extended_code_of(error) in _NO_ROOM:
        code = _FULL
    meaning = _MEANINGS.get(code, "SQLite says")
    return _ERRORS.get(code, StoreError)(f"the store {path}: {meaning} ({error})")


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Errors of SQLite in the block come out as StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error


def _code_of(error: sqlite3.Error) -> int:
    return _extended_code_of(error) & _PRIMARY


def _extended_code_of(error: sqlite3.Error) -> int:
    code: Any = getattr(error, "sqlite_errorcode", None)
    return code if isinstance(code, int) else 0


def check_features() -> None:
    """Make sure that this Python's SQLite can do what the store needs.

    Raises:
        StoreError: if it is too old, or was built without full-text search or JSON.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise StoreError(f"the store needs SQLite {oldest} or newer; this Python has {sqlite3.sqlite_version}")
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5 (text, tokenize = 'trigram')")
        connection.execute("SELECT value FROM json_each('[]')")
    except sqlite3.OperationalError as error:
        raise StoreError(f"this Python's SQLite lacks what the store needs: {error}") from error
    finally:
        connection.close()
