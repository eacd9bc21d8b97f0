"""What came of all sessions of a process together: how many, how they ended, how long they took, what was called."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from agentops.domain.durations import Durations
from agentops.domain.metrics import Calls, Sessions
from agentops.domain.states import SessionState

if TYPE_CHECKING:
    from agentops.domain.analytics import Analytics
    from agentops.session.session import Session

KEPT: Final = 256
"""Ended sessions whose counts are not yet added up, as calls that they began may still come to their end."""


class Tally:
    """Sums over sessions: told when one begins and when it ends, and of nothing in between.

    It takes no lock, as a signal handler may end sessions while one is being ended, and a forked child goes on with it.

    Attributes:
        started: sessions of which something was written.
    """

    def __init__(self) -> None:
        self.started = 0
        self._peak = 0
        self._joined = 0
        self._active: dict[str, Session] = {}
        self._ended = dict.fromkeys((state for state in SessionState if state.is_terminal), 0)
        self._durations = Durations()
        self._recent: deque[Analytics] = deque()
        self._earlier = Sums()

    def begin(self, session: Session) -> None:
        """A session goes on; one that waits for something to happen does not yet."""
        if session.session_id in self._active or session.is_waiting:
            return
        self._active[session.session_id] = session
        self.started += 1
        self._joined += not session.owned
        self._peak = max(self._peak, len(self._active))

    def end(self, session: Session) -> None:
        """A session has ended, or was left."""
        if self._active.pop(session.session_id, None) is None:
            return
        if session.state.is_terminal:
            self._ended[session.state] += 1
            self._durations.add(session.duration)
        self._recent.append(session.analytics)
        if len(self._recent) > KEPT:
            self._earlier.add(self._recent.popleft())

    def renewed(self) -> Tally:
        """The tally of a forked child: the sessions that go on are joined ones there, and nothing was called yet."""
        tally = Tally()
        for session in self._active.values():
            tally.begin(session)
            tally._earlier.add(session.analytics, sign=-1)
        return tally

    @property
    def tells_of_failure(self) -> bool:
        """Whether a session has failed, or goes on and may be ended as failed."""
        return bool(self._active) or self._ended[SessionState.FAILED] > 0

    def sessions(self) -> Sessions:
        """The sessions of this process in figures."""
        return Sessions(
            started=self.started,
            joined=self._joined,
            active=len(self._active),
            peak_active=self._peak,
            succeeded=self._ended[SessionState.SUCCEEDED],
            failed=self._ended[SessionState.FAILED],
            indeterminate=self._ended[SessionState.INDETERMINATE],
            durations=self._durations.summary(),
        )

    def calls(self) -> Calls:
        """What was called in all sessions, ended and active ones."""
        sums = self._earlier.copy()
        for analytics in list(self._recent):
            sums.add(analytics)
        for session in list(self._active.values()):
            sums.add(session.analytics)
        return sums.calls()


class Sums:
    """Counts of several sessions added up. Each addition is one step of the interpreter, like those of `Analytics`."""

    __slots__ = ("actions", "cost", "errors", "input_tokens", "llm_calls", "output_tokens", "tool_calls", "unpriced")

    def __init__(self) -> None:
        self.llm_calls = 0
        self.tool_calls = 0
        self.actions = 0
        self.errors = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.cost = Decimal(0)
        self.unpriced = 0

    def copy(self) -> Sums:
        """The same once more."""
        other = Sums()
        for name in Sums.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def add(self, counts: Analytics, *, sign: int = 1) -> None:
        """Add the counts of a session; calls that wait for their price are priced for that."""
        cost, unpriced = sign * counts.cost, sign * counts.unpriced
        tokens_in, tokens_out = sign * counts.input_tokens, sign * counts.output_tokens
        self.llm_calls += sign * counts.llm_calls
        self.tool_calls += sign * counts.tool_calls
        self.actions += sign * counts.actions
        self.errors += sign * counts.errors
        self.input_tokens += tokens_in
        self.output_tokens += tokens_out
        self.cost += cost
        self.unpriced += unpriced

    def calls(self) -> Calls:
        """The sums as figures."""
        return Calls(**{name: getattr(self, name) for name in Sums.__slots__})
