"""Recording into a program's own OpenTelemetry: each span is an ordinary one of its provider, and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace as otel
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from agentops.domain import wire
from agentops.domain.conventions import attributes_of, events_of, failure_of, span_name
from agentops.domain.ids import session_id_from_bytes
from agentops.domain.journal.decoding import Beginning, ended_record, running_record
from agentops.domain.journal.frames import END as END_FRAME
from agentops.domain.journal.frames import (
    END_REST,
    START_ID,
    START_REST,
    checksum,
    end_more,
    pack_end,
    pack_start,
)
from agentops.domain.spans import MODEL_KINDS
from agentops.recording.context import get_context
from agentops.recording.guard import guarded
from agentops.recording.recorder import Recorder
from agentops.recording.span import NO_AGENT, NO_ID, NOWHERE, SPAN_KEY, Outside, Span
from agentops.recording.trace import Trace

if TYPE_CHECKING:
    from agentops.domain.journal.frames import Template
    from agentops.domain.spans import Record, SpanRecord
    from agentops.recording.clock import Clock

_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)


class RelayedSpan(Span):
    """A span that is one of the program's own provider.

    Attributes:
        theirs: that one.
        begun: how it began, as the journal would have it.
    """

    theirs: Any = None
    begun: bytes = b""

    def get_span_context(self) -> SpanContext:
        """The ids that the provider gave it."""
        return self.theirs.get_span_context()


class Beginnings:
    """What stands in for a journal: keeps how a span began that was held back, until it ends at once."""

    def __init__(self) -> None:
        self.held: dict[bytes, bytes] = {}
        self.dropped = 0

    def append(self, frame: bytes) -> None:
        """Keep a beginning."""
        self.held[frame[START_ID]] = frame

    def define(self, template: Template) -> None:
        """Templates are at hand."""

    def use_clock(self, clock: Clock) -> None:
        """Times are read once."""


class Relay(Recorder):
    """Makes spans of the program's own OpenTelemetry provider; nothing else becomes of them.

    Attributes:
        providers: the tracer provider for the spans of a source, where it is not the global one.
    """

    def __init__(self) -> None:
        self._beginnings = Beginnings()
        stand_in: Any = self._beginnings
        super().__init__(stand_in)
        self.providers: dict[str, Any] = {}

    def open(
        self, template: Template, data: bytes, trace: Trace | None = None, *, is_clean: bool = False
    ) -> Span | None:
        """Begin a span under the current one; None where the provider's sampler does not want it."""
        del trace
        if data and not is_clean:
            data = self.shield.going_in(template, data)
        head = template.head, NO_AGENT, bytes(16), NO_ID, NO_ID, self.clock.read()
        begun = pack_start(START_REST + len(data), checksum(data), *head) + data
        theirs = self._start(template, begun)
        if not theirs.is_recording():
            return None
        context = theirs.get_span_context()
        span = RelayedSpan()
        span.recorder = self
        span.extra = None
        span.template = template
        span.trace, span.parent = self.surroundings(context.trace_id)
        span.agent = NO_AGENT
        span.id = context.span_id.to_bytes(8, "big")
        span.theirs, span.begun = theirs, begun
        return span

    def surroundings(self, trace_id: int = 0) -> tuple[Trace, Span | Outside]:
        """The trace of what begins here, and what it is under."""
        parent = get_context().get(SPAN_KEY)
        if isinstance(parent, Span):
            return parent.trace, parent
        above = parent.get_span_context() if isinstance(parent, otel.Span) else otel.INVALID_SPAN_CONTEXT
        number = trace_id or above.trace_id or int.from_bytes(self.new_id() + self.new_id(), "big")
        trace = Trace(session_id_from_bytes(number.to_bytes(16, "big")))
        return trace, Outside(above.span_id.to_bytes(8, "big")) if above.is_valid else NOWHERE

    def close(self, span: Span, data: bytes, end: int | None = None, *, is_clean: bool = False) -> None:
        """End a span, and with it the provider's."""
        if span.recorder is None:
            return
        span.recorder = None
        template, extra, offset = span.template, span.extra, self.clock.offset
        ended = self.clock.read() if end is None else end - offset
        if data and not is_clean:
            data = self.shield.coming_out(template, data)
        if extra is None:
            frame = pack_end(
                END_REST + len(data), checksum(data), bytes((END_FRAME, span.status, 0, 0)), span.id, ended
            )
            frame += data
        else:
            frame = end_more(span.status, span.id, ended, data, self.shield.details(wire.to_legible_json(extra)))
        with guarded("ending a span of the program's provider"):
            if isinstance(span, RelayedSpan):
                theirs, begun = span.theirs, span.begun
            else:
                begun = self._beginnings.held.pop(span.id)
                theirs = self._start(template, begun, span)
            _finish(theirs, ended_record({template.id: template}, Beginning(offset, begun), offset, frame))

    def add(self, record: Record, trace: Trace | None = None) -> None:
        """Whole records are nobody's spans."""

    def _start(self, template: Template, begun: bytes, held: Span | None = None) -> Any:
        """The provider's span, under what is current, or under what a span that was held back is under."""
        record = running_record({template.id: template}, Beginning(self.clock.offset, begun))
        tracer = otel.get_tracer(template.source, tracer_provider=self.providers.get(template.source))
        kind = otel.SpanKind.CLIENT if template.kind in MODEL_KINDS else otel.SpanKind.INTERNAL
        around = None
        if held is not None:
            trace_id, parent_id = (int.from_bytes(each, "big") for each in (held.trace.trace_id, held.parent.id))
            context = SpanContext(trace_id, parent_id, is_remote=False, trace_flags=_SAMPLED)
            around = otel.set_span_in_context(otel.NonRecordingSpan(context))
        return tracer.start_span(
            span_name(record), around, kind, attributes_of(record), start_time=record.start, record_exception=False
        )


def _finish(theirs: Any, record: SpanRecord) -> None:
    theirs.update_name(span_name(record))
    theirs.set_attributes(attributes_of(record))
    for event in events_of(record):
        theirs.add_event(event.name, event.attributes, event.time)
    failure = failure_of(record)
    if failure is not None:
        theirs.set_status(Status(StatusCode.ERROR, failure))
    theirs.end(record.end)
