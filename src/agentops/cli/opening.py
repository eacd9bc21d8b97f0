"""The store of this machine, with what dead processes left behind taken in."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agentops.cli import settings
from agentops.cli.prices import put_in_use
from agentops.delivery.adoption import Adopted, adopt
from agentops.delivery.pricing import price_call
from agentops.domain.spans import SpanRecord
from agentops.store import LOCAL_STORE
from agentops.store.protocol import Store
from agentops.store.sqlite import SqliteStore

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
    folder = directory()
    with SqliteStore(folder / LOCAL_STORE) as store:
        if adopting:
            taking_in(folder, store)
        yield store


def taking_in(folder: Path, store: Store) -> Adopted:
    """Bring what dead processes left in a folder's journals into the store."""
    return adopt(folder, store, price=_price)


def _price(record: SpanRecord) -> None:
    """Price a call as the program that made it would have."""
    put_in_use()
    price_call(record)


class Adopting:
    """Takes in what processes leave behind while a command goes on reading."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = directory()
        self._last = time.monotonic()

    def from_time_to_time(self) -> None:
        """Look for such processes, if the last look was a while ago."""
        if time.monotonic() - self._last >= _BETWEEN:
            taking_in(self._folder, self._store)
            self._last = time.monotonic()
