"""A session as the recorder sees it: an id under which spans are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops.domain.analytics import Analytics
from agentops.domain.ids import trace_bytes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.recording.failures import Mark, Told
    from agentops.recording.span import Outside, Span

FAILING_LIMIT = 1_000


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
        failing: exceptions that spans ended with and counted, by the id of the span around, which is not to count them
            again.
        sampled: whether the program's own spans in it are sampled; None where that is not decided.
        told: the exception that ended the latest session inside this one.
        waiting: what writes the session down, while nothing is written of it yet; empty otherwise.
    """

    __slots__ = (
        "__weakref__",
        "analytics",
        "delegating",
        "ended",
        "failing",
        "root",
        "sampled",
        "session_id",
        "told",
        "trace_id",
        "waiting",
    )

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.trace_id = trace_bytes_of(session_id)
        self.analytics = Analytics()
        self.ended = False
        self.root: Span | Outside | None = None
        self.delegating: set[bytes] = set()
        self.failing: dict[bytes, Mark] = {}
        self.sampled: bool | None = None
        self.told: Told | None = None
        self.waiting: list[Callable[[], None]] = []

    def touch(self) -> bool:
        """Something happens in it: a session that waited for that is written down; whether it was by this call."""
        try:
            write_down = self.waiting.pop()
        except IndexError:  # another thread, or whatever was interrupted, is at it
            return False
        write_down()
        return True

    def note_failure(self, span_id: bytes, mark: Mark) -> None:
        """A span failed inside the one of this id."""
        if len(self.failing) >= FAILING_LIMIT:  # the oldest is of a span that handled what was raised
            self.failing.pop(next(iter(self.failing)), None)
        self.failing[span_id] = mark
