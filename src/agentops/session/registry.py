"""Which sessions live in this process, and which one is current."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from agentops.recording.context import current_trace

if TYPE_CHECKING:
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
