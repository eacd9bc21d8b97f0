"""A journal that is made when something is first written: a forked child may end or be replaced before it records."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from agentops.recording.guard import guarded
from agentops.recording.segment import write_nowhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.domain.journal.frames import Template
    from agentops.recording.clock import Clock
    from agentops.recording.journal import Journal


class LateJournal:
    """Stands in for a journal until the first frame comes.

    Attributes:
        dropped: frames dropped because no journal can be had.
    """

    def __init__(self, make: Callable[[], Journal | None]) -> None:
        """`make` puts the real journal in our place and gives it back, or None where none can be had."""
        self.write: Callable[[bytes], int] = write_nowhere
        self.dropped = 0
        self._make = make
        self._lock = threading.RLock()
        self._made: Journal | None = None
        self._is_asked = False
        self._is_made = False
        self._waiting: deque[bytes] = deque()

    def define(self, template: Template) -> None:
        """Nothing yet: the real journal is told of every template when it is made."""

    def use_clock(self, clock: Clock) -> None:
        """Nothing yet."""

    def append(self, frame: bytes) -> None:
        """Make the journal and append to it."""
        self.append_further(frame)

    def append_further(self, frame: bytes) -> None:
        """Make the journal and append to it; where none can be had, the frame is dropped and counted.

        What is recorded by whatever interrupts the making waits for it.
        """
        self._waiting.append(frame)
        with self._lock:
            if not self._is_asked:
                self._is_asked = True
                try:
                    with guarded("making a journal"):
                        self._made = self._make()
                finally:
                    self._is_made = True
            while self._is_made and self._waiting:
                waiting = self._waiting.popleft()
                if self._made is None:
                    self.dropped += 1
                else:
                    self._made.append(waiting)

    def prepare(self) -> None:
        """Nothing to prepare."""

    def end(self) -> None:
        """Nothing to end."""

    def close(self) -> None:
        """Nothing to close."""

    def abandon(self) -> None:
        """Nothing to let go of."""
