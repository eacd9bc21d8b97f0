"""One session: its states, its counts, what is told of it, and the ways to end it."""

import asyncio
import logging
import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

import agentops
from agentops import ActionEvent, EndState, ErrorEvent, Event, LLMEvent, Session, SessionState, ToolEvent
from agentops.domain.spans import SessionRecord, SpanKind, SpanStatus
from agentops.errors import ConfigurationError, SessionStateError
from agentops.testing.recording import Recording

KEYS = ["LLM calls", "Tool calls", "Actions", "Errors", "Duration", "Cost"]


def told(recording: Recording) -> SessionRecord:
    """What was last told of the only session."""
    (session,) = recording.sessions()
    return session


def test_the_counts_have_exactly_these_keys_and_formats(recording: Recording) -> None:
    """`get_analytics()` prints as AgentOps's documentation shows it."""
    session = Session("research").start()
    session.record(ActionEvent("llms"))
    session.record(ActionEvent("tools"))
    session.started_at = recording.recorder.clock.now() - 900_000_000
    session.ended_at = session.started_at + 900_000_000
    assert str(session.get_analytics()) == (
        "{'LLM calls': 1, 'Tool calls': 1, 'Actions': 0, 'Errors': 0, 'Duration': '0.9s', 'Cost': '0.00'}"
    )


def test_every_kind_of_event_is_counted_as_what_it_is(recording: Recording) -> None:
    """Model calls, tool calls, actions and errors by their type; other types by none."""
    session = Session().start()
    session.record(LLMEvent(prompt="hi", completion="ho", model="gpt-4o", prompt_tokens=1_000, completion_tokens=100))
    session.record(ToolEvent(name="search"))
    session.record(ActionEvent(action_type="walk"))
    session.record(ErrorEvent(exception=ValueError("no")))
    session.record(Event(event_type="test_event", returns="test result"))
    counts = session.get_analytics()
    assert [counts[key] for key in KEYS[:4]] == [1, 1, 1, 1]
    assert counts["Cost"] == "0.003500"
    assert session.analytics.cost == Decimal("0.0035")


def test_the_end_is_told_in_one_line(recording: Recording, caplog: pytest.LogCaptureFixture) -> None:
    """`Session Stats - ...`, from our own logger, which writes to stderr."""
    with caplog.at_level(logging.INFO, "agentops"), Session() as session:
        session.record(ToolEvent(name="search"))
    (line,) = [record.getMessage() for record in caplog.records]
    assert re.fullmatch(
        r"Session Stats - Duration: \d+\.\ds \| Cost: \$0\.00 \| LLMs: 0 \| Tools: 1 \| Actions: 0 \| Errors: 0", line
    )


def test_a_session_goes_from_made_to_running_to_ended(recording: Recording) -> None:
    """INITIALIZING, RUNNING and one of the three ends, each written down."""
    session = Session("research", tags=["a"])
    assert (session.state, session.is_running, session.duration) == (SessionState.INITIALIZING, False, 0.0)
    session.start()
    assert (session.state, session.is_running) == (SessionState.RUNNING, True)
    assert told(recording).state == "RUNNING"
    session.end("Success", "all done", video="https://example.com/v")
    assert session.state is SessionState.SUCCEEDED
    record = told(recording)
    assert (record.state, record.end_state, record.end_state_reason) == ("SUCCEEDED", "Success", "all done")
    assert (record.name, record.tags, record.video, record.end) == (
        "research",
        ["a"],
        "https://example.com/v",
        session.ended_at,
    )


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Success", SessionState.SUCCEEDED),
        ("Fail", SessionState.FAILED),
        ("Failure", SessionState.FAILED),
        ("Indeterminate", SessionState.INDETERMINATE),
        (EndState.FAIL, SessionState.FAILED),
        (SessionState.SUCCEEDED, SessionState.SUCCEEDED),
        (SimpleNamespace(name="OK", value=1), SessionState.SUCCEEDED),
    ],
)
def test_end_states_are_understood_in_every_spelling(recording: Recording, word: object, state: SessionState) -> None:
    """Words of both AgentOps generations, enum members, and status codes."""
    session = Session().start()
    session.end_session(word)
    assert session.state is state


def test_an_unknown_end_state_is_refused_and_the_session_goes_on(recording: Recording) -> None:
    """A typing error ends nothing."""
    session = Session().start()
    with pytest.raises(ValueError, match="'Success', 'Fail' or 'Indeterminate'"):
        session.end("Succes")
    assert session.is_running


def test_ending_twice_changes_nothing(recording: Recording) -> None:
    """The first word counts; the second end has no cost to give."""
    session = Session().start()
    session.record(LLMEvent(model="gpt-4o", prompt_tokens=1_000, completion_tokens=0))
    assert session.end_session("Success") == Decimal("0.0025")
    ended = session.ended_at
    assert session.end_session("Fail", "too late") is None
    session.end("Fail")
    assert (session.state, session.end_state_reason, session.ended_at) == (SessionState.SUCCEEDED, None, ended)


def test_a_session_starts_once(recording: Recording) -> None:
    """Starting a running or an ended session is an error of the program, and says so."""
    session = Session("research").start()
    with pytest.raises(SessionStateError, match="'research' is RUNNING"):
        session.start()
    session.end()
    with pytest.raises(SessionStateError):
        session.start()


def test_a_session_may_end_before_it_starts(recording: Recording) -> None:
    """Giving up early is no error, and starts nothing."""
    session = Session()
    session.end("Fail")
    assert session.state is SessionState.FAILED
    assert recording.spans(SpanKind.SESSION) == []


def test_an_ended_session_takes_no_more_events(recording: Recording) -> None:
    """What comes late is left out, without an error."""
    with Session() as session:
        pass
    session.record(ToolEvent(name="search"))
    assert session.get_analytics()["Tool calls"] == 0


def test_what_is_no_event_is_refused(recording: Recording) -> None:
    """A string is no event, and the program learns so."""
    wrong: Any = "llms"
    with Session() as session, pytest.raises(TypeError, match="not str"):
        session.record(wrong)


def test_a_block_that_ends_well_is_a_success(recording: Recording) -> None:
    """`with Session() as session:` starts and ends it."""
    with Session("research") as session:
        assert session.is_running
    assert (session.state, session.end_state_reason) == (SessionState.SUCCEEDED, None)


def test_a_block_that_raises_fails_with_the_exception_as_reason(recording: Recording) -> None:
    """The exception goes on, and the root span carries it."""
    with pytest.raises(ValueError, match="no luck"), Session("research") as session:
        raise ValueError("no luck")
    assert (session.state, session.end_state_reason) == (SessionState.FAILED, "ValueError: no luck")
    (root,) = recording.spans(SpanKind.SESSION)
    assert root.status is SpanStatus.ERROR
    assert root.error is not None
    assert (root.error.type, root.error.message) == ("ValueError", "no luck")


@pytest.mark.parametrize("kind", [asyncio.CancelledError, KeyboardInterrupt, GeneratorExit])
def test_a_block_that_is_cancelled_is_undecided(recording: Recording, kind: type[BaseException]) -> None:
    """Being given up on is neither success nor failure, and no error."""
    with pytest.raises(kind), Session() as session:
        raise kind
    assert (session.state, session.end_state_reason) == (SessionState.INDETERMINATE, kind.__name__)
    assert session.get_analytics()["Errors"] == 0


def test_tags_are_words_without_doubles(recording: Recording) -> None:
    """A single word is a tag as well; adding keeps, setting replaces; each change is told at once."""
    with Session(tags="demo") as session:
        session.add_tags(["a", "demo", "b"])
        session.add_tags("c")
        assert session.tags == ["demo", "a", "b", "c"]
        session.set_tags(["x", "x"])
        assert told(recording).tags == ["x"]
    wrong: Any = [1]
    with pytest.raises(ConfigurationError, match="tags are words"):
        session.add_tags(wrong)


def test_agents_have_ids_of_their_own_or_by_name(recording: Recording) -> None:
    """The same name is the same agent; a UUID of the program's own is kept; anything else is refused."""
    own = uuid4()
    with Session() as session:
        first = session.create_agent("researcher")
        assert UUID(first)
        assert session.create_agent("researcher") == first
        assert session.create_agent("writer", own) == str(own)
        assert session.create_agent("writer", agent_id=str(own)) == str(own)
        with pytest.raises(ValueError, match="badly formed"):
            session.create_agent("critic", "no uuid")
    assert [(agent.id, agent.name) for agent in told(recording).agents] == [(first, "researcher"), (str(own), "writer")]


def test_the_session_id_is_a_uuid_and_the_trace_id(recording: Recording) -> None:
    """The same 128 bits under both names; one of the program's own is kept."""
    own = uuid4()
    with Session(session_id=own) as session:
        assert session.session_id == str(own)
        assert session.telemetry.trace.trace_id == own.bytes
    with pytest.raises(ValueError, match="badly formed"):
        Session(session_id="no uuid")


def test_events_belong_under_the_span_that_is_current(recording: Recording) -> None:
    """An event recorded inside a step stands under it, one recorded for another session under that one's root."""
    with Session("inner") as inner, Session("outer") as outer, agentops.span("step") as step:
        outer.record(ToolEvent(name="here"))
        inner.record(ToolEvent(name="there"))
    here, there = recording.span("here"), recording.span("there")
    assert (here.session_id, here.parent_id) == (outer.session_id, step.get_span_context().span_id.to_bytes(8).hex())
    roots = {root.session_id: root.span_id for root in recording.spans(SpanKind.SESSION)}
    assert (there.session_id, there.parent_id) == (inner.session_id, roots[inner.session_id])


def test_the_counts_of_an_ended_session_stay(recording: Recording) -> None:
    """Duration and counts no longer change."""
    with Session() as session:
        session.record(ToolEvent(name="search"))
    assert session.get_analytics() == session.get_analytics()


def test_a_session_says_what_it_is(recording: Recording) -> None:
    """Name, id and state in its representation."""
    session = Session("research")
    assert repr(session) == f"<Session 'research' {session.session_id} INITIALIZING>"
