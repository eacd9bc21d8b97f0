"""Frames into records, one after the other: beginnings and ends of spans joined."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import msgspec

from agentops.domain import wire
from agentops.domain.journal.decoding import Beginning, ended_record, running_record, templates_of
from agentops.domain.journal.frames import (
    BODY_AT,
    END,
    END_ID,
    END_MORE,
    PREFIX,
    RECORD,
    START,
    START_ID,
    TEMPLATE,
    TIMES,
    TIMES_HEAD,
    Template,
)
from agentops.domain.spans import DropRecord, SpanRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agentops.domain.spans import Record

UNREADABLE: Final = (msgspec.MsgspecError, struct.error, ValueError, RecursionError, IndexError, KeyError)
"""What reading a frame raises whose bytes are whole and make no sense."""

_decode_template = msgspec.json.Decoder(Template).decode


def damage() -> DropRecord:
    """What says that something could not be read."""
    return DropRecord(reason="journal damaged", count=1)


class Joiner:
    """Makes records of frames that are taken in one by one.

    Attributes:
        templates: those that are known, by number.
        open: the spans that began before `finish` was last called, and have not ended.
        begun: those that began since.
        offset: what to add to times in frames.
        is_damaged: whether something made no sense.
        latest: the latest time seen, Unix nanoseconds.
    """

    def __init__(self, open_spans: dict[bytes, Beginning] | None = None) -> None:
        """Go on with these spans open, by their ids."""
        self.templates: dict[int, Template] = {}
        self.open = {} if open_spans is None else open_spans
        self.begun: dict[bytes, Beginning] = {}
        self.offset = 0
        self.is_damaged = False
        self.latest = 0
        self.read_templates: Callable[[], None] = lambda: None
        self._records: list[Record] = []

    @property
    def count(self) -> int:
        """How many records `finish` would give."""
        return len(self._records) + len(self.begun)

    def add(self, record: Record) -> None:
        """Take a record in as it is."""
        self._records.append(record)

    def take(self, frame: bytes) -> bool:
        """Take a frame in; False where a span ends of which nothing else is known."""
        kind = frame[PREFIX.size]
        try:
            if kind == START:
                self.begun[frame[START_ID]] = Beginning(self.offset, frame)
            elif kind in {END, END_MORE}:
                return self._end(frame)
            elif kind == RECORD:
                self.add(wire.decode(frame[BODY_AT[RECORD] :]))
            elif kind == TEMPLATE:
                template = _decode_template(frame[BODY_AT[TEMPLATE] :])
                self.templates[template.id] = template
            elif kind == TIMES:
                self.offset = TIMES_HEAD.unpack_from(frame)[-1]
        except UNREADABLE:
            self.is_damaged = True
            self.add(damage())
        return True

    def _end(self, frame: bytes) -> bool:
        span_id = frame[END_ID]
        beginning = self.begun.pop(span_id, None) or self.open.pop(span_id, None)
        if beginning is None:
            return False
        self.look_up(beginning)
        record = ended_record(self.templates, beginning, self.offset, frame)
        self.latest = max(self.latest, record.end or 0)
        self.add(record)
        return True

    def look_up(self, beginning: Beginning) -> None:
        """Have the templates ready that a span refers to."""
        span, agent = templates_of(beginning.frame)
        if span not in self.templates or (agent and agent not in self.templates):
            self.read_templates()
            if span not in self.templates:
                self.is_damaged = True

    def running(self, beginnings: Iterable[Beginning]) -> list[SpanRecord]:
        """Spans of which only the beginning is known."""
        records: list[SpanRecord] = []
        for beginning in beginnings:
            self.look_up(beginning)
            records.append(running_record(self.templates, beginning))
        return records

    def finish(self) -> list[Record]:
        """The records since this was last called; a span that goes on comes last, as running."""
        records, self._records = self._records, []
        begun, self.begun = self.begun, {}
        self.open.update(begun)
        running = self.running(begun.values())
        self.latest = max([self.latest, *(record.start for record in running)])
        return [*records, *running]
