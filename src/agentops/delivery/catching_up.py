"""What processes before could not deliver, delivered by this one."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from agentops.delivery.adoption import catch_up
from agentops.delivery.destination import DeliveryError, Destination
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence
    from pathlib import Path

    from agentops.domain.spans import Record


class Elsewhere(Destination, Protocol):
    """A destination that may give up on spans."""

    @property
    def dropped(self) -> int:
        """How many spans it never took."""
        ...


class CatchingUp:
    """A destination elsewhere that, once it gets through, also delivers what processes before could not."""

    BETWEEN = 60.0
    """Seconds from one look for journals of others to the next."""

    def __init__(
        self, outlet: Elsewhere, directory: Path, adopting: threading.Lock, *, tells_ends: bool = False
    ) -> None:
        """`tells_ends`: it is also told what processes left running."""
        self._tells_ends = tells_ends
        self.name = outlet.name
        self._outlet = outlet
        self._directory = directory
        self._adopting = adopting
        self._looked_at = -self.BETWEEN
        self._is_refused = False

    def deliver(self, records: Sequence[Record]) -> None:
        """Deliver these, and then what is left of others.

        Raises:
            DeliveryError: if these could not be delivered.
        """
        self._is_refused = True
        self._outlet.deliver(records)
        self._is_refused = False
        if time.monotonic() - self._looked_at > self.BETWEEN:
            self._looked_at = time.monotonic()
            self._catch_up(0.0)

    def _catch_up(self, patience: float) -> None:
        """Take what others left, unless our own store is at it for longer than so many seconds."""
        if self._adopting.acquire(timeout=patience):
            try:
                with guarded("delivering what earlier processes could not"), suppress(DeliveryError):
                    catch_up(self._directory, self._outlet, tells_ends=self._tells_ends)
            finally:
                self._adopting.release()

    @property
    def dropped(self) -> int:
        """How many records it never took."""
        return self._outlet.dropped

    def close(self, timeout: float) -> None:
        """Deliver what is left of others, while there is time, and let go of the destination."""
        if not self._is_refused and timeout > 0:
            self._catch_up(timeout / 2)
        self._outlet.close(timeout)
