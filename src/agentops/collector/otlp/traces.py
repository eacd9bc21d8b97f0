"""Requests of traces as the records of sessions: a trace is a session, and its root tells of the session."""

from collections.abc import Iterator
from typing import Final

from agentops.collector.otlp.decoding import Received
from agentops.collector.otlp.forms import Form
from agentops.collector.otlp.identities import is_span_id, is_trace_id
from agentops.collector.otlp.origins import Origin, origin_of, source_of
from agentops.collector.otlp.refusals import Refusals
from agentops.collector.otlp.sessions import Trace
from agentops.collector.otlp.shapes import ScopeSpans, Span, TraceRequest
from agentops.collector.otlp.spans import read_span
from agentops.collector.weights import check_count
from agentops.domain.ids import session_id_from_bytes
from agentops.domain.spans import Record

UNUSABLE: Final = "a trace id or span id that is missing, of a wrong length or all zero"


def read_traces(received: Received) -> tuple[list[Record], Refusals]:
    """The records in a request of traces, and what of it cannot be taken.

    Of a span that is sent again, or that comes in another request than its parent, the same record is made.
    """
    traces: dict[bytes, Trace] = {}
    refusals, form = Refusals(), received.form
    check_count(sum(len(scoped.spans or ()) for scoped, _ in _scopes_of(received.message, form)))
    for span, source, origin in _spans_of(received.message, form):
        trace_id, span_id = form.bytes_of(span.trace_id), form.bytes_of(span.span_id)
        trace = traces.get(trace_id)
        if not is_span_id(span_id) or (trace is None and not is_trace_id(trace_id)):
            refusals.add(UNUSABLE)
            continue
        if trace is None:
            trace = traces[trace_id] = Trace(session_id_from_bytes(trace_id))
        trace.add(read_span(span, form, trace.session_id, span_id.hex(), source), origin)
    found: list[Record] = []
    for trace in traces.values():
        found += trace.records()
    return found, refusals


def _spans_of(request: TraceRequest, form: Form) -> Iterator[tuple[Span, str, Origin]]:
    """The spans of a request, each with the name of its scope and who sends it."""
    for scoped, origin in _scopes_of(request, form):
        source = source_of(scoped.scope)
        for span in scoped.spans or ():
            yield span, source, origin


def _scopes_of(request: TraceRequest, form: Form) -> Iterator[tuple[ScopeSpans, Origin]]:
    """The spans of each scope together, with who sends them."""
    for group in request.resource_spans or ():
        origin = origin_of(group.resource, form)
        for scoped in group.scope_spans or ():
            yield scoped, origin
