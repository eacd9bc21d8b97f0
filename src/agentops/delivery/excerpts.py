"""Pieces of a journal as they stand, for a collector that reads them itself: nothing of them is decoded here."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import TYPE_CHECKING, Final, overload

import msgspec

from agentops.delivery.pricing import price_call
from agentops.delivery.tended import TendedReader
from agentops.domain import wire
from agentops.domain.journal.decoding import Beginning
from agentops.domain.journal.frames import (
    BODY_AT,
    END,
    END_ID,
    END_MORE,
    PREFIX,
    RECORD,
    START,
    START_ID,
    record_frame,
    template_frame,
    times_frame,
)
from agentops.domain.journal.joining import UNREADABLE, Joiner, damage
from agentops.domain.journal.requests import frames_of, request_of
from agentops.domain.spans import Record, SpanRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from agentops.delivery.tended import Attendants

COLLECTOR: Final = "collector"
"""The name of the cursor that is read in excerpts."""

FRAMES_AT_A_TIME: Final = 1 << 16
_KIND_AT: Final = PREFIX.size
_TEMPLATES: Final = slice(12, 20)
"""Where in a START the numbers of its template and of its agent's stand."""
_PAIR: Final = Struct("<II")
_ENDS: Final = frozenset({END, END_MORE})
_UNCOUNTED: Final = (b'{"record":"session"', b'{"record":"log"')
"""How records begin of which nothing is counted."""


class Content(msgspec.Struct):
    """What was found in frames without decoding them.

    Attributes:
        begun: the spans that begin in them and go on.
        earlier: the beginnings of those that end in them and began before.
        templates: the numbers that they refer to, as they stand in frames: a span's and its agent's.
        told: the frames of whole records.
        ended: how many spans end.
        missed: how many of them end without a beginning.
    """

    begun: dict[bytes, bytes] = msgspec.field(default_factory=dict[bytes, bytes])
    earlier: list[Beginning] = msgspec.field(default_factory=list[Beginning])
    templates: set[bytes] = msgspec.field(default_factory=set[bytes])
    told: list[bytes] = msgspec.field(default_factory=list[bytes])
    ended: int = 0
    missed: int = 0

    @property
    def records(self) -> int:
        """How many records are in them."""
        return self.ended + len(self.begun) + len(self.told)


class Excerpt(Sequence[Record]):
    """A piece of a journal: what a collector is sent, and the records in it for whoever asks for them.

    Attributes:
        body: of a request.
        content: what is known of it.
        running: gives the spans that go on behind it, those that began before it as well.
    """

    def __init__(self, body: bytes, content: Content, running: Callable[[], list[SpanRecord]]) -> None:
        self.body = body
        self.content = content
        self.running = running
        self._records: list[Record] | None = None

    def __len__(self) -> int:
        return self.content.records

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if self._records is None:
            self._records = _read(self.body)
        return self._records[index]

    def told(self) -> Iterator[Record]:
        """The records that stand in it whole, but for sessions and what was written."""
        for frame in self.content.told:
            data = frame[BODY_AT[RECORD] :]
            if not data.startswith(_UNCOUNTED):
                try:
                    yield wire.decode(data)
                except UNREADABLE:
                    yield damage()


def _read(body: bytes) -> list[Record]:
    """The records of a request, with prices on model calls."""
    joiner = Joiner()
    for frame in frames_of(body):
        joiner.take(frame)
    records = joiner.finish()
    for record in records:
        if isinstance(record, SpanRecord) and record.response is not None and record.cost is None:
            price_call(record)
    return records


class ExcerptReader(TendedReader):
    """Reads this process's own journal in excerpts."""

    def __init__(self, directory: Path, cursor: str, attendants: Attendants, *, is_first: bool) -> None:
        """See `TendedReader`."""
        super().__init__(directory, cursor, attendants, is_first=is_first)
        self._definitions: dict[int, bytes] = {}

    def read_on(self, limit: int) -> Sequence[Record]:
        """The next excerpt in which there is a record; an empty list at the end."""
        del limit
        while frames := self._next_frames(FRAMES_AT_A_TIME):
            excerpt = self._excerpt(frames)
            if excerpt:
                self.exhausted = self._scan is not None and self._scan.is_at_rest
                return excerpt
        self.exhausted = True
        return []

    def _excerpt(self, frames: list[bytes]) -> Excerpt:
        joiner = self._joiner
        content = content_of(frames, joiner)
        for _ in range(content.missed):
            self._miss()
        lost = [record_frame(wire.encode(record)) for record in joiner.finish()]
        content.told += lost
        context = self._defined(content.templates)
        for beginning in content.earlier:
            context += times_frame(beginning.offset), beginning.frame
        for span_id, frame in content.begun.items():
            joiner.open[span_id] = Beginning(joiner.offset, frame)
        body = request_of([*context, times_frame(joiner.offset), *frames, *lost])
        return Excerpt(body, content, self.unfinished)

    def _defined(self, numbers: set[bytes]) -> list[bytes]:
        """The templates of these numbers as frames, as far as they are known."""
        wanted = {number for pair in numbers for number in _PAIR.unpack(pair) if number}
        templates = self._joiner.templates
        for number in wanted - self._definitions.keys():
            if number not in templates:
                self._read_templates()
            if number in templates:
                self._definitions[number] = template_frame(templates[number])
        return [self._definitions[number] for number in sorted(wanted) if number in self._definitions]


def content_of(frames: Iterable[bytes], joiner: Joiner) -> Content:
    """What is in frames. Spans that end are not open any more, and templates are known."""
    content = Content()
    begun, templates = content.begun, content.templates
    for frame in frames:
        kind = frame[_KIND_AT]
        if kind == START:
            begun[frame[START_ID]] = frame
            templates.add(frame[_TEMPLATES])
        elif kind in _ENDS:
            if begun.pop(frame[END_ID], None) is None:
                beginning = joiner.open.pop(frame[END_ID], None)
                if beginning is None:
                    content.missed += 1
                    continue
                content.earlier.append(beginning)
                templates.add(beginning.frame[_TEMPLATES])
            content.ended += 1
        elif kind == RECORD:
            content.told.append(frame)
        else:
            joiner.take(frame)
    return content
