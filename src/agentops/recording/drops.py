"""Frames that there was no room for: counted, and told of as soon as there is room."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from agentops.domain import wire
from agentops.domain.spans import DropRecord
from agentops.recording.frames import record_frame
from agentops.recording.guard import logger

if TYPE_CHECKING:
    from collections.abc import Callable

RETRY_SECONDS: Final = 0.25
"""How long frames of a size that there was no room for are dropped before room is looked for again."""


class Drops:
    """What one journal had to drop.

    Attributes:
        total: how many frames so far.
    """

    def __init__(self) -> None:
        self.total = 0
        self._untold = 0
        self._refused = 0
        self._retry_at = 0.0

    def add(self) -> None:
        """One more was dropped."""
        self.total += 1
        self._untold += 1

    def expects_room(self, size: int) -> bool:
        """Whether it is worth looking for room for a frame of this size."""
        return size < self._refused or time.monotonic() >= self._retry_at

    def refuse(self, size: int, error: OSError) -> None:
        """There was no room for a frame of this size."""
        if not self._untold:
            logger.warning("agentops cannot record for now: %s", error)
        self._refused = size
        self._retry_at = time.monotonic() + RETRY_SECONDS

    def frames(self, now: Callable[[], int]) -> list[bytes]:
        """What tells how many were dropped since it was last told; `now` gives Unix nanoseconds."""
        if not self._untold:
            return []
        return [record_frame(wire.encode(DropRecord(reason="journal full", count=self._untold, time=now())))]

    def clear(self) -> None:
        """They have been told of."""
        self._untold = 0
