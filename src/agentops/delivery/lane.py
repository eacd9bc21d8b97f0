"""The way from the journal to one destination, on a thread of its own."""

import contextvars
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final, Protocol

from agentops.delivery.backoff import delay_after
from agentops.delivery.bell import Bell, Request
from agentops.delivery.destination import DeliveryError, Destination
from agentops.delivery.excerpts import Excerpt
from agentops.delivery.progress import Progress, pending_between
from agentops.domain.metrics import Delivery
from agentops.domain.spans import Record, SpanRecord
from agentops.errors import JournalError
from agentops.recording.context import suppressed
from agentops.recording.guard import FAILURES, guarded

BATCH: Final = 1024
"""Records offered at a time."""

_IDLE_PASSES: Final = 20
_LONGEST_PAUSE: Final = 4
"""Intervals between two looks, after many in vain."""


class Reader(Protocol):
    """One cursor's way through a journal: `recording.reading.JournalReader`."""

    exhausted: bool

    @property
    def running(self) -> int:
        """Spans that began in what was read, and did not end in it."""
        ...

    @property
    def committed(self) -> tuple[int, int]:
        """Up to where everything is safe elsewhere."""
        ...

    def read(self, limit: int = ...) -> Sequence[Record]:
        """The next records."""
        ...

    def commit(self) -> None:
        """What was read is safe elsewhere."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class Lane:
    """Reads the journal with a cursor of its own and hands what it finds to one destination."""

    def __init__(
        self,
        destination: Destination,
        open_reader: Callable[[str], Reader],
        *,
        interval: float,
        price: Callable[[SpanRecord], None],
    ) -> None:
        """See `Shipper`."""
        self.destination = destination
        self.progress = Progress()
        self._open_reader = open_reader
        self._interval = interval
        self._price = price
        self._reader: Reader | None = None
        self._batch: Sequence[Record] = ()
        self._bell = Bell()
        self._requests: deque[Request] = deque()
        self._finished = Bell()
        self._deadline: float | None = None
        self._thread: threading.Thread | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._idle = 0
        self._chance = Random(os.urandom(8))  # noqa: S311 - spreads retries; the program's own `random` stays untouched
        self.is_drained = False

    def take_place(self) -> None:
        """Take a place in the journal, so that nothing is deleted from it before this destination has it."""
        with suppress(OSError, JournalError):  # tried again with every delivery
            self._reader = self._reader or self._open_reader(self.destination.name)

    def start(self) -> None:
        """Begin; where no thread can be had, `finish` does the work."""
        thread = threading.Thread(
            target=contextvars.Context().run,
            args=(self._run,),
            name=f"agentops-{self.destination.name}",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError:  # none left, or the interpreter is ending
            return
        self._thread = thread

    def wake(self) -> None:
        """There may be something to deliver."""
        self._bell.ring()

    def ask(self) -> Request:
        """Ask for everything written so far to be delivered, now."""
        request = Request()
        if self._thread is None:
            contextvars.Context().run(self._serve_inline, request)
        elif not self._thread.is_alive() or self._thread is threading.current_thread():
            request.answer(is_met=self.is_drained)
        else:
            self._requests.append(request)
            self._bell.ring()
        return request

    def finish(self, deadline: float) -> None:
        """Deliver what is left until a moment of the monotonic clock, then end."""
        self._deadline = deadline
        if self._thread is None:
            contextvars.Context().run(self._run)
        else:
            self._bell.ring()

    def wait(self, deadline: float) -> bool:
        """Whether it ended with everything delivered before a moment of the monotonic clock."""
        ended = self._finished.wait(deadline - time.monotonic())
        return ended and self.is_drained

    def _serve_inline(self, request: Request) -> None:
        self._requests.append(request)
        with suppressed():
            self._turn()

    def _run(self) -> None:
        with suppressed():
            while self._deadline is None:
                self._bell.wait(self._pause())
                if self._deadline is None:
                    self._turn()
            self._turn()
            with guarded("closing a destination"):
                self._close(max(0.0, self._deadline - time.monotonic()))
        self._finished.ring()

    def _pause(self) -> float:
        if self._failures:
            return max(0.0, self._retry_at - time.monotonic())
        return self._interval * min(_LONGEST_PAUSE, 1 + self._idle // _IDLE_PASSES)

    def _turn(self) -> None:
        """Deliver, unless the destination is to be left alone and nobody asks for it."""
        requests = [self._requests.popleft() for _ in range(len(self._requests))]
        is_asked = bool(requests) or self._deadline is not None
        self.is_drained = False
        try:
            if is_asked or time.monotonic() >= self._retry_at:
                with guarded(f"delivering to {self.destination.name}"):
                    self.is_drained = self._deliver_all()
        finally:
            for request in requests:
                request.answer(is_met=self.is_drained)

    def _deliver_all(self) -> bool:
        """Hand over everything written; whether the destination has it all."""
        self._postpone()  # until it went well
        try:
            reader = self._reader or self._open_reader(self.destination.name)
            self._reader = reader
            is_drained, delivered = self._deliver_from(reader)
        except FAILURES as error:
            self.progress.fail(error)
            if isinstance(error, DeliveryError) and error.retry_after is not None:
                self._retry_at = time.monotonic() + delay_after(self._failures, self._chance, error.retry_after)
            if not isinstance(error, DeliveryError | OSError | JournalError):
                raise
            return False
        self._failures, self._retry_at = 0, 0.0
        self._idle = 0 if delivered else self._idle + 1
        self.progress.succeed(is_complete=is_drained)
        return is_drained

    def _postpone(self) -> None:
        self._failures += 1
        self._retry_at = time.monotonic() + delay_after(self._failures, self._chance)

    def _deliver_from(self, reader: Reader) -> tuple[bool, bool]:
        delivered = False
        while True:
            if not self._batch:
                self._batch = self._read(reader)
                if not self._batch:
                    return reader.exhausted, delivered
            self.destination.deliver(self._batch)
            self.progress.deliver(len(self._batch))
            self._batch = ()
            reader.commit()
            delivered = True
            if reader.exhausted:
                return True, delivered
            if self._deadline is not None and time.monotonic() > self._deadline:
                return False, delivered

    def figures(self, directory: Path, end: tuple[int, int]) -> Delivery:
        """How far it has come in a journal that is written up to a position."""
        reader = self._reader
        pending = None if reader is None else pending_between(directory, reader.committed, end)
        return self.progress.figures(self.destination, pending)

    @property
    def running(self) -> int:
        """Spans that go on, as far as it has read."""
        return 0 if self._reader is None else self._reader.running

    def _read(self, reader: Reader) -> Sequence[Record]:
        records = reader.read(BATCH)
        for record in () if isinstance(records, Excerpt) else records:  # a collector that reads those prices them
            if isinstance(record, SpanRecord) and record.response is not None and record.cost is None:
                with guarded("pricing a call"):
                    self._price(record)
        return records

    def _close(self, timeout: float) -> None:
        if self._reader is not None:
            self._reader.close()
        self.destination.close(timeout)
