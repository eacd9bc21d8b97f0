"""The store on this machine as a destination."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from agentops.delivery.destination import DeliveryError
from agentops.domain.spans import Record
from agentops.errors import StoreError
from agentops.store.protocol import Store

LOCAL: Final = "local"
"""The name of its cursor."""

_CLOSING_TIME: Final = 0.25
"""Seconds without which the store is not closed properly: the process ends and nothing is lost."""


class LocalDestination:
    """Keeps records in a store, under the name of the journal they come from."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        journal: str,
        take_leave: Callable[[Store, float], None] = lambda _store, _until: None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            open_store: called when there is something to keep, on the delivering thread.
            journal: the name of the journal.
            take_leave: called with the store before it is closed, and with the moment of the monotonic clock by which
                it should be done.
        """
        self.name = LOCAL
        self._open_store = open_store
        self._journal = journal
        self._take_leave = take_leave
        self._store: Store | None = None

    def deliver(self, records: Sequence[Record]) -> None:
        """Commit records to the store.

        Raises:
            DeliveryError: if the store cannot be opened or written.
        """
        try:
            if self._store is None:
                self._store = self._open_store()
            self._store.ingest(records, journal=self._journal)
        except StoreError as error:
            raise DeliveryError(str(error)) from error

    def close(self, timeout: float) -> None:
        """The process ends: what it left running was interrupted. Let go of the store, where there is time for it."""
        store, self._store = self._store, None
        until = time.monotonic() + timeout - _CLOSING_TIME
        if store is not None and timeout > _CLOSING_TIME:
            with suppress(StoreError):
                store.interrupt(self._journal, at=time.time_ns())
            self._take_leave(store, until)
            store.close()
