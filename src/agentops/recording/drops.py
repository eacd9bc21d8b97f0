"""Frames that there was no room for: counted in the segment they would have followed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from agentops.recording.guard import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.recording.segment import Segment

RETRY_SECONDS: Final = 0.25
"""How long frames of a size that there was no room for are dropped before room is looked for again."""


class Drops:
    """What one journal had to drop.

    Attributes:
        total: how many frames so far.
    """

    def __init__(self) -> None:
        self.total = 0
        self._here = 0
        self._refused = 0
        self._retry_at = 0.0

    @property
    def is_untold(self) -> bool:
        """Whether there are some that readers do not learn of before the segment ends."""
        return self._here > 0

    def expects_room(self, size: int) -> bool:
        """Whether it is worth looking for room for a frame of this size."""
        return size < self._refused or time.monotonic() >= self._retry_at

    def refuse(self, size: int, error: OSError) -> None:
        """There was no room for a frame of this size; the log says so once."""
        if not self.total:
            logger.warning("agentops cannot record for now: %s", error)
        self._refused = size
        self._retry_at = time.monotonic() + RETRY_SECONDS

    def add(self, segment: Segment | None, now: Callable[[], int]) -> None:
        """One more was dropped behind a segment; `now` gives Unix nanoseconds."""
        self.total += 1
        self._here += 1
        self._tell(segment, now)

    def move(self, previous: Segment | None, segment: Segment, now: Callable[[], int]) -> None:
        """What is dropped from now on is dropped behind another segment."""
        if previous is not None:
            self._here = 0
        self._tell(segment, now)

    def _tell(self, segment: Segment | None, now: Callable[[], int]) -> None:
        if segment is not None and self._here:
            segment.tell_drops(self._here, now())
