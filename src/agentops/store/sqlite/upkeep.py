"""What the store does for itself while nobody writes: index, and empty the write-ahead log."""

import contextvars
import threading
import time
from typing import Final

from agentops.errors import StoreError
from agentops.store.sqlite.indexing import index_slice
from agentops.store.sqlite.writer import Writer

QUIET: Final = 2.0
"""Seconds without a write after which the store turns to itself."""

BACKLOG_PATIENCE: Final = 30.0
"""Seconds after which a store that is never quiet indexes a slice in between."""

_PACE: Final = 2_500
"""Records between two looks, beyond which a store that keeps up lets writers have all the time there is."""

_SHARE: Final = 0.1
"""Seconds that a store that keeps up indexes between two looks."""

_BREATH: Final = 0.005
"""Seconds between two slices, in which others get to write."""


class Upkeep:
    """A thread that lives only while there is something to do.

    With `keeps_up` it indexes while others write too, as long as that is not too much.
    """

    def __init__(self, writer: Writer, *, keeps_up: bool = False) -> None:
        self._writer = writer
        self._keeps_up = keeps_up
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._alive = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._last_write = 0.0
        self._noted = 0

    def note_write(self, records: int) -> None:
        """So many records were written: see to them once it is quiet."""
        self._last_write = time.monotonic()
        self._noted += records
        if self._stopping.is_set() or not self._alive.acquire(blocking=False):
            return
        thread = threading.Thread(
            target=contextvars.Context().run, args=(self._run,), name="agentops-upkeep", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # no threads left, or the interpreter is ending: another process will index
            self._alive.release()
        else:
            self._thread = thread

    def _run(self) -> None:
        try:
            last_slice = time.monotonic()
            while not self._stopping.wait(QUIET / 4):
                now = time.monotonic()
                noted, self._noted = self._noted, 0
                if self._is_quiet():
                    if self.index(QUIET):
                        self._writer.checkpoint()
                        return
                elif self._keeps_up and noted < _PACE:
                    self.index(_SHARE)
                elif now - last_slice > BACKLOG_PATIENCE:
                    last_slice = now
                    self._writer.write(index_slice)
        except StoreError:  # whoever writes next is told; what is not indexed is found by reading it
            return
        finally:
            self._alive.release()

    def _is_quiet(self) -> bool:
        return time.monotonic() - self._last_write > QUIET

    def index(self, budget: float) -> bool:
        """Index for about so many seconds; whether everything is.

        Raises:
            StoreError: if the file cannot be written.
        """
        deadline = time.monotonic() + budget
        while self._writer.write(index_slice):
            if time.monotonic() >= deadline or self._stopping.wait(_BREATH):
                return False
        return True

    def stop(self) -> None:
        """End the thread; it is not waited for longer than a slice takes."""
        self._stopping.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=1.0)

    def after_fork_in_child(self) -> None:
        """The thread stayed behind."""
        self._begin_anew()
