"""What concerns several sessions: starting, joining and ending them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from agentops.domain.ids import session_id_of
from agentops.domain.states import EndState
from agentops.recording.guard import guarded
from agentops.session.endings import end_of
from agentops.session.home import make_home
from agentops.session.listening import captures
from agentops.session.registry import Registry
from agentops.session.session import Session
from agentops.session.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agentops.config import Config
    from agentops.domain.spans import AgentRecord, SpanRecord
    from agentops.recording.recorder import Recorder
    from agentops.recording.trace import Trace
    from agentops.session.description import Tags


class SessionManager:
    """Starts sessions with what all of them share, and ends them together.

    Attributes:
        registry: the live ones.
        config: the settings of the program, where they are known.
        tally: what came of all of them together.
        expected: actors that are to be made known in the session that starts next.
    """

    def __init__(  # noqa: PLR0913 - what the whole program gives all of its sessions
        self,
        recorder: Recorder,
        *,
        default_tags: Iterable[str] = (),
        host_env: Callable[[], dict[str, Any]] | None = None,
        config: Config | None = None,
        flush: Callable[[float], bool] = lambda _: True,
        read_spans: Callable[[str], list[SpanRecord]] = lambda _: [],
    ) -> None:
        """Look after the sessions of a recorder.

        Args:
            recorder: what records them.
            default_tags: of every session.
            host_env: describes the machine.
            config: the settings of the program.
            flush: delivers what was recorded so far; whether that was done within so many seconds.
            read_spans: what is recorded of the session of this id.
        """
        self.config = config
        self.flush = flush
        self.read_spans = read_spans
        self.expected: list[AgentRecord] = []
        self.registry = Registry()
        self.tally = Tally()
        self._recorder = recorder
        self._default_tags = list(default_tags)
        self._host_env = host_env
        recorder.find_trace = self._only_trace
        make_home(recorder, self)

    def configure(self, config: Config) -> None:
        """Sessions that start from now on have these settings."""
        self.config = config
        self._default_tags = list(config.default_tags)

    def _only_trace(self) -> Trace | None:
        session = self.registry.current()
        return None if session is None else session.telemetry.trace

    def make(self, name: str | None = None, tags: Tags = None, session_id: object = None) -> Session:
        """A session that is not started yet."""
        session = Session(name, tags=tags, session_id=session_id, recorder=self._recorder, home=self)
        session.tags = list(dict.fromkeys([*self._default_tags, *session.tags]))
        return session

    def describe_host(self) -> dict[str, Any] | None:
        """What is known of the machine."""
        with guarded("describing the host"):
            return None if self._host_env is None else self._host_env()
        return None

    def prepare(self, session: Session) -> None:
        """A session of this recorder is about to start, by whomever it was made."""
        session.tags = list(dict.fromkeys([*self._default_tags, *session.tags]))
        session.entrypoint = " ".join(sys.argv) or None
        session.host_env = session.host_env or self.describe_host()
        expected, self.expected = self.expected, []
        session.agents += expected

    def add(self, session: Session) -> None:
        """It has started, or something has happened in it for the first time."""
        self.registry.add(session)
        self.tally.begin(session)
        if self.config is not None and self.config.capture_logs:
            with guarded("capturing logs"):
                session.start_log_capture()

    def remove(self, session: Session) -> None:
        """It has ended."""
        captures.stop(session.telemetry.trace.session_id)
        self.registry.remove(session)
        self.tally.end(session)

    def start(
        self,
        name: str | None = None,
        tags: Tags = None,
        inherited_session_id: object = None,
        parent_id: int = 0,
    ) -> Session:
        """Start a session, or join one that another process started.

        Raises:
            ValueError: if the inherited id is no UUID.
        """
        if inherited_session_id is None:
            return self.make(name, tags).start()
        known = self.registry.get(session_id_of(inherited_session_id))
        if known is not None:
            return known
        return self.make(name, tags, inherited_session_id).join(parent_id)

    def after_fork(self) -> None:
        """This is a child process: the sessions are its parent's to end."""
        for session in self.registry.active():
            session.owned = False
        self.tally = self.tally.renewed()

    def wait(self, name: str | None = None, tags: Tags = None) -> Session:
        """Start a session of which nothing is written before something happens in it."""
        return self.make(name, tags).wait()

    def forget_unused(self) -> None:
        """Leave no trace of sessions in which nothing has happened."""
        captures.flush()  # the beginning of a line is something that has happened
        for session in self.registry.active():
            session.forget()

    def end_all(self, end_state: object = EndState.INDETERMINATE, reason: str | None = None) -> None:
        """End every live session that this process started, the newest first; leave those it joined."""
        state, reason = end_of(end_state, reason)
        for session in reversed(self.registry.active()):
            if session.owned:
                with guarded("ending a session"):
                    session.end(state, reason)
            else:
                session.leave()
