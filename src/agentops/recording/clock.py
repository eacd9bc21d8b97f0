"""Unix nanoseconds that never run backwards within a process and that nobody's patched `time` can bend."""

import time
from collections.abc import Callable

_READERS = {"monotonic": time.perf_counter_ns, "wall": time.time_ns}
# Kept in a mapping: tools that freeze time replace the module attributes that are these functions.

_LARGEST_DRIFT = 1_000_000_000


class Clock:
    """The wall clock, read once and carried on by the monotonic one, so durations are right through clock steps.

    The hot path adds `read()` and `offset` itself; everybody else calls `now`.
    """

    __slots__ = ("offset", "read")

    def __init__(self, read: Callable[[], int] | None = None, *, offset: int | None = None) -> None:
        self.read = read or _READERS["monotonic"]
        self.offset = _READERS["wall"]() - self.read() if offset is None else offset

    def now(self) -> int:
        """Unix nanoseconds."""
        return self.read() + self.offset

    def realign(self) -> None:
        """Follow the wall clock where it has left ours by more than a second (a suspend, a step)."""
        offset = _READERS["wall"]() - self.read()
        if abs(offset - self.offset) > _LARGEST_DRIFT:
            self.offset = offset
