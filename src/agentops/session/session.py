"""A session: one execution of a workflow, and everything that is recorded in it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

from agentops.domain.analytics import summary_line
from agentops.domain.ids import new_session_id, session_id_of
from agentops.domain.spans import AgentRecord
from agentops.domain.states import TRANSITIONS, EndState, SessionState
from agentops.errors import ConfigurationError, SessionStateError
from agentops.recording.context import current_trace, enter_trace, leave, leave_trace
from agentops.recording.decoding import agent_id_of
from agentops.recording.failures import error_info
from agentops.recording.guard import guarded, logger
from agentops.recording.recorder import active
from agentops.session.description import record_of, words
from agentops.session.endings import end_of, ending_of
from agentops.session.home import home_of
from agentops.session.telemetry import SessionTelemetry

if TYPE_CHECKING:
    from contextvars import Token
    from decimal import Decimal
    from types import TracebackType

    from opentelemetry.context.context import Context

    from agentops.domain.analytics import Analytics
    from agentops.domain.events import Event
    from agentops.recording.recorder import Recorder
    from agentops.recording.trace import Trace
    from agentops.session.description import Tags
    from agentops.session.home import Home

DEFAULT_NAME = "session"
LEGACY = "agentops.legacy"
"""Before the names of what programs of AgentOps 0.4 say when they end a session, as it named them."""


class Session:
    """One execution of a workflow.

    Start it with `agentops.start_session`, `with agentops.session("name"):`, the `@agentops.session` decorator, or
    by hand: `Session()`, `start()`, `end()`; `with Session() as session:` does both.

    Attributes:
        session_id: UUID; the same 128 bits as the OpenTelemetry trace id.
        name: what it is called.
        state: where it stands.
        tags: words to find it by.
        agents: the actors made known in it.
        end_state: how it went, once it has ended.
        end_state_reason: why.
        video: address of a recording of it.
        owned: whether this process started it; one that only joined it does not end it.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        tags: Tags = None,
        session_id: object = None,
        recorder: Recorder | None = None,
        home: Home | None = None,
    ) -> None:
        """Make a session, not started yet.

        Args:
            name: what it is called; "session" if None.
            tags: words to find it by.
            session_id: an id of your own; a fresh one if None.
            recorder: what records it; the active one if None.
            home: who keeps an eye on several sessions; whoever does so for the recorder if None.

        Raises:
            ConfigurationError: if recording was never started, or tags are no words.
            ValueError: if the id is no UUID.
        """
        recorder = recorder or active.recorder or active.wake()
        if recorder is None:
            raise ConfigurationError("recording is off: call agentops.init() before making a session")
        self.session_id = new_session_id() if session_id is None else session_id_of(session_id)
        self.name = name or DEFAULT_NAME
        self.state = SessionState.INITIALIZING
        self.tags = words(tags)
        self.agents: list[AgentRecord] = []
        self.end_state: EndState | None = None
        self.end_state_reason: str | None = None
        self.video: str | None = None
        self.owned = True
        self.host_env: dict[str, Any] | None = None
        self.entrypoint: str | None = None
        self.started_at: int | None = None
        self.ended_at: int | None = None
        self._telemetry = SessionTelemetry(recorder, self.session_id)
        self._home = home or home_of(recorder)
        self._lock = threading.RLock()
        self._token: Token[Context] | None = None
        self._around: Trace | None = None
        self._is_block = False

    @property
    def analytics(self) -> Analytics:
        """Its counts."""
        return self._telemetry.analytics

    @property
    def telemetry(self) -> SessionTelemetry:
        """Its recorded side."""
        return self._telemetry

    @property
    def is_running(self) -> bool:
        """Whether it has started and not ended."""
        return self.state is SessionState.RUNNING

    @property
    def duration(self) -> float:
        """Seconds since it started, until it ended."""
        if self.started_at is None:
            return 0.0
        return max(0, (self.ended_at or self._telemetry.now()) - self.started_at) / 1e9

    def start(self, arguments: Any = None, attributes: dict[str, Any] | None = None) -> Self:
        """Start it and make it current here; what runs from now on in this thread or task belongs to it.

        Args:
            arguments: what goes in.
            attributes: what else its own span carries.

        Raises:
            SessionStateError: if it has been started before.
        """
        self._go(SessionState.RUNNING)
        if self._home is not None:
            self._home.prepare(self)
        self.started_at = self._telemetry.now()
        self._telemetry.start(self.name, arguments, attributes)
        return self._begin()

    def wait(self) -> Self:
        """Start it and make it current here; nothing is written of it before something happens in it.

        That is anything that is recorded in it, a tag, an agent, or its end; see `forget`.
        """
        self._go(SessionState.RUNNING)
        if self._home is not None:
            self._home.prepare(self)
        self.started_at = self._telemetry.now()
        self._telemetry.wait(self.name, self._appear)
        return self._enter()

    def _appear(self) -> None:
        self._tell()
        if self._home is not None and not self.state.is_terminal:
            self._home.add(self)

    @property
    def is_waiting(self) -> bool:
        """Whether it has started, and nothing has happened in it that would be worth writing down."""
        return self._telemetry.is_waiting

    def forget(self) -> None:
        """Leave no trace of it, where nothing has happened in it."""
        with self._lock:
            if self._telemetry.forget():
                self._go(SessionState.INDETERMINATE)
                self.leave()

    def join(self, parent_id: int = 0) -> Self:
        """Take part in a session that another process started, under one of its spans."""
        self._go(SessionState.RUNNING)
        self.owned = False
        self.started_at = self._telemetry.now()
        self._telemetry.join(parent_id)
        return self._begin()

    def _begin(self) -> Self:
        self._tell()
        return self._enter()

    def _enter(self) -> Self:
        self._around = current_trace()
        self._token = enter_trace(self._telemetry.trace)
        if self._home is not None:
            self._home.add(self)
        return self

    def end(self, end_state: object = EndState.SUCCESS, reason: str | None = None, video: str | None = None) -> None:
        """End it; ending an ended session changes nothing.

        Args:
            end_state: `Success`, `Fail` or `Indeterminate`, as word or enum member.
            reason: why, in words.
            video: address of a recording.

        Raises:
            ValueError: if the end state is none of the three.
        """
        state = EndState.of(end_state)
        self.video = video or self.video
        self._end(state, reason)

    def end_session(
        self,
        end_state: object = EndState.INDETERMINATE,
        end_state_reason: str | None = None,
        video: str | None = None,
        *,
        is_auto_end: bool = False,
        **more: Any,
    ) -> Decimal | None:
        """End it, as programs of AgentOps do.

        Args:
            end_state: `Success`, `Fail` or `Indeterminate`, as word, enum member or status code. Another word is warned
                of, and the session ends undecided.
            end_state_reason: why, in words.
            video: address of a recording.
            is_auto_end: a framework ends it, not the program: nothing happens where `skip_auto_end_session` is on.
            more: kept with its own span, as `agentops.legacy.<name>`.

        Returns:
            Its total cost in USD; None where it had ended before, or goes on.
        """
        config = None if self._home is None else self._home.config
        if self.state.is_terminal or (is_auto_end and config is not None and config.skip_auto_end_session):
            return None
        if more and self._telemetry.root is not None:
            self._telemetry.root.set_attributes({f"{LEGACY}.{name}": value for name, value in more.items()})
        self.end(*end_of(end_state, end_state_reason), video)
        return self.analytics.cost

    def record(self, event: Event, flush_now: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 - AgentOps's signature
        """Record an event; a session that has ended takes no more.

        Raises:
            TypeError: if it is no event.
        """
        if not self.state.is_terminal:
            self._telemetry.record(event)

    def add_tags(self, tags: Tags) -> None:
        """Add words to find it by."""
        self.tags = list(dict.fromkeys([*self.tags, *words(tags)]))
        self._tell()

    def set_tags(self, tags: Tags) -> None:
        """Replace the words to find it by."""
        self.tags = words(tags)
        self._tell()

    def create_agent(self, name: str, agent_id: object = None) -> str:
        """Make an actor known; its id, a UUID.

        Raises:
            ValueError: if the id is no UUID.
        """
        agent = AgentRecord(
            id=agent_id_of(self.session_id, name) if agent_id is None else session_id_of(agent_id), name=name
        )
        if agent not in self.agents:
            self.agents.append(agent)
            self._tell()
        return agent.id

    def get_analytics(self) -> dict[str, int | str]:
        """Its counts as AgentOps shows them.

        For example `{'LLM calls': 1, 'Tool calls': 1, 'Actions': 0, 'Errors': 0, 'Duration': '0.9s', 'Cost': '0.00'}`.
        """
        return self.analytics.as_dict(self.duration)

    @property
    def is_beside(self) -> bool:
        """Whether it was started where another one was current that goes on, and not for a block or a function.

        Code that runs there may mean either; the default session is meant by nobody.
        """
        around, home = self._around, self._home
        if around is None or around.ended or self._is_block or home is None:
            return False
        beside = home.registry.get(around.session_id)
        return beside is not None and beside is not home.registry.default

    def as_block(self) -> Self:
        """It is for a block or a function: code in there means this one."""
        self._is_block = True
        return self

    def __enter__(self) -> Self:
        self._is_block = True
        if self.state is SessionState.INITIALIZING:
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(error)

    def pause(self) -> None:
        """Stop being current here, for now."""
        if self._token is not None:
            leave(self._token)
            self._token = None

    def resume(self) -> None:
        """Be current here again."""
        self._token = enter_trace(self._telemetry.trace)

    def leave(self) -> None:
        """Take no more part in it: it goes on in the process that started it."""
        leave_trace(self._telemetry.trace, self._token)
        self._token = None
        if self._home is not None:
            self._home.remove(self)

    def close(self, error: BaseException | None = None, result: Any = None) -> None:
        """End it by how its block ended: well, with an exception, or given up on."""
        self._end(*ending_of(error), error=error, result=result)

    def _end(self, state: EndState, reason: str | None, error: BaseException | None = None, result: Any = None) -> None:
        with self._lock:
            if self.state.is_terminal:
                return
            self._go(state.state)
            leave_trace(self._telemetry.trace, self._token)
            self._token = None
            self.end_state, self.end_state_reason = state, reason
            self.ended_at = self._telemetry.now()
        with guarded("ending a session"):
            info = None if error is None else error_info(error)
            if error is not None and self._telemetry.root is not None and state is EndState.FAIL:
                self._telemetry.root.fail(error, info)
            self._telemetry.end(failed=state is EndState.FAIL, error=info, result=result)
            self._tell()
        if self.owned:
            logger.info("%s", summary_line(self.get_analytics()))
        if self._home is not None:
            self._home.remove(self)

    def _go(self, state: SessionState) -> None:
        if state not in TRANSITIONS[self.state]:
            raise SessionStateError(f"session {self.name!r} is {self.state}: it cannot become {state}")
        self.state = state

    def _tell(self) -> None:
        if not self._telemetry.trace.touch():  # which comes back here
            self._telemetry.tell(record_of(self))

    def __repr__(self) -> str:
        return f"<Session {self.name!r} {self.session_id} {self.state}>"
