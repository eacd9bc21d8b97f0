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

_BREATH: Final = 0.005
"""Seconds between two slices, in which others get to write."""


class Upkeep:
    """A thread that lives only while there is something to do."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._alive = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._last_write = 0.0

    def note_write(self) -> None:
        """Something was written: see to it once it is quiet."""
        self._last_write = time.monotonic()
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
                if self._is_quiet():
                    if self.index(QUIET):
                        self._writer.checkpoint()
                        return
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
