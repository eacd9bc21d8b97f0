"""Connections for reading: as many as there are readers at a time, from any thread."""

import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agentops.domain.spans import SpanRecord
from agentops.store.sqlite.bodies import Stored, put_together
from agentops.store.sqlite.connection import connect, explained
from agentops.store.sqlite.removal import as_list
from agentops.store.sqlite.statements import SQL


class Readers:
    """A pool of connections that cannot write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: list[sqlite3.Connection] = []
        self._abandoned: list[sqlite3.Connection] = []

    @contextmanager
    def reading(self) -> Generator["Reading"]:
        """A consistent view of the file while the block lasts.

        Raises:
            StoreError: if the file cannot be read.
        """
        with explained(self._path):
            connection = self._take()
            try:
                connection.execute("BEGIN")
                try:
                    yield Reading(connection)
                finally:
                    connection.execute("COMMIT")
            except sqlite3.Error:
                connection.close()
                raise
            except BaseException:
                self._free.append(connection)
                raise
            self._free.append(connection)

    def _take(self) -> sqlite3.Connection:
        try:
            return self._free.pop()
        except IndexError:
            return connect(self._path, query_only=True)

    def close(self) -> None:
        """Let go of the file."""
        while self._free:
            self._free.pop().close()

    def after_fork_in_child(self) -> None:
        """What the parent holds open is its own."""
        self._abandoned, self._free = [*self._abandoned, *self._free], []


class Reading:
    """Questions to the file, all answered from the same moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, name: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """The rows that the named statement finds."""
        return self._connection.execute(SQL[name], parameters)

    def select(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """The rows that a statement finds which was put together from named ones."""
        return self._connection.execute(statement, parameters)

    def one(self, name: str, parameters: Sequence[Any] = ()) -> Any:
        """The first row that the named statement finds, or None."""
        return self.rows(name, parameters).fetchone()

    def counter(self, name: str) -> int:
        """Where a counter stands."""
        return dict(self.rows("read_counters").fetchall()).get(name, 0)

    def messages(self, mids: set[int]) -> dict[int, tuple[str, bytes]]:
        """Messages and tool definitions by row: their kind and their JSON."""
        return {mid: (kind, body) for mid, kind, body in self.rows("read_messages", (as_list(mids),))}

    def whole(self, rows: list[Stored]) -> list[SpanRecord]:
        """Spans with their messages."""
        return put_together(rows, self.messages)
