"""Sessions that wait for something to happen in them: until then nothing is written of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops.domain.journal.frames import START_REST, Extra, checksum, pack_start
from agentops.recording.span import NOWHERE, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.domain.journal.frames import Template
    from agentops.recording.recorder import Recorder
    from agentops.recording.trace import Trace


class WaitingSpan(Span):
    """The span of a session in which nothing has happened yet; with the first that does it becomes an ordinary span.

    An ordinary span, under which calls are written at once, is told by its class.
    """

    __slots__ = ()

    @property
    def details(self) -> Extra:
        """Where what only this span has is written: something has happened."""
        self.trace.touch()
        if self.extra is None:
            self.extra = Extra()
        return self.extra

    def set_output(self, value: Any) -> None:
        """Note what came out: something has happened."""
        self.trace.touch()
        Span.set_output(self, value)

    def end(self, end_time: int | None = None) -> None:
        """End it, once: something has happened."""
        self.trace.touch()
        Span.end(self, end_time)


def wait(recorder: Recorder, template: Template, trace: Trace, tell: Callable[[], None]) -> Span:
    """The own span of a session that begins now and is written down when something happens in it.

    Args:
        recorder: who records it.
        template: what is constant in it.
        trace: the session.
        tell: called when its span has been written down.
    """
    span = WaitingSpan()
    span.recorder = recorder
    span.extra = None
    span.template = template
    span.trace = trace
    span.parent = NOWHERE
    span.agent = template.agent or NOWHERE.agent
    span.id = recorder.ids.pop() if recorder.ids else recorder.new_id()
    start = recorder.clock.now()

    def write_down() -> None:
        since = start - recorder.clock.offset  # the clock may have been realigned while it waited
        head = pack_start(
            START_REST, checksum(b""), template.head, span.agent, trace.trace_id, span.id, NOWHERE.id, since
        )
        recorder.journal.append(head)
        span.__class__ = Span  # pyright: ignore[reportAttributeAccessIssue] - the same slots
        tell()

    trace.waiting.append(write_down)
    return span
