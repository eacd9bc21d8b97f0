"""Any sequence of calls on sessions leaves them in the states of the transition table."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from agentops import Session, ToolEvent
from agentops.domain.spans import SpanKind
from agentops.domain.states import TRANSITIONS, EndState, SessionState
from agentops.errors import SessionStateError
from agentops.recording.context import current_trace
from agentops.testing.recording import record

ENDS = st.sampled_from(list(EndState))


class Model:
    """What is known of one session without asking it."""

    def __init__(self) -> None:
        self.state = SessionState.INITIALIZING
        self.tools = 0
        self.agents: set[str] = set()

    def go(self, state: SessionState) -> bool:
        """Whether the table lets it go there; it then has."""
        allowed = state in TRANSITIONS[self.state]
        self.state = state if allowed else self.state
        return allowed


class Sessions(RuleBasedStateMachine):
    """Several sessions at once, driven in any order."""

    sessions: Bundle[tuple[Session, Model]] = Bundle("sessions")

    def __init__(self) -> None:
        super().__init__()
        self.context: Any = record(plugins=False, strict=True)
        self.recording = self.context.__enter__()
        self.known: list[tuple[Session, Model]] = []

    def teardown(self) -> None:
        """Close the recording."""
        self.context.__exit__(None, None, None)

    @rule(target=sessions, managed=st.booleans())
    def make(self, managed: bool) -> tuple[Session, Model]:  # noqa: FBT001 - hypothesis passes it by name
        """A session by hand, or one that the manager looks after."""
        session = self.recording.manager.make() if managed else Session()
        self.known.append((session, Model()))
        return self.known[-1]

    @rule(pair=sessions)
    def start(self, pair: tuple[Session, Model]) -> None:
        """Start it, once."""
        session, model = pair
        if model.go(SessionState.RUNNING):
            session.start()
        else:
            with pytest.raises(SessionStateError):
                session.start()

    @rule(pair=sessions, end=ENDS)
    def end(self, pair: tuple[Session, Model], end: EndState) -> None:
        """End it; the first end counts."""
        session, model = pair
        if model.go(end.state):
            session.end(end, end.value)
            assert (session.end_state, session.end_state_reason) == (end, end.value)
        else:
            assert session.end_session(end) is None

    @rule(pair=sessions)
    def enter_and_leave(self, pair: tuple[Session, Model]) -> None:
        """As a block: it ends well unless it had ended."""
        session, model = pair
        with session:
            pass
        model.go(SessionState.SUCCEEDED)

    @rule(pair=sessions)
    def record_a_tool(self, pair: tuple[Session, Model]) -> None:
        """Events count until the end."""
        session, model = pair
        if model.state is SessionState.RUNNING:
            session.record(ToolEvent(name="t"))
            model.tools += 1

    @rule(pair=sessions, name=st.sampled_from("ab"))
    def make_an_agent(self, pair: tuple[Session, Model], name: str) -> None:
        """The same name is the same agent."""
        session, model = pair
        session.create_agent(name)
        model.agents.add(name)

    @invariant()
    def states_are_as_modelled(self) -> None:
        """State, counts and agents of every session."""
        for session, model in self.known:
            assert session.state is model.state
            assert session.get_analytics()["Tool calls"] == model.tools
            assert {agent.name for agent in session.agents} == model.agents

    @invariant()
    def no_ended_session_is_current(self) -> None:
        """What is current is running."""
        trace = current_trace()
        states = {str(session.session_id): session.state for session, _ in self.known}
        assert trace is None or states[trace.session_id] is SessionState.RUNNING

    @invariant()
    def every_started_session_has_one_root(self) -> None:
        """Its own span, once."""
        roots = [span.session_id for span in self.recording.spans(SpanKind.SESSION)]
        assert sorted(roots) == sorted(session.session_id for session, _ in self.known if session.started_at)


Sessions.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestSessions = Sessions.TestCase
