"""Records as spans of OpenTelemetry, under the names of the GenAI semantic conventions."""

from typing import Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags
from opentelemetry.trace import SpanKind as OtelKind

from agentops.domain.conventions import attributes_of, events_of, failure_of, span_name
from agentops.domain.ids import trace_bytes_of
from agentops.domain.spans import MODEL_KINDS, SpanRecord

_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)


def readable_span(record: SpanRecord, resource: Resource) -> ReadableSpan:
    """An ended span as OpenTelemetry's exporters take it.

    Raises:
        ValueError: if its ids are none that OpenTelemetry has.
    """
    trace_id = int.from_bytes(trace_bytes_of(record.session_id))
    return ReadableSpan(
        name=span_name(record),
        context=_context(trace_id, int(record.span_id, 16)),
        parent=None if record.parent_id is None else _context(trace_id, int(record.parent_id, 16)),
        resource=resource,
        attributes=attributes_of(record),
        events=[Event(event.name, event.attributes, event.time) for event in events_of(record)],
        links=[Link(_context(int(link.trace_id, 16), int(link.span_id, 16))) for link in record.links],
        kind=OtelKind.CLIENT if record.kind in MODEL_KINDS else OtelKind.INTERNAL,
        instrumentation_scope=InstrumentationScope(record.source),
        status=_status(record),
        start_time=record.start,
        end_time=record.end,
    )


def _context(trace_id: int, span_id: int) -> SpanContext:
    return SpanContext(trace_id=trace_id, span_id=span_id, is_remote=False, trace_flags=_SAMPLED)


def _status(record: SpanRecord) -> Status:
    failure = failure_of(record)
    return Status(StatusCode.UNSET) if failure is None else Status(StatusCode.ERROR, failure)
