"""One write transaction, and what is remembered from one to the next."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

from agentops.store.sqlite.statements import SQL, spread

ROWS_AT_ONCE: Final = 128
"""Rows in one statement: SQLite gives up Python's lock once for them all, not once a row."""

_MEMORY_LIMIT: Final = 50_000

LAST_SPAN: Final = "last_span"
LAST_MESSAGE: Final = "last_message"
LAST_LOG: Final = "last_log"
LAST_SESSION: Final = "last_session"
LAST_REVISION: Final = "last_revision"
INDEXED_SPAN: Final = "indexed_span"
INDEXED_MESSAGE: Final = "indexed_message"
INDEXED_LOG: Final = "indexed_log"
DELETIONS: Final = "deletions"
PROOFS: Final = "proofs"


class Memory:
    """What earlier transactions of this process learned; wrong as soon as somebody deletes something.

    Attributes:
        messages: the row of each message by its hash.
        holders: since when a session (by its row) holds which messages (by theirs).
        journals: the row of each journal by its name.
        deletions: how many deletions the file had seen when this was learned.
    """

    def __init__(self, deletions: int = 0) -> None:
        self.messages: dict[bytes, int] = {}
        self.holders: dict[int, dict[int, int]] = {}
        self.journals: dict[str, int] = {}
        self.deletions = deletions
        self._held = 0

    def held_by(self, sid: int) -> dict[int, int]:
        """Since when a session holds which messages."""
        held = self.holders.get(sid)
        if held is None:
            held = self.holders[sid] = {}
        return held

    def note_held(self, count: int) -> None:
        """So many messages have come to be held."""
        self._held += count

    def is_full(self) -> bool:
        """Whether it has grown beyond what it is worth."""
        return max(len(self.messages), len(self.holders), self._held) > _MEMORY_LIMIT


class Transaction:
    """A write transaction under way: the connection, the counters, and what is remembered."""

    def __init__(self, connection: sqlite3.Connection, memory: Memory | None) -> None:
        self.connection = connection
        self.counters: dict[str, int] = dict(connection.execute(SQL["read_counters"]).fetchall())
        self._stored = dict(self.counters)
        deletions = self.counters.get(DELETIONS, 0)
        stale = memory is None or memory.deletions != deletions or memory.is_full()
        self.memory = Memory(deletions) if stale or memory is None else memory

    def run(self, name: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Execute the named statement."""
        return self.connection.execute(SQL[name], parameters)

    def run_each(self, name: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute the named statement once for each row."""
        self.connection.executemany(SQL[name], rows)

    def run_rows(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute the named statement over many rows of values at once."""
        for _ in self.select_rows(name, rows):
            pass

    def select_rows(self, name: str, rows: Sequence[Sequence[Any]]) -> Iterable[Any]:
        """What the named statement finds for many rows of values."""
        start, count = 0, len(rows)
        while start < count:
            size = ROWS_AT_ONCE
            while size > count - start:
                size //= 2
            part = rows[start : start + size]
            statement = spread(name, len(part[0]), size)
            yield from self.connection.execute(statement, list(chain.from_iterable(part)))
            start += size

    def next_number(self, counter: str) -> int:
        """The next number of a counter; none is handed out twice."""
        number = self.counters.get(counter, 0) + 1
        self.counters[counter] = number
        return number

    def counter(self, name: str) -> int:
        """Where a counter stands."""
        return self.counters.get(name, 0)

    def journal(self, name: str | None) -> int:
        """The row of a journal; 0 where none is named."""
        if name is None:
            return 0
        known = self.memory.journals.get(name)
        if known is None:
            self.run("add_journal", (name,))
            known = int(self.run("find_journal", (name,)).fetchone()[0])
            self.memory.journals[name] = known
        return known

    def forget(self) -> None:
        """Something was deleted: whatever any process remembers of rows is not to be trusted."""
        self.memory = Memory(self.next_number(DELETIONS))

    def finish(self) -> None:
        """Write the counters that moved."""
        changed = [(name, value) for name, value in self.counters.items() if self._stored.get(name) != value]
        self.run_each("write_counter", changed)
