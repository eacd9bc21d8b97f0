"""How a session goes from made to started to ended, and where it is current meanwhile."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self, cast

from agentops.domain.analytics import summary_line
from agentops.domain.ids import SessionId, new_session_id, session_id_of
from agentops.domain.states import TRANSITIONS, Answer, EndState, SessionState
from agentops.errors import ConfigurationError, SessionStateError
from agentops.recording.guard import guarded, logger
from agentops.recording.recorder import active
from agentops.session.description import as_text
from agentops.session.endings import ending_of
from agentops.session.home import home_of
from agentops.session.presence import Presence
from agentops.session.telemetry import SessionTelemetry

if TYPE_CHECKING:
    from types import TracebackType

    from agentops.recording.recorder import Recorder
    from agentops.session.home import Home
    from agentops.session.session import Session

DEFAULT_NAME = "session"


def _wake() -> Recorder | None:
    """The recorder, started now if the settings allow it; the client, which does so, may not be imported yet."""
    import_module("agentops.client")
    return active.wake()


class Lifecycle(ABC):
    """What every session has of its life; `Session` adds what is said and asked of it.

    Attributes:
        session_id: a UUID, as text that is equal to the UUID as well; the 128 bits of the OpenTelemetry trace id.
        name: what it is called.
        state: where it stands.
        end_state_reason: why it ended so.
        video: address of a recording of it.
        owned: whether this process started it; one that only joined it does not end it.
        started_at: Unix nanoseconds; None before.
        ended_at: Unix nanoseconds; None before.
    """

    def __init__(self, name: str | None, session_id: object, recorder: Recorder | None, home: Home | None) -> None:
        """Make it, not started yet; see `Session`.

        Raises:
            ConfigurationError: if recording was never started.
            ValueError: if the id is no UUID.
        """
        recorder = recorder or active.recorder or _wake()
        if recorder is None:
            raise ConfigurationError("recording is off: call agentops.init() before making a session")
        plain_id = new_session_id() if session_id is None else session_id_of(session_id)
        self.session_id = SessionId(plain_id)
        self.name = as_text(name) or DEFAULT_NAME
        self.state = SessionState.INITIALIZING
        self.end_state_reason: str | None = None
        self.video: str | None = None
        self.owned = True
        self.started_at: int | None = None
        self.ended_at: int | None = None
        self._end_state = EndState.INDETERMINATE
        self._telemetry = SessionTelemetry(recorder, plain_id)
        self._telemetry.analytics.measure = lambda: self.duration
        self._home = home or home_of(recorder)
        self._lock = threading.RLock()
        self._presence = Presence(self._telemetry.trace)

    @property
    def telemetry(self) -> SessionTelemetry:
        """Its recorded side."""
        return self._telemetry

    @property
    def end_state(self) -> EndState:
        """How it went; `Indeterminate` while it goes on."""
        return self._end_state

    @property
    def is_running(self) -> bool:
        """Whether it has started and not ended."""
        return self.state is SessionState.RUNNING

    @property
    def is_alive(self) -> Answer:
        """Whether it has not ended; `session.is_alive` and `session.is_alive()` say the same."""
        return Answer(not self.state.is_terminal)

    @property
    def is_terminal(self) -> Answer:
        """Whether it has ended; `session.is_terminal` and `session.is_terminal()` say the same."""
        return Answer(self.state.is_terminal)

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
            self._home.prepare(self._itself)
        self.started_at = self._telemetry.now()
        self._telemetry.start(self.name, arguments, attributes)
        return self._begin()

    def wait(self) -> Self:
        """Start it and make it current here; nothing is written of it before something happens in it.

        That is anything that is recorded in it, a tag, an agent, or its end; see `forget`.
        """
        self._go(SessionState.RUNNING)
        if self._home is not None:
            self._home.prepare(self._itself)
        self.started_at = self._telemetry.now()
        self._telemetry.wait(self.name, self._appear)
        return self._enter()

    def _appear(self) -> None:
        self._tell()
        if self._home is not None and not self.state.is_terminal:
            self._home.add(self._itself)

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
        self._presence.begin()
        if self._home is not None:
            self._home.add(self._itself)
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
        self.video = as_text(video) or self.video
        self._end(state, as_text(reason))

    def set_state(self, state: object, reason: str | None = None) -> None:
        """Let it go to a state: to `RUNNING`, which starts it, or to one of the three in which it has ended.

        Args:
            state: a `SessionState`, or its name; words for end states are understood as well.
            reason: why, of an end.

        Raises:
            SessionStateError: if it cannot go there from where it stands.
            ValueError: if the state is none.
        """
        wanted = SessionState.of(state)
        if wanted is self.state:
            return
        if wanted is SessionState.RUNNING:
            self.start()
        elif self.state.is_terminal or not wanted.is_terminal:
            self._go(wanted)
        else:
            self.end(wanted, reason)

    @property
    def is_beside(self) -> bool:
        """Whether code where it was started may mean it or another session that was current there already."""
        return self._home is not None and self._presence.is_beside(self._home.registry)

    def as_block(self) -> Self:
        """It is for a block or a function: code in there means this one."""
        self._presence.is_block = True
        return self

    def __enter__(self) -> Self:
        self._presence.is_block = True
        if self.state is SessionState.INITIALIZING:
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(error)

    def pause(self) -> None:
        """Stop being current here, for now."""
        self._presence.pause()

    def resume(self) -> None:
        """Be current here again."""
        self._presence.resume()

    def leave(self) -> None:
        """Take no more part in it: it goes on in the process that started it."""
        self._presence.end()
        if self._home is not None:
            self._home.remove(self._itself)

    def close(self, error: BaseException | None = None, result: Any = None) -> None:
        """End it by how its block ended: well, with an exception, or given up on."""
        self._end(*ending_of(error), error=error, result=result)

    def _end(self, state: EndState, reason: str | None, error: BaseException | None = None, result: Any = None) -> None:
        with self._lock:
            if self.state.is_terminal:
                return
            self._go(state.state)
            self._presence.end()
            self._end_state, self.end_state_reason = state, reason
            self.ended_at = self._telemetry.now()
            self._telemetry.analytics.measure = partial(float, self.duration)  # which does not keep it alive
        with guarded("ending a session"):
            info = None if error is None else self._telemetry.describe(error)
            if error is not None and self._telemetry.root is not None and state is EndState.FAIL:
                self._telemetry.root.fail(error, info)
            self._telemetry.end(failed=state is EndState.FAIL, error=info, result=result)
            self._tell()
        if self.owned:
            logger.info("%s", summary_line(self._telemetry.analytics.as_dict(self.duration)))
        if self._home is not None:
            self._home.remove(self._itself)

    def _go(self, state: SessionState) -> None:
        if state not in TRANSITIONS[self.state]:
            raise SessionStateError(f"session {self.name!r} is {self.state}: it cannot become {state}")
        self.state = state

    def _tell(self) -> None:
        if not self._telemetry.trace.touch():  # which comes back here
            self._write_down()

    @property
    def _itself(self) -> Session:
        """What the others know it as."""
        return cast("Session", self)

    @abstractmethod
    def _write_down(self) -> None:
        """Write down what is known of it now."""
