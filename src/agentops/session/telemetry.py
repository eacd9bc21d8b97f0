"""A session's recorded side: its root span, what is recorded into it, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops.domain.journal.decoding import agent_id_of
from agentops.domain.journal.frames import ERROR, OK
from agentops.domain.spans import SessionRecord, SpanKind
from agentops.recording.capture import encode
from agentops.recording.context import current_span, current_trace
from agentops.recording.failures import Told, error_info, is_marked, mark_of
from agentops.recording.span import NO_ID, NOWHERE, Outside, Span
from agentops.recording.trace import Trace
from agentops.recording.waiting import wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agentops.domain.analytics import Analytics
    from agentops.domain.events import Event
    from agentops.domain.spans import AgentRecord, ErrorInfo
    from agentops.recording.recorder import Recorder


class SessionTelemetry:
    """Records one session.

    Attributes:
        trace: what its spans are counted in.
        root: the span of the session itself; None until it starts, and in a process that joined it.
    """

    def __init__(self, recorder: Recorder, session_id: str) -> None:
        self.trace = Trace(session_id)
        self.root: Span | None = None
        self._recorder = recorder

    @property
    def recorder(self) -> Recorder:
        """What records it."""
        return self._recorder

    @property
    def analytics(self) -> Analytics:
        """The session's counts in this process."""
        return self.trace.analytics

    def now(self) -> int:
        """Unix nanoseconds, as spans have them."""
        return self._recorder.clock.now()

    def start(self, name: str, arguments: Any = None, attributes: dict[str, Any] | None = None) -> None:
        """Open the root span; a session is its own trace, whatever is current around it."""
        recorder = self._recorder
        template = recorder.template(name, SpanKind.SESSION, attributes=attributes or None)
        data = b"" if arguments is None or not recorder.content else encode(arguments)
        self.trace.root = NOWHERE
        self.root = recorder.open(template, data, self.trace)
        self.trace.root = self.root

    def wait(self, name: str, tell: Callable[[], None]) -> None:
        """Be ready to open the root span, as begun now, when something happens; `tell` is called then."""
        template = self._recorder.template(name, SpanKind.SESSION)
        self.root = self.trace.root = wait(self._recorder, template, self.trace, tell)

    @property
    def is_waiting(self) -> bool:
        """Whether nothing has happened in it, and nothing is written of it."""
        return bool(self.trace.waiting)

    def forget(self) -> bool:
        """Wait no more for something to happen; whether nothing has."""
        try:
            self.trace.waiting.pop()
        except IndexError:
            return False
        return True

    def join(self, parent_id: int) -> None:
        """Record under a span of the process that started the session (0: directly in the session)."""
        self.trace.root = Outside(parent_id.to_bytes(8, "big"))

    def tell(self, record: SessionRecord) -> None:
        """Write down what is known of the session."""
        self._recorder.add(record)

    def record(self, event: Event, agents: Iterable[AgentRecord] = ()) -> None:
        """Record an event that the program tells of, under the span that is current in this session.

        What it does not say is noted on it: the session, the time of its end, and the agent that is at work.

        Args:
            event: what happened.
            agents: the known actors, whose names are recorded with it.

        Raises:
            TypeError: if it is no event.
        """
        from agentops.domain.events import record_of, timestamp_of  # noqa: PLC0415 - 5 ms that only programs with events pay

        self.trace.touch()
        around = current_span()
        record = record_of(event, self.trace.session_id)
        if record.parent_id is None:
            parent = around if around is not None and around.trace is self.trace else self.trace.root
            record.parent_id = parent.id.hex() if parent is not None and parent.id != NO_ID else None
        if record.agent_id is None:
            record.agent_name = _agent_around(around, self.trace)
            if record.agent_name is not None:
                record.agent_id = agent_id_of(self.trace.session_id, record.agent_name)
        else:
            record.agent_name = next((agent.name for agent in agents if agent.id == record.agent_id), None)
        event.session_id, event.agent_id = self.trace.session_id, record.agent_id
        if event.end_timestamp is None and record.end is not None:
            event.end_timestamp = timestamp_of(record.end)
        self._recorder.add(record, self.trace)

    def describe(self, error: BaseException) -> ErrorInfo:
        """What the exception says that the session ends with; one that has ended a session inside it said so there.

        Call it where the session is no longer current: the session around it is told.
        """
        told, around = self.trace.told, current_trace()
        is_known = told is not None and is_marked(error, told.mark)
        if told is None or not is_known:
            told = Told(mark_of(error), error_info(error))
        if around is not None:
            around.told = told
        return told.info

    def end(self, *, failed: bool, error: ErrorInfo | None = None, result: Any = None) -> None:
        """End the root span; the session's failure is not one more error: what failed in it was counted there."""
        self.trace.touch()
        root = self.root
        if root is None or root.recorder is None:
            return
        root.status = ERROR if failed else OK
        if error is not None:
            root.details.error = error
        root.recorder.close(root, b"" if result is None or not root.recorder.content else encode(result))


def _agent_around(span: Span | None, trace: Trace) -> str | None:
    """The name of the agent whose work a span is part of, in this session."""
    around: Span | Outside | None = span
    while isinstance(around, Span) and around.trace is trace:
        if around.kind is SpanKind.AGENT:
            return (around.extra and around.extra.name) or around.template.name
        around = around.parent
    return None
