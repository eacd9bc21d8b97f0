"""One span of OTLP as a record."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from agentops.collector.otlp import own
from agentops.collector.otlp.forms import Form
from agentops.collector.otlp.shapes import Span
from agentops.collector.otlp.shapes import SpanEvent as SentEvent
from agentops.collector.otlp.shapes import SpanLink as SentLink
from agentops.domain import dialects, semconv
from agentops.domain.dialects import Reading
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanLink, SpanRecord, SpanStatus

_FAILED: Final = frozenset({2, "2", "STATUS_CODE_ERROR"})
_LATEST: Final = 2**63 - 1
USER: Final = "user.id"
_USERS: Final = frozenset(
    {
        "enduser.id",
        "langfuse.user.id",
        "ai.telemetry.metadata.userId",
        "traceloop.association.properties.user_id",
        "gen_ai.user",
    }
)
"""Names of the user for whom something was done: older OpenTelemetry, Langfuse, Vercel, OpenLLMetry, AgentOps."""


class Read(Struct, frozen=True):
    """A span with what its dialects said of it; None where it speaks none."""

    record: SpanRecord
    reading: Reading | None


def read_span(span: Span, form: Form, session_id: str, span_id: str, source: str) -> Read:
    """The record of a span.

    Args:
        span: the span.
        form: in which it came.
        session_id: of its trace.
        span_id: its own id.
        source: the name of its scope.
    """
    attributes = form.attributes_of(span.attributes)
    events = read_events(span.events, form) if span.events else []
    parent = form.bytes_of(span.parent_span_id)
    start = moment(span.start_time_unix_nano)
    end = moment(span.end_time_unix_nano)
    record = SpanRecord(
        session_id=session_id,
        span_id=span_id,
        parent_id=parent.hex() if parent.strip(b"\0") else None,
        name=span.name or "",
        start=start or end,
        end=max(start, end),
        source=source,
        attributes=attributes,
        events=events,
        links=read_links(span.links, form) if span.links else [],
    )
    status = span.status
    if status is not None and status.code in _FAILED:
        record.status, record.counted_error = SpanStatus.ERROR, True
        record.error = dialects.failure_of(attributes, events) or ErrorInfo(type="error")
        record.error.message = record.error.message or status.message or ""
    reading = dialects.read(record.name, attributes, source, events)
    if reading is not None:
        record.kind = reading.kind
        reading.fill(record)
        if dialects.AGENTOPS.name in reading.dialects:
            record.name = reading.name or record.name
    _settle(record, attributes)
    return Read(record, reading)


def _settle(record: SpanRecord, attributes: dict[str, Any]) -> None:
    """Put under one name what every dialect may say, and describe a failure once."""
    if semconv.STATUS in attributes:
        own.restore(record, attributes)
    if type(record.attributes.get(semconv.THREAD_NAME)) is str:
        record.thread = record.attributes.pop(semconv.THREAD_NAME)
    if USER not in attributes and not _USERS.isdisjoint(attributes):
        record.attributes[USER] = next(attributes[name] for name in attributes if name in _USERS)


def read_events(events: Sequence[SentEvent], form: Form) -> list[SpanEvent]:
    """What happened in a span, by time of arrival; an exception that was recorded twice is told once."""
    found: list[SpanEvent] = []
    told: dict[str, Any] | None = None
    for event in events:
        attributes = form.attributes_of(event.attributes)
        if event.name == semconv.EXCEPTION:
            if attributes == told:
                continue
            told = attributes
        found.append(SpanEvent(name=event.name or "", time=moment(event.time_unix_nano), attributes=attributes))
    return found


def read_links(links: Sequence[SentLink], form: Form) -> list[SpanLink]:
    """The spans of other traces that a span has to do with."""
    return [
        SpanLink(trace_id=form.bytes_of(link.trace_id).hex(), span_id=form.bytes_of(link.span_id).hex())
        for link in links
    ]


def moment(nanoseconds: int | None) -> int:
    """A time as Unix nanoseconds that fit into 63 bits."""
    if not nanoseconds or nanoseconds < 0:
        return 0
    return min(nanoseconds, _LATEST)
