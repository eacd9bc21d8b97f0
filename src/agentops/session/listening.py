"""Where in the program something is written: the session that listens, and the span."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace as otel

from agentops.recording.context import SPAN_KEY, TRACE_KEY, is_suppressed, variable
from agentops.recording.span import NO_ID, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.recording.trace import Trace
    from agentops.session.log_capture import LogCapture


class Here(threading.local):
    """What the running thread is in the middle of.

    Attributes:
        owner: the tap whose stream it is writing to.
        handler: the handler of `logging` that it is in, of a record that is kept as such.
    """

    owner: Any = None
    handler: Any = None


here: Final = Here()


class Captures:
    """The sessions whose output is captured.

    Attributes:
        sessions: what captures each, by session id.
        find_trace: gives the session of code that no other one is current for.
    """

    def __init__(self) -> None:
        self.sessions: dict[str, LogCapture] = {}
        self.find_trace: Callable[[], Trace | None] = lambda: None

    def find(self) -> tuple[LogCapture, bytes] | None:
        """The capture that what is written here and now belongs to, and the id of the span (zeros for none)."""
        if is_suppressed():
            return None
        context = variable.get()
        span = context.get(SPAN_KEY)
        if isinstance(span, Span):
            capture = self.sessions.get(span.trace.session_id)
            return None if capture is None else (capture, span.id)
        trace: Trace | None = context.get(TRACE_KEY) or self.find_trace()  # pyright: ignore[reportAssignmentType] - ours
        capture = None if trace is None else self.sessions.get(trace.session_id)
        if trace is None or capture is None:
            return None
        if isinstance(span, otel.Span):
            foreign = span.get_span_context()
            if foreign.is_valid and not foreign.is_remote:
                return capture, foreign.span_id.to_bytes(8, "big")
        return capture, NO_ID if trace.root is None else trace.root.id

    def flush(self) -> None:
        """Write down the lines that are begun in any session."""
        for capture in list(self.sessions.values()):
            capture.flush()

    def flush_old(self) -> None:
        """Write down the lines that were begun in any session a second ago and are not ended."""
        for capture in list(self.sessions.values()):
            capture.flush_old()

    def stop(self, session_id: str | None = None) -> None:
        """Capture nothing more of a session; of all if None."""
        for capture in list(self.sessions.values()):
            if session_id is None or capture.session_id == session_id:
                capture.stop()


captures: Final = Captures()
