"""The functions around the current session, as both AgentOps generations call them."""

import logging
import threading
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from opentelemetry.trace import Status, StatusCode

import agentops
from agentops import ActionEvent, EndState, LLMEvent, SessionState, ToolEvent
from agentops.domain.spans import SpanKind
from agentops.testing.recording import Recording

FREE = LLMEvent(model="gpt-4o", prompt_tokens=1_000, completion_tokens=100)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the program was told."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def elsewhere(do: Callable[[], Any]) -> Any:
    """What a function gives in a thread, where no session is current."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(do()))
    thread.start()
    thread.join()
    return found[0]


ENDS: list[tuple[object, str]] = [
    ("Success", "Success"),
    ("Fail", "Fail"),
    ("Failure", "Fail"),
    ("Indeterminate", "Indeterminate"),
    (EndState.FAIL, "Fail"),
    (SessionState.FAILED, "Fail"),
    (agentops.TraceState.ERROR, "Fail"),
    (agentops.SUCCESS, "Success"),
    (agentops.UNSET, "Indeterminate"),
    (StatusCode.ERROR, "Fail"),
    (Status(StatusCode.OK), "Success"),
    (SimpleNamespace(name="Success", value="Success"), "Success"),
]


@pytest.mark.parametrize(("said", "kept"), ENDS)
def test_an_end_state_is_kept_however_it_is_said(recording: Recording, said: object, kept: str) -> None:
    """Words, enum members and status codes, by position and by name, of a session, a trace and the current one."""
    ways: list[Callable[[agentops.Session], object]] = [
        lambda _: agentops.end_session(said),
        lambda _: agentops.end_session(end_state=said),
        lambda _: agentops.end_session(session_or_status=said),
        lambda session: agentops.end_session(session, end_state=said),
        lambda session: session.end_session(said),
        lambda session: session.end_session(end_state=said, end_state_reason=None),
        lambda session: session.end(said),
        lambda session: agentops.end_trace(session, said),
        lambda _: agentops.end_trace(None, said),
        lambda _: agentops.end_trace(end_state=said),
        lambda _: agentops.end_all_sessions(said),
    ]
    for way in ways:
        session = agentops.start_session()
        assert session is not None
        way(session)
        assert (session.is_running, session.end_state) == (False, kept)
    assert {record.end_state for record in recording.sessions()} == {kept}


def test_nobody_s_word_for_the_end_is_that_of_its_generation(recording: Recording) -> None:
    """`end_session()` and `end_trace()` of 0.4 are a success; `session.end_session()` of 0.3 leaves it undecided."""
    found: list[EndState] = []
    ends: list[Callable[[agentops.Session], object]] = [
        lambda _: agentops.end_session(),
        agentops.end_session,
        agentops.end_trace,
        lambda _: agentops.end_trace(),
        lambda session: session.end(),
        lambda session: session.end_session(),
        lambda _: agentops.end_all_sessions(),
    ]
    for end in ends:
        session = agentops.start_session()
        assert session is not None
        end(session)
        found.append(session.end_state)
    assert found == ["Success"] * 5 + ["Indeterminate"] * 2


def test_a_word_that_is_no_end_state_ends_the_session_undecided(
    recording: Recording, caplog: pytest.LogCaptureFixture
) -> None:
    """No program of AgentOps fails over it: it is told, and the word is the reason."""
    ends: list[Callable[[str], object]] = [
        agentops.end_session,
        agentops.end_all_sessions,
        lambda word: agentops.end_trace(None, word),
    ]
    for end in ends:
        session = agentops.start_session()
        assert session is not None
        end("Completed")
        assert (session.end_state, session.end_state_reason) == ("Indeterminate", "ended as 'Completed'")
    session = agentops.start_session()
    agentops.end_session("Completed", "because")
    assert session is not None
    assert session.end_state_reason == "because"
    advice = "'Completed' is no end state: pass 'Success', 'Fail' or 'Indeterminate'; the session ends as Indeterminate"
    assert messages(caplog) == [advice] * 4


def test_ending_gives_the_cost(recording: Recording) -> None:
    """A Decimal in USD, which prints as the text that the documentation promises; None where nothing was ended."""
    agentops.start_session()
    agentops.record(FREE)
    cost = agentops.end_session("Success")
    assert (cost, str(cost)) == (Decimal("0.0035"), "0.0035")
    session = agentops.start_session()
    assert session is not None
    assert (session.end_session(), session.end_session()) == (Decimal(0), None)


def test_a_framework_that_ends_the_session_may_be_ignored(recording: Recording) -> None:
    """`is_auto_end=True` with `skip_auto_end_session` is nothing; without it, it is an end."""
    session = agentops.start_session()
    assert session is not None
    recording.manager.config = SimpleNamespace(skip_auto_end_session=True)  # pyright: ignore[reportAttributeAccessIssue] - enough of one
    assert agentops.end_session(end_state="Success", end_state_reason="Finished", is_auto_end=True) is None
    assert session.end_session(end_state="Success", is_auto_end=True) is None
    assert session.is_running
    assert agentops.end_session("Success") == 0
    recording.manager.config = None
    other = agentops.start_session()
    agentops.end_session(end_state="Fail", end_state_reason="Finished", is_auto_end=True)
    assert other is not None
    assert (other.end_state, other.end_state_reason) == ("Fail", "Finished")


def test_what_else_is_said_at_the_end_is_kept(recording: Recording) -> None:
    """Further keyword arguments stand on the session's own span, as in AgentOps 0.4."""
    agentops.start_session()
    agentops.end_session(end_state="Success", crew="writers", size=3)
    (root,) = recording.spans(SpanKind.SESSION)
    assert root.attributes == {"agentops.legacy.crew": "writers", "agentops.legacy.size": 3}


def test_with_several_sessions_and_none_current_nothing_happens(
    recording: Recording, caplog: pytest.LogCaptureFixture
) -> None:
    """As in AgentOps 0.3: a warning for each call says what to do, and both sessions are left alone."""
    first, second = agentops.start_session(), agentops.start_session()
    event = ActionEvent()
    calls: list[Callable[[], object]] = [
        lambda: agentops.end_session("Success"),
        lambda: agentops.record(event),
        lambda: agentops.add_tags(["a"]),
        lambda: agentops.set_tags(["a"]),
        lambda: agentops.create_agent("writer"),
    ]
    assert [elsewhere(call) for call in calls] == [None, event, None, None, None]
    start = "2 sessions are running and none is current here: call the method of the one to"
    assert messages(caplog) == [
        f"{start} {do}" for do in ("end", "record ActionEvent in", "tag", "tag", "make an agent known in")
    ]
    for session in (first, second):
        assert session is not None
        assert (session.is_running, session.tags, session.agents) == (True, [], [])


def test_with_one_session_it_is_meant_everywhere(recording: Recording) -> None:
    """Threads that carry no context find it."""
    session = agentops.start_session()
    assert session is not None
    elsewhere(lambda: agentops.add_tags("a"))
    agent_id = elsewhere(lambda: agentops.create_agent("writer"))
    elsewhere(lambda: agentops.record(ToolEvent(name="search")))
    assert (session.tags, [agent.id for agent in session.agents]) == (["a"], [agent_id])
    assert session.event_counts == {"llms": 0, "tools": 1, "actions": 0, "errors": 0, "apis": 0}
    assert elsewhere(lambda: agentops.end_session("Success")) == 0


def test_recording_notes_the_end_on_the_event_and_gives_it_back(recording: Recording) -> None:
    """As in AgentOps 0.4; what the event says itself stays."""
    session = agentops.start_session()
    assert session is not None
    event = ActionEvent(action_type="walk")
    assert agentops.record(event) is event
    assert event.end_timestamp is not None
    assert event.end_timestamp >= event.init_timestamp
    assert event.session_id == session.session_id
    ended = event.end_timestamp
    session.record(event)
    assert event.end_timestamp == ended


def test_tags_are_added_and_replaced(recording: Recording) -> None:
    """Of the current session; a single word and a mapping are tags as well."""
    session = agentops.start_session({"team": "north", "run": 3})
    assert session is not None
    agentops.add_tags("a")
    agentops.add_tags(["b", "a"])
    assert session.tags == ["team:north", "run:3", "a", "b"]
    agentops.set_tags("c")
    assert session.tags == ["c"]


def test_a_session_is_found_by_its_id(recording: Recording) -> None:
    """A UUID, its text, its digits; None for what is not there or no id."""
    session = agentops.start_session()
    assert session is not None
    found = [
        agentops.get_session(each) for each in (session.session_id, UUID(session.session_id), session.session_id.hex)
    ]
    assert found == [session] * 3
    assert [agentops.get_session(each) for each in (uuid4(), "no id", None)] == [None] * 3
    session.end()
    assert agentops.get_session(session.session_id) is None


def test_an_agent_may_have_an_id_of_its_own(recording: Recording) -> None:
    """A UUID, kept; anything else is refused with what to pass."""
    agentops.start_session()
    own = uuid4()
    assert agentops.create_agent("writer", str(own)) == str(own)
    assert agentops.create_agent(name="editor", agent_id=own) == str(own)
    with pytest.raises(ValueError, match=r"'7' is a badly formed UUID: pass a UUID such as uuid4\(\), or none"):
        agentops.create_agent("critic", "7")


def test_settings_may_come_with_the_start(recording: Recording, caplog: pytest.LogCaptureFixture) -> None:
    """An object with settings, as AgentOps 0.3 had it; what is none is told."""
    assert agentops.start_session(config=SimpleNamespace(default_tags=None, colour="red")) is not None
    assert messages(caplog) == []


def test_inheriting_by_any_spelling_of_the_id(recording: Recording) -> None:
    """A running session is handed out, whether its id comes as UUID, text or digits."""
    session = agentops.start_session()
    assert session is not None
    for spelled in (session.session_id, UUID(session.session_id), session.session_id.hex):
        assert agentops.start_session(inherited_session_id=spelled) is session
