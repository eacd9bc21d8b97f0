"""The span processor by which a program's own tracer provider tells us of its spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace import Span as SdkSpan
from opentelemetry.trace import StatusCode

from agentops.domain.foreign import plain
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanLink
from agentops.recording.context import is_suppressed
from agentops.recording.fallback import current_fallback
from agentops.recording.guard import guarded
from agentops.recording.guests import Ended, adopt, surroundings
from agentops.recording.passing import stand_for
from agentops.recording.recorder import active
from agentops.recording.repetitions import told_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.context.context import Context

    from agentops.recording.fallback import Fallback
    from agentops.recording.recorder import Recorder
    from agentops.recording.span import Outside, Span
    from agentops.recording.trace import Trace

OPEN_LIMIT = 10_000
"""Spans of others that are followed at a time; programs that never end theirs do not fill the memory."""


@dataclass(slots=True)
class Opened:
    """Where a span belongs that has not ended; `is_repeated` where it tells of a call that we observe ourselves."""

    recorder: Recorder
    trace: Trace
    parent: Span | Outside
    is_repeated: bool
    within: Fallback | None = None
    has_children: bool = False


class GuestProcessor(SpanProcessor):
    """Takes spans into the session in which they were started.

    Attributes:
        native_scopes: scopes under which libraries tell of what we observe ourselves, each with the source of ours.
        is_listening: whether anybody wants to know.
    """

    def __init__(self) -> None:
        self.native_scopes: Mapping[str, str] = {}
        self.is_listening: Callable[[], bool] = lambda: False
        self._open: dict[int, Opened] = {}

    def on_start(self, span: SdkSpan, parent_context: Context | None = None) -> None:
        """Note where it belongs: when it ends, something else may be current."""
        recorder = active.recorder
        if recorder is None or not self.is_listening() or is_suppressed() or len(self._open) >= OPEN_LIMIT:
            return
        with guarded("noting another library's span"):
            trace, parent = surroundings(recorder, parent_context)
            if trace is None:
                return
            above = None if span.parent is None else self._open.get(span.parent.span_id)
            if above is not None:
                above.has_children = True
                if above.is_repeated:
                    parent = above.parent
            within = current_fallback(parent_context)
            ours = told_by(parent, self.native_scopes.get(_scope_of(span)))
            if ours is not None:
                stand_for(span, ours)
            opened = Opened(recorder, trace, ours or parent, ours is not None, within)
            self._open[span.get_span_context().span_id] = opened

    def on_end(self, span: ReadableSpan) -> None:
        """Take it in."""
        context = span.get_span_context()
        opened = None if context is None else self._open.pop(context.span_id, None)
        if context is None or opened is None or opened.is_repeated:
            return
        with guarded("taking in another library's span"):
            ended = Ended(
                scope=_scope_of(span),
                name=span.name,
                span_id=context.span_id.to_bytes(8, "big"),
                parent=opened.parent,
                start=span.start_time or 0,
                end=span.end_time or opened.recorder.clock.now(),
                attributes=dict(span.attributes or {}),
                events=[_event(event) for event in span.events],
                links=[
                    SpanLink(trace_id=f"{link.context.trace_id:032x}", span_id=f"{link.context.span_id:016x}")
                    for link in span.links
                ],
                error=_error(span),
                has_children=opened.has_children,
                within=opened.within,
            )
            adopt(opened.recorder, opened.trace, ended)

    def shutdown(self) -> None:
        """Nothing to let go of."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is held back."""
        return timeout_millis >= 0


def _scope_of(span: ReadableSpan) -> str:
    return span.instrumentation_scope.name if span.instrumentation_scope else ""


def _event(event: Any) -> SpanEvent:
    return SpanEvent(name=event.name, time=event.timestamp, attributes=plain(dict(event.attributes or {})))


def _error(span: ReadableSpan) -> ErrorInfo | None:
    if span.status.status_code is not StatusCode.ERROR:
        return None
    return ErrorInfo(type="error", message=span.status.description or "")
