"""Spans that others make, taken into the session they happen in, unless they are calls that we recorded ourselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import trace as otel

from agentops.domain import dialects
from agentops.domain.foreign import plain
from agentops.domain.spans import MODEL_KINDS, ErrorInfo, SpanEvent, SpanKind, SpanRecord, SpanStatus
from agentops.recording.context import TRACE_KEY, variable
from agentops.recording.frames import Template
from agentops.recording.guard import guarded
from agentops.recording.span import NO_ID, NOWHERE, Outside, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.context.context import Context

    from agentops.domain.spans import SpanLink
    from agentops.recording.recorder import Recorder
    from agentops.recording.trace import Trace


class GuestSpan(Span):
    """A span that another library makes through OpenTelemetry's API while no provider of the program's own is there."""

    scope: str | None = ""
    started: int = 0

    def end(self, end_time: int | None = None) -> None:
        """End it, once, and take it into the session."""
        recorder = self.recorder
        if recorder is None:
            return
        self.recorder = None
        with guarded("taking in a span"):
            details = self.details
            adopt(
                recorder,
                self.trace,
                scope=self.scope or "",
                name=details.name or self.template.name,
                span_id=self.id,
                parent=self.parent,
                start=self.started,
                end=end_time or recorder.clock.now(),
                attributes=details.attributes,
                events=details.events,
                links=details.links,
                error=details.error,
            )


def guest_template(name: str, scope: str) -> Template:
    """The template of one guest span; it is not written down, as guest spans go to the journal as whole records."""
    return Template(id=0, name=name, kind=SpanKind.TASK, source=scope)


def is_model_call(parent: Span | Outside) -> bool:
    """Whether this is a model call that we record ourselves: one directly inside it is the same call."""
    return isinstance(parent, Span) and parent.template.genai and parent.kind in MODEL_KINDS


def surroundings(recorder: Recorder, context: Context | None) -> tuple[Trace | None, Span | Outside]:
    """The session that a span started in this context (None: the current one) belongs to, and what it is under."""
    parent = otel.get_current_span(context)
    if isinstance(parent, Span):
        return parent.trace, parent
    found: Any = (variable.get() if context is None else context).get(TRACE_KEY)
    trace: Trace | None = found or recorder.find_trace()
    above = parent.get_span_context()
    if above.is_valid and not above.is_remote:
        return trace, Outside(above.span_id.to_bytes(8, "big"))
    return trace, NOWHERE if trace is None or trace.root is None else trace.root


def adopt(  # noqa: PLR0913 - a span has that many sides
    recorder: Recorder,
    trace: Trace,
    *,
    scope: str,
    name: str,
    span_id: bytes,
    parent: Span | Outside,
    start: int,
    end: int,
    attributes: Mapping[str, Any],
    events: Sequence[SpanEvent],
    links: Sequence[SpanLink] = (),
    error: ErrorInfo | None = None,
) -> None:
    """Record a finished span of somebody else's in our words; a model call that we have recorded is left out."""
    reading = dialects.read(name, attributes, scope, events)
    kind = SpanKind.TASK if reading is None else reading.kind
    if kind in MODEL_KINDS and is_model_call(parent):
        return
    if kind in MODEL_KINDS:
        if span_id in trace.delegating:
            trace.delegating.discard(span_id)
            kind = SpanKind.TASK
        else:
            trace.delegating.add(parent.id)
    record = SpanRecord(
        session_id=trace.session_id,
        span_id=span_id.hex(),
        parent_id=parent.id.hex() if parent.id != NO_ID else None,
        kind=kind,
        name=name,
        start=start,
        end=end,
        status=SpanStatus.OK if error is None else SpanStatus.ERROR,
        error=error,
        counted_error=error is not None and error.type != "",
        source=scope,
        attributes=plain(dict(attributes)),
        events=list(events),
        links=list(links),
    )
    if reading is not None:
        reading.fill(record)
    recorder.add(record, trace)
