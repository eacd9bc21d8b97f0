"""The registry's functions, by which programs find sessions and say which one is current."""

import threading
from uuid import UUID, uuid4

import pytest

import agentops
from agentops import Session
from agentops.recording.context import current_trace
from agentops.session.registry import (
    add_session,
    clear_registry,
    end_session_scope,
    get_active_sessions,
    get_current_session,
    get_default_session,
    get_session_by_id,
    remove_session,
    set_current_session,
    use_session,
)
from agentops.testing.recording import Recording


def test_before_recording_there_are_none() -> None:
    """Nothing is started by looking."""
    assert (get_active_sessions(), get_current_session(), get_default_session()) == ([], None, None)
    with pytest.raises(ValueError, match="is running in this process"):
        get_session_by_id(uuid4())
    clear_registry()
    assert agentops.client.get_assembly() is None


def test_sessions_are_found(recording: Recording) -> None:
    """The running ones, oldest first, and each by its id."""
    first, second = Session("first").start(), Session("second").start()
    assert (get_active_sessions(), get_current_session(), get_default_session()) == ([first, second], second, None)
    spellings = (first.session_id, UUID(first.session_id), first.session_id.hex)
    assert [get_session_by_id(spelled) for spelled in spellings] == [first] * 3
    second.end()
    assert (get_active_sessions(), get_default_session()) == ([first], first)
    with pytest.raises(ValueError, match=f"no session with the id {second.session_id} is running"):
        get_session_by_id(second.session_id)
    with pytest.raises(ValueError, match="badly formed"):
        get_session_by_id("no id")


def test_the_session_of_init_is_the_default() -> None:
    """However many others there are."""
    session = agentops.init()
    agentops.start_session()
    assert get_default_session() is session


def test_a_session_may_be_taken_out_and_put_back(recording: Recording) -> None:
    """It goes on; and clearing forgets all of them without ending any."""
    session = Session().start()
    remove_session(session)
    assert (get_active_sessions(), session.is_running) == ([], True)
    add_session(session)
    assert get_active_sessions() == [session]
    clear_registry()
    assert (get_active_sessions(), session.is_running) == ([], True)


def test_a_session_is_current_for_a_scope(recording: Recording) -> None:
    """As a block, and from a call to a call; what was current before is so again."""
    first, second = Session("first").start(), Session("second").start()
    with use_session(first) as scope:
        assert (get_current_session(), scope.session) == (first, first)
        agentops.record(agentops.ToolEvent())
    assert get_current_session() is second
    scope = set_current_session(first)
    assert get_current_session() is first
    end_session_scope(scope)
    end_session_scope(scope)
    assert get_current_session() is second
    assert (first.is_running, first.event_counts["tools"], second.event_counts["tools"]) == (True, 1, 0)


def test_a_scope_is_of_its_thread(recording: Recording) -> None:
    """Another thread may use the same session, or another one."""
    first, second = Session("first").start(), Session("second").start()
    found: list[Session | None] = []

    def look() -> None:
        found.append(get_current_session())
        with use_session(first):
            found.append(get_current_session())

    thread = threading.Thread(target=look)
    with use_session(second):
        thread.start()
        thread.join()
        assert get_current_session() is second
    assert found == [None, first]


def test_a_session_that_ends_inside_its_scope_leaves_nothing_current(recording: Recording) -> None:
    """What comes after belongs to no ended session."""
    session = Session().start()
    with use_session(session):
        session.end()
    assert (get_current_session(), current_trace()) == (None, None)
