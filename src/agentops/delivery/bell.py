"""Waking a thread that waits, from anywhere: signal handlers and finalisers included."""

import threading
from contextlib import suppress


class Bell:
    """One thread waits for it, any number ring it.

    `threading.Event` holds a lock of its own while it is set, on which a signal handler that sets it again hangs;
    here a ring is one step.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        """Wake the waiting thread, or the next that waits."""
        with suppress(RuntimeError):  # it has been rung already
            self._lock.release()

    def wait(self, timeout: float) -> bool:
        """Wait for a ring, for so many seconds at most; whether there was one."""
        return self._lock.acquire(timeout=min(max(timeout, 0.0), threading.TIMEOUT_MAX))


class Request:
    """Somebody waits for everything written so far to be delivered."""

    def __init__(self) -> None:
        self.is_met = False
        self._answered = Bell()

    def answer(self, *, is_met: bool) -> None:
        """Tell whether it was."""
        self.is_met = is_met
        self._answered.ring()

    def wait(self, timeout: float) -> bool:
        """Whether it was, as far as is known after so many seconds."""
        return self._answered.wait(timeout) and self.is_met
