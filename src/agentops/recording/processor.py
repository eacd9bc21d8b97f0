"""The span processor by which a program's own tracer provider tells us of its spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace import Span as SdkSpan
from opentelemetry.trace import StatusCode

from agentops.domain.foreign import plain
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanLink
from agentops.recording.context import is_suppressed
from agentops.recording.guard import guarded
from agentops.recording.guests import adopt, surroundings
from agentops.recording.recorder import active

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.context.context import Context

    from agentops.recording.recorder import Recorder
    from agentops.recording.span import Outside, Span
    from agentops.recording.trace import Trace

OPEN_LIMIT = 10_000
"""Spans of others that are followed at a time; programs that never end theirs do not fill the memory."""


class GuestProcessor(SpanProcessor):
    """Takes spans into the session in which they were started."""

    def __init__(self, native_scopes: frozenset[str], is_listening: Callable[[], bool]) -> None:
        self._native_scopes = native_scopes
        self._is_listening = is_listening
        self._open: dict[int, tuple[Recorder, Trace, Span | Outside]] = {}

    def on_start(self, span: SdkSpan, parent_context: Context | None = None) -> None:
        """Note where it belongs: when it ends, something else may be current."""
        recorder = active.recorder
        if recorder is None or not self._is_listening() or is_suppressed() or len(self._open) >= OPEN_LIMIT:
            return
        with guarded("noting another library's span"):
            trace, parent = surroundings(recorder, parent_context)
            context = span.get_span_context()
            if trace is not None and context is not None:
                self._open[context.span_id] = recorder, trace, parent

    def on_end(self, span: ReadableSpan) -> None:
        """Take it in."""
        context = span.get_span_context()
        known = None if context is None else self._open.pop(context.span_id, None)
        if context is None or known is None:
            return
        recorder, trace, parent = known
        with guarded("taking in another library's span"):
            adopt(
                recorder,
                trace,
                scope=span.instrumentation_scope.name if span.instrumentation_scope else "",
                name=span.name,
                span_id=context.span_id.to_bytes(8, "big"),
                parent=parent,
                start=span.start_time or 0,
                end=span.end_time or recorder.clock.now(),
                attributes=dict(span.attributes or {}),
                events=[_event(event) for event in span.events],
                links=[
                    SpanLink(trace_id=f"{link.context.trace_id:032x}", span_id=f"{link.context.span_id:016x}")
                    for link in span.links
                ],
                error=_error(span),
            )

    def shutdown(self) -> None:
        """Nothing to let go of."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is held back."""
        return timeout_millis >= 0


def _event(event: Any) -> SpanEvent:
    return SpanEvent(name=event.name, time=event.timestamp, attributes=plain(dict(event.attributes or {})))


def _error(span: ReadableSpan) -> ErrorInfo | None:
    if span.status.status_code is not StatusCode.ERROR:
        return None
    return ErrorInfo(type="error", message=span.status.description or "")
