"""Brings what is recorded from the journal to its destinations, behind the program's back."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from agentops.delivery.destination import Destination
from agentops.delivery.lane import Lane, Reader
from agentops.delivery.pricing import price_call
from agentops.domain.metrics import Delivery
from agentops.domain.spans import SpanRecord


class Shipper:
    """Delivers to several destinations, each at its own pace: none holds up another, nor the program."""

    def __init__(
        self,
        open_reader: Callable[[str], Reader],
        destinations: Sequence[Destination],
        *,
        interval: float = 1.0,
        price: Callable[[SpanRecord], None] = price_call,
    ) -> None:
        """Nothing happens before `start`.

        Args:
            open_reader: opens the journal for the cursor of this name.
            destinations: where everything recorded goes, with distinct names.
            interval: seconds between two looks into the journal.
            price: puts the cost on a model call that has none.
        """
        self._interval = interval
        self._price = price
        self._lay(open_reader, destinations)

    def _lay(self, open_reader: Callable[[str], Reader], destinations: Sequence[Destination]) -> None:
        self._open_reader = open_reader
        self._lanes = [self._lane_to(destination) for destination in destinations]

    def _lane_to(self, destination: Destination) -> Lane:
        return Lane(destination, self._open_reader, interval=self._interval, price=self._price)

    def start(self) -> None:
        """Begin to deliver."""
        for lane in self._lanes:
            lane.take_place()
        for lane in self._lanes:
            lane.start()

    def add(self, destination: Destination) -> None:
        """Deliver to one more destination, from what the journal still holds on; its name is to be a new one."""
        lane = self._lane_to(destination)
        lane.take_place()
        lane.start()
        self._lanes = [*self._lanes, lane]

    @property
    def names(self) -> list[str]:
        """Of the destinations."""
        return [lane.destination.name for lane in self._lanes]

    def wake(self) -> None:
        """There is something worth delivering before the interval is over; may be called from anywhere."""
        for lane in self._lanes:
            lane.wake()

    def flush(self, timeout: float) -> bool:
        """Deliver what was recorded so far; whether every destination has it within so many seconds.

        A destination that fails now is not waited for: what it lacks stays in the journal.
        """
        deadline = time.monotonic() + timeout
        requests = [lane.ask() for lane in self._lanes]
        met = [request.wait(deadline - time.monotonic()) for request in requests]
        return all(met)

    def figures(self, directory: Path, end: tuple[int, int]) -> tuple[Delivery, ...]:
        """How far each destination has come in a journal that is written up to a position."""
        return tuple(lane.figures(directory, end) for lane in self._lanes)

    @property
    def running(self) -> int:
        """Spans that go on, as far as they have been read for the first destination."""
        return self._lanes[0].running if self._lanes else 0

    def stop(self, timeout: float) -> bool:
        """Deliver what is left and end; whether every destination has everything.

        Takes so many seconds at most. A destination that hangs is abandoned, and what it lacks stays in the journal.
        """
        deadline = time.monotonic() + timeout
        for lane in self._lanes:
            lane.finish(deadline)
        drained = [lane.wait(deadline) for lane in self._lanes]
        return all(drained)

    def after_fork(self, open_reader: Callable[[str], Reader], destinations: Sequence[Destination]) -> None:
        """This is a child process: forget the parent's threads, and deliver from a journal of its own once started."""
        self._lay(open_reader, destinations)
