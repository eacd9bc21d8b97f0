"""Spans that others make, taken into the session they happen in, unless they are calls that we recorded ourselves."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry import trace as otel

from agentops.domain import dialects, semconv
from agentops.domain.foreign import plain, text
from agentops.domain.journal.frames import Template
from agentops.domain.spans import MODEL_KINDS, ErrorInfo, SpanEvent, SpanKind, SpanLink, SpanRecord, SpanStatus
from agentops.recording.context import TRACE_KEY, get_context
from agentops.recording.failures import is_marked, mark_of
from agentops.recording.fallback import current_fallback, mark_told
from agentops.recording.guard import guarded
from agentops.recording.passing import Passing, behind, stand_for
from agentops.recording.repetitions import is_model_call, told_by
from agentops.recording.span import NO_ID, NOWHERE, Outside, Span, outside_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from opentelemetry.context.context import Context

    from agentops.recording.fallback import Fallback
    from agentops.recording.recorder import Recorder
    from agentops.recording.trace import Trace


class GuestSpan(Span):
    """A span that another library makes through OpenTelemetry's API while no provider of the program's own is there."""

    started: int = 0
    has_children: bool = False
    within: Fallback | None = None

    def end(self, end_time: int | None = None) -> None:
        """End it, once, and take it into the session."""
        recorder = self.recorder
        if recorder is None:
            return
        self.recorder = None
        with guarded("taking in a span"):
            details = self.details
            ended = Ended(
                scope=self.template.source,
                name=details.name or self.template.name,
                span_id=self.id,
                parent=self.parent,
                start=self.started,
                end=end_time or recorder.clock.now(),
                attributes=details.attributes,
                events=details.events,
                links=details.links,
                error=details.error,
                has_children=self.has_children,
                within=self.within,
            )
            adopt(recorder, self.trace, ended)


@dataclass(slots=True, kw_only=True)
class Ended:
    """A finished span of somebody else's.

    Attributes:
        error: where its status is an error.
        has_children: whether spans are known that were started under it.
        within: the model call as a framework tells of it, in which it was started.
    """

    scope: str
    name: str
    span_id: bytes
    parent: Span | Outside
    start: int
    end: int
    attributes: Mapping[str, Any]
    events: list[SpanEvent] = field(default_factory=list[SpanEvent])
    links: list[SpanLink] = field(default_factory=list[SpanLink])
    error: ErrorInfo | None = None
    has_children: bool = False
    within: Fallback | None = None


def surroundings(recorder: Recorder, context: Context | None) -> tuple[Trace | None, Span | Outside]:
    """The session that a span started in this context (None: the current one) belongs to, and what it is under."""
    parent = otel.get_current_span(context)
    if isinstance(parent, Passing):
        parent = parent.standing() or otel.INVALID_SPAN
    parent = behind(parent) or parent
    if isinstance(parent, Span):
        return parent.trace, parent
    found: Any = (get_context() if context is None else context).get(TRACE_KEY)
    trace: Trace | None = found or recorder.find_trace()
    above = outside_of(parent)
    if above is not None:
        return trace, above
    return trace, NOWHERE if trace is None or trace.root is None else trace.root


def open_guest(  # noqa: PLR0913 - what OpenTelemetry's API hands over
    recorder: Recorder,
    name: str,
    *,
    scope: str,
    native_to: str | None,
    context: Context | None,
    attributes: Mapping[str, Any],
    links: Iterable[otel.Link],
    start: int | None,
) -> otel.Span | None:
    """A span for another library, under what is current in the context; None outside sessions.

    Args:
        recorder: who records it.
        name: what it is called.
        scope: who makes it.
        native_to: the source of the spans that we make of the same library ourselves, where we do.
        context: in which it starts; None: the current one.
        attributes: what is known at the start.
        links: other spans that it has to do with.
        start: when it started, Unix nanoseconds; None: now.
    """
    trace, parent = surroundings(recorder, context)
    if trace is None:
        return None
    ours = told_by(parent, native_to)
    if ours is None and is_model_call(parent) and _is_about_model(name, attributes, scope):
        ours = parent
    if isinstance(ours, Span):
        repetition = otel.NonRecordingSpan(ours.get_span_context())
        stand_for(repetition, ours)
        return repetition
    if isinstance(parent, GuestSpan):
        parent.has_children = True
    span = GuestSpan()
    span.recorder = recorder
    span.extra = None
    span.template = Template(id=0, name=name, kind=SpanKind.TASK, source=scope)  # guests are written as whole records
    span.trace = trace
    span.parent = parent
    span.agent = parent.agent
    span.id = recorder.new_id()
    span.token = None
    span.started = start or recorder.clock.now()
    span.within = current_fallback(context)
    span.set_attributes(attributes)
    for link in links:
        span.add_link(link.context)
    return span


def _is_about_model(name: str, attributes: Mapping[str, Any], scope: str) -> bool:
    reading = dialects.read(name, attributes, scope) if attributes else None
    return reading is not None and reading.kind in MODEL_KINDS


def adopt(recorder: Recorder, trace: Trace, ended: Ended) -> None:
    """Record a finished span of somebody else's in our words; a model call that we have recorded is left out."""
    parent = ended.parent
    reading = dialects.read(ended.name, ended.attributes, ended.scope, ended.events)
    kind = SpanKind.TASK if reading is None else reading.kind
    if kind in MODEL_KINDS and is_model_call(parent):
        if not ended.has_children:
            return
        kind = SpanKind.TASK
    kind = _settle_kind(trace, ended, kind)
    record = SpanRecord(
        session_id=trace.session_id,
        span_id=ended.span_id.hex(),
        parent_id=parent.id.hex() if parent.id != NO_ID else None,
        kind=kind,
        name=ended.name,
        start=ended.start,
        end=ended.end,
        status=SpanStatus.OK if ended.error is None else SpanStatus.ERROR,
        error=None if ended.error is None else _failure_of(ended.events) or ended.error,
        source=ended.scope,
        attributes=plain(dict(ended.attributes)),
        events=ended.events,
        links=ended.links,
    )
    if reading is not None:
        reading.fill(record)
    if kind in MODEL_KINDS:
        mark_told(record, parent, ended.within)
    if record.status is SpanStatus.ERROR:
        record.counted_error = _is_news(trace, ended)
    recorder.add(record, trace)


def _settle_kind(trace: Trace, ended: Ended, kind: SpanKind) -> SpanKind:
    """What a span is recorded as, where model calls may have been recorded inside or around it."""
    parent, is_outer = ended.parent, ended.span_id in trace.delegating
    trace.delegating.discard(ended.span_id)
    if kind not in MODEL_KINDS:
        if is_outer and kind is SpanKind.TASK:
            trace.delegating.add(parent.id)
        return kind
    if isinstance(parent, Span) and parent.kind in MODEL_KINDS and parent.recorder is not None:
        parent.details.kind = SpanKind.ACTION  # a decorated function around it
    trace.delegating.add(parent.id)
    return SpanKind.TASK if is_outer else kind


def _is_news(trace: Trace, ended: Ended) -> bool:
    """Whether a failure was not counted further in; who is further out learns that it was counted here.

    The exception is the one being handled while the span ends, as when a `with` block is left by it.
    """
    failure, known = sys.exception(), trace.failing.pop(ended.span_id, None)
    if failure is None or not _is_told_of(failure, ended):
        return known is None
    is_known = is_marked(failure, known)
    trace.note_failure(ended.parent.id, known if is_known and known is not None else mark_of(failure))
    return not is_known


def _failure_of(events: list[SpanEvent]) -> ErrorInfo | None:
    """The exception that was recorded last."""
    for event in reversed(events):
        said = event.attributes
        if event.name == semconv.EXCEPTION and isinstance(said.get(semconv.EXCEPTION_TYPE), str):
            return ErrorInfo(
                type=said[semconv.EXCEPTION_TYPE],
                message=text(said, semconv.EXCEPTION_MESSAGE) or "",
                stacktrace=text(said, semconv.EXCEPTION_STACKTRACE),
            )
    return None


def _is_told_of(failure: BaseException, ended: Ended) -> bool:
    """Whether the span ended with this exception, by the name of its type."""
    name = type(failure).__name__
    told = [str(event.attributes.get(semconv.EXCEPTION_TYPE, "")) for event in ended.events]
    said = ended.error.message if ended.error is not None else ""
    return said.startswith(name) or any(kind.rpartition(".")[2] == name for kind in told)
