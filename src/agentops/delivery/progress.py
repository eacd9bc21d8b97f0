"""How far delivery has come: what was read of the journal, and what of it a destination does not have yet."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from agentops.delivery.excerpts import Excerpt
from agentops.domain.metrics import Delivery, Recording
from agentops.domain.spans import DropRecord, SpanRecord, SpanStatus
from agentops.recording.guard import text_of
from agentops.recording.heads import FIRST_FRAME, JOURNAL_FULL
from agentops.recording.segment import list_segments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agentops.delivery.destination import Destination
    from agentops.domain.spans import Record

REASONS: Final = 20
"""Different reasons for drops that are told apart."""
OTHER: Final = "other"
LONGEST_ERROR: Final = 500
"""Characters of the last error that are kept."""


class ReadCounts:
    """What was read of a journal, counted where it is read for the first of its destinations."""

    def __init__(self) -> None:
        self._ended = 0
        self._events = 0
        self._dropped: dict[str, int] = {}

    def add(self, records: Sequence[Record]) -> None:
        """Count what was read."""
        if isinstance(records, Excerpt):
            self._ended += records.content.ended
        for record in records.told() if isinstance(records, Excerpt) else records:
            if isinstance(record, SpanRecord):
                if record.event_type is not None:
                    self._events += 1
                elif record.status is not SpanStatus.RUNNING:
                    self._ended += 1
            elif isinstance(record, DropRecord) and record.reason != JOURNAL_FULL:  # the journal knows better
                known = record.reason in self._dropped or len(self._dropped) < REASONS
                reason = record.reason if known else OTHER
                self._dropped[reason] = self._dropped.get(reason, 0) + record.count

    def figures(self, running: int, dropped: int) -> Recording:
        """What became of what there was to record.

        Args:
            running: spans that go on.
            dropped: frames that the journal had no room for.
        """
        full = {JOURNAL_FULL: dropped} if dropped else {}
        return Recording(
            spans_started=self._ended + running,
            spans_ended=self._ended,
            events_recorded=self._events,
            dropped={**full, **self._dropped},
        )


class Pending(NamedTuple):
    """What a destination does not have yet: bytes of a journal, and the files over which they spread."""

    size: int
    segments: int


def pending_between(directory: Path, begin: tuple[int, int], end: tuple[int, int]) -> Pending:
    """What lies between two positions in a journal, each the number of a segment and a position in it."""
    size = segments = 0
    with suppress(OSError):  # it has been read to its end and deleted
        for file in list_segments(directory):
            if begin[0] <= file.number <= end[0]:
                first = begin[1] if file.number == begin[0] else FIRST_FRAME
                last = end[1] if file.number == end[0] else file.path.stat().st_size
                size += max(0, last - first)
                segments += last > first
    return Pending(size, segments)


class Progress:
    """How deliveries to one destination went."""

    def __init__(self) -> None:
        self._delivered = 0
        self._failures = 0
        self._in_row = 0
        self._last_error: str | None = None
        self._complete_at = time.monotonic()

    def deliver(self, count: int) -> None:
        """It has taken so many records."""
        self._delivered += count

    def fail(self, error: BaseException) -> None:
        """An attempt failed."""
        self._failures += 1
        self._in_row += 1
        self._last_error = (text_of(error) or type(error).__name__)[:LONGEST_ERROR]

    def succeed(self, *, is_complete: bool) -> None:
        """An attempt did not fail; whether the destination has everything now."""
        self._in_row = 0
        if is_complete:
            self._complete_at = time.monotonic()

    def figures(self, destination: Destination, pending: Pending | None) -> Delivery:
        """The same in figures, with what is pending; None where nobody has looked yet."""
        size, segments = pending or (0, 0)
        return Delivery(
            name=destination.name,
            delivered=self._delivered,
            pending_bytes=size,
            pending_segments=segments,
            failures=self._failures,
            failures_in_row=self._in_row,
            last_error=self._last_error,
            lag=time.monotonic() - self._complete_at if size else 0.0,
            given_up=getattr(destination, "dropped", 0),
        )
