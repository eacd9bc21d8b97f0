"""The journal of this process, tended to where it is read for delivery: off the hot path."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops.recording.guard import guarded
from agentops.recording.reading import JournalReader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agentops.domain.spans import Record


class Attendants(NamedTuple):
    """What is done where a journal is read.

    Attributes:
        tend: called each time before somebody looks into it, on any delivering thread.
        watch: told of all records, once, whoever they are read for.
    """

    tend: Callable[[], None]
    watch: Callable[[Sequence[Record]], None]


class TendedReader(JournalReader):
    """Reads this process's own journal, and does for it what is better done off the hot path."""

    def __init__(self, directory: Path, cursor: str, attendants: Attendants, *, is_first: bool) -> None:
        """`is_first`: whether it is by this reader that what is read is watched."""
        super().__init__(directory, cursor)
        self._attendants = attendants
        self._is_first = is_first

    def read(self, limit: int = 4096) -> Sequence[Record]:
        """Tend to the journal, then read on."""
        with guarded("tending to the journal"):
            self._attendants.tend()
        records = self.read_on(limit)
        if self._is_first:
            with guarded("watching what was recorded"):
                self._attendants.watch(records)
        return records

    def read_on(self, limit: int) -> Sequence[Record]:
        """The next records."""
        return super().read(limit)
