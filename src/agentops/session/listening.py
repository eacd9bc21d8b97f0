"""Where in the program something is written: the session that listens, and the span."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from opentelemetry import trace as otel

from agentops.recording.context import SPAN_KEY, SUPPRESSED_KEY, TRACE_KEY, get_context
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


class Place(NamedTuple):
    """Where something is written: what captures its session, and the id of the span, if it is in one."""

    capture: LogCapture
    span_id: str | None


class Captures:
    """The sessions whose output is captured.

    Attributes:
        sessions: what captures each, by session id.
        find_trace: gives the session of code that no other one is current for.
    """

    def __init__(self) -> None:
        self.sessions: dict[str, LogCapture] = {}
        self.find_trace: Callable[[], Trace | None] = lambda: None
        self._generation = object()
        self._latest: tuple[object, object, Place | None] = (None, None, None)

    def find(self) -> Place | None:
        """Where what is written here and now belongs; None where nobody captures it."""
        context = get_context()
        generation = self._generation
        known, since, place = self._latest
        if context is known and since is generation:
            return place
        if SUPPRESSED_KEY in context:
            return None
        span = context.get(SPAN_KEY)
        trace: Trace | None = span.trace if isinstance(span, Span) else context.get(TRACE_KEY)  # pyright: ignore[reportAssignmentType] - ours
        if trace is None:  # what is the default may change
            trace = self.find_trace()
            return None if trace is None else self._place_of(trace, span)
        place = self._place_of(trace, span)
        self._latest = context, generation, place
        return place

    def _place_of(self, trace: Trace, span: object) -> Place | None:
        capture = self.sessions.get(trace.session_id)
        if capture is None:
            return None
        if isinstance(span, Span):
            return Place(capture, span.span_id)
        if isinstance(span, otel.Span):
            foreign = span.get_span_context()
            if foreign.is_valid and not foreign.is_remote:
                return Place(capture, otel.format_span_id(foreign.span_id))
        root = trace.root
        return Place(capture, None if root is None or root.id == NO_ID else root.id.hex())

    def put(self, session_id: str, capture: LogCapture) -> None:
        """The output of a session is captured from now on."""
        self.sessions[session_id] = capture
        self._begin_anew()

    def take(self, session_id: str, capture: LogCapture) -> None:
        """It is no longer."""
        if self.sessions.get(session_id) is capture:
            del self.sessions[session_id]
        self._begin_anew()

    def _begin_anew(self) -> None:
        """What was found before is to be trusted no more, nor kept alive."""
        self._generation = object()
        self._latest = (None, None, None)

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
