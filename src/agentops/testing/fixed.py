"""Ids that count and a clock that ticks, so that a test can say what it expects."""

from collections.abc import Callable
from itertools import count
from typing import Final

from agentops.recording.clock import Clock

EPOCH: Final = 1_767_225_600_000_000_000
"""2026-01-01T00:00:00Z in Unix nanoseconds."""

MILLISECOND: Final = 1_000_000


class CountingIds:
    """Random bits that are not random: 1, 2, 3 and so on, for spans (64 bits) and sessions (128 bits) apart."""

    def __init__(self) -> None:
        self._counts = {64: count(1), 128: count(1)}

    def __call__(self, bits: int) -> int:
        """The next number for ids of this many bits, 64 or 128."""
        return next(self._counts[bits])


def ticking_clock(start: int = EPOCH, step: int = MILLISECOND) -> Clock:
    """A clock that shows `start` first and then `step` more at each reading (Unix nanoseconds)."""
    return Clock(count(start, step).__next__, offset=0)


Ids = Callable[[int], int]
"""Gives that many random bits, as `random.getrandbits` does."""
