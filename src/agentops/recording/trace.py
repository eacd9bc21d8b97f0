"""A session as the recorder sees it: an id under which spans are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops.domain.analytics import Analytics
from agentops.domain.ids import trace_bytes_of

if TYPE_CHECKING:
    from agentops.recording.span import Outside, Span


class Trace:
    """One session's spans and counts.

    Attributes:
        session_id: the session's id.
        trace_id: the same as the 16 bytes of an OpenTelemetry trace id.
        analytics: its counts.
        root: the session's own span, or the span of another process, under which spans without a parent stand.
        ended: whether the session is over; what still comes is recorded in it all the same.
        delegating: ids of foreign spans inside which a model call was recorded: they are that call seen from
            further out.
    """

    __slots__ = ("__weakref__", "analytics", "delegating", "ended", "root", "session_id", "trace_id")

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.trace_id = trace_bytes_of(session_id)
        self.analytics = Analytics()
        self.ended = False
        self.root: Span | Outside | None = None
        self.delegating: set[bytes] = set()
