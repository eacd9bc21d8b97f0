"""Which sessions live in this process, and which one is current."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Self, overload

from agentops.domain.ids import session_id_of
from agentops.recording.context import current_trace, enter_trace, leave, leave_trace
from agentops.recording.recorder import active
from agentops.session.home import home_of

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

    from opentelemetry.context.context import Context

    from agentops.session.session import Session


class Registry:
    """Live sessions by id.

    Attributes:
        default: the session of code that no other one is current for; the one that `init` started.
    """

    def __init__(self) -> None:
        self.default: Session | None = None
        self._sessions: dict[str, Session] = {}
        self._lock = threading.RLock()  # a signal handler may end sessions while this thread starts one

    def add(self, session: Session) -> None:
        """A session has started."""
        with self._lock:
            self._sessions[session.session_id] = session

    def remove(self, session: Session) -> None:
        """A session has ended."""
        with self._lock:
            self._sessions.pop(session.session_id, None)
            if self.default is session:
                self.default = None

    def get(self, session_id: str) -> Session | None:
        """The live session of this id."""
        return self._sessions.get(session_id)

    def active(self) -> list[Session]:
        """All live sessions, oldest first."""
        with self._lock:
            return list(self._sessions.values())

    def current(self) -> Session | None:
        """The session that the running code belongs to: by context, else the default, else the only one."""
        trace = current_trace()
        if trace is not None and trace.session_id in self._sessions:
            return self._sessions[trace.session_id]
        if self.default is not None:
            return self.default
        alive = self.active()
        return alive[0] if len(alive) == 1 else None

    def clear(self) -> None:
        """Forget all of them; none is ended."""
        with self._lock:
            self._sessions.clear()
            self.default = None


# What AgentOps has as functions: the sessions of the program that is being recorded


def _registry() -> Registry | None:
    home = None if active.recorder is None else home_of(active.recorder)
    return None if home is None else home.registry


def get_active_sessions() -> list[Session]:
    """All sessions that are running, oldest first."""
    registry = _registry()
    return [] if registry is None else registry.active()


def get_current_session() -> Session | None:
    """The session that the running code belongs to."""
    registry = _registry()
    return None if registry is None else registry.current()


def get_default_session() -> Session | None:
    """The session of code that no other one is current for; without one, the only one there is."""
    registry = _registry()
    if registry is None:
        return None
    active_ones = registry.active()
    return registry.default or (active_ones[0] if len(active_ones) == 1 else None)


def get_session_by_id(session_id: object) -> Session:
    """The running session of this id, a UUID or its text.

    Raises:
        ValueError: if there is none.
    """
    registry = _registry()
    found = None if registry is None else registry.get(session_id_of(session_id))
    if found is None:
        raise ValueError(f"no session with the id {session_id} is running in this process")
    return found


def add_session(session: Session) -> None:
    """Let a session be found; those that were started are."""
    registry = _registry()
    if registry is not None:
        registry.add(session)


def remove_session(session: Session) -> None:
    """Let a session be found no more; those that ended are not. It goes on."""
    registry = _registry()
    if registry is not None:
        registry.remove(session)


def clear_registry() -> None:
    """Let no session be found any more; none is ended."""
    registry = _registry()
    if registry is not None:
        registry.clear()


class Scope:
    """A session is current here, until the end of a block or of the scope.

    Attributes:
        session: which one.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._token: Token[Context] | None = enter_trace(session.telemetry.trace)

    def end(self) -> None:
        """What was current before is so again."""
        token, self._token = self._token, None
        if token is not None:
            leave(token)
            around = current_trace()
            if around is not None and around.ended:
                leave_trace(around, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def set_current_session(session: Session) -> Scope:
    """Make a session current here; what comes back goes to `end_session_scope`, which undoes it."""
    return Scope(session)


def use_session(session: Session) -> Scope:
    """Make a session current here, for the block that this opens, or until `end_session_scope`."""
    return Scope(session)


def end_session_scope(scope: Scope) -> None:
    """Undo what `set_current_session` or `use_session` did; the session goes on."""
    scope.end()


class ActiveSessions(Sequence["Session"]):
    """The running sessions as a list that is always up to date."""

    @overload
    def __getitem__(self, index: int) -> Session: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Session]: ...
    def __getitem__(self, index: int | slice) -> Session | Sequence[Session]:
        return get_active_sessions()[index]

    def __len__(self) -> int:
        return len(get_active_sessions())

    def __repr__(self) -> str:
        return repr(get_active_sessions())


active_sessions: Final = ActiveSessions()


class Current:
    """Reads the current session, from a class as from an object."""

    def __get__(self, instance: object, owner: type | None = None) -> Session | None:
        return get_current_session()
