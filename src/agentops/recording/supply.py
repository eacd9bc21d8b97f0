"""Where a journal's segments come from: within its limit, and one ahead."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from agentops.recording.segment import SUFFIX, Segment

if TYPE_CHECKING:
    import threading
    from pathlib import Path

FIRST_SEGMENT: Final = 256 << 10
LATER_SEGMENT: Final = 4 << 20
SPARE_NAME: Final = "spare"
NEXT_NAME: Final = "next"


class Supply:
    """Makes segments; the caller sees to it that one thread at a time takes them.

    Attributes:
        directory: where.
        limit: bytes that all of a journal's segments may take together.
    """

    def __init__(self, directory: Path, limit: int) -> None:
        self.directory = directory
        self.limit = limit
        self._spare: Segment | None = None
        self._closed = False

    def take(self, needed: int, *, wanted: int = LATER_SEGMENT) -> Segment:
        """A segment with room for so many bytes, of the wanted size if there is room for it.

        Raises:
            OSError: if there is no room for one.
        """
        spare, self._spare = self._spare, None
        if spare is not None:
            if spare.size >= needed:
                return spare
            spare.discard()
        room = self.limit - self.size
        if needed > room:
            raise OSError(f"the journal has reached its limit of {self.limit} bytes")
        with suppress(OSError):
            return Segment(self.directory / NEXT_NAME, max(needed, min(wanted, room)))
        return Segment(self.directory / NEXT_NAME, max(needed, min(FIRST_SEGMENT, room)))

    def prepare(self, lock: threading.RLock) -> None:
        """Have a segment ready; `lock` is held where that concerns those who take them. One thread at a time.

        Raises:
            OSError: if there is no room for one.
        """
        with lock:
            if self._spare is not None or self._closed or self.size + LATER_SEGMENT > self.limit:
                return
            spare = Segment(self.directory / SPARE_NAME, LATER_SEGMENT)
        spare.touch()
        with lock:
            if self._closed:
                spare.discard()
            else:
                self._spare = spare

    @property
    def size(self) -> int:
        """Bytes that the segments take."""
        total = 0
        with os.scandir(self.directory) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX) or entry.name in (SPARE_NAME, NEXT_NAME):
                    with suppress(FileNotFoundError):  # read to its end and deleted meanwhile
                        total += entry.stat().st_size
        return total

    def close(self) -> None:
        """Make no more, and let go of the one that is ready; its file stays, as it may be the parent's."""
        self._closed = True
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.map.close()
