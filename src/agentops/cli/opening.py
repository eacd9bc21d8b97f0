"""The store of this machine, with what dead processes left behind taken in."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agentops.cli import settings
from agentops.delivery.adoption import adopt
from agentops.store.protocol import Store
from agentops.store.sqlite import SqliteStore

STORE_FILE = "agentops.db"
_BETWEEN = 2.0


def directory() -> Path:
    """The folder in which sessions are kept."""
    return settings.load().directory


@contextmanager
def reading(*, adopting: bool = True) -> Generator[Store]:
    """The store; what processes that are gone left in their journals is taken in first.

    Raises:
        StoreError: if it cannot be opened.
    """
    with SqliteStore(directory() / STORE_FILE) as store:
        if adopting:
            adopt(directory(), store)
        yield store


class Adopting:
    """Takes in what processes leave behind while a command goes on reading."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last = time.monotonic()

    def from_time_to_time(self) -> None:
        """Look for such processes, if the last look was a while ago."""
        if time.monotonic() - self._last >= _BETWEEN:
            adopt(directory(), self._store)
            self._last = time.monotonic()
