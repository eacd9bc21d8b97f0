"""What programs of both AgentOps generations read from a session and ask of it."""

import json
import logging
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

import agentops
from agentops import ActionEvent, ErrorEvent, Event, LLMEvent, Session, SessionState, ToolEvent
from agentops.domain.ids import SessionId
from agentops.domain.spans import SpanKind
from agentops.errors import SessionStateError
from agentops.session import session as module
from agentops.store.sqlite import SqliteStore
from agentops.testing.recording import Recording

ID = "a5fc2dba-53fc-4d78-9438-64f5b35c1c50"


def test_a_session_id_is_text_and_equal_to_its_uuid(recording: Recording) -> None:
    """Programs of 0.3 compare it with UUIDs and read its digits; everybody else uses it as text."""
    session_id = Session(session_id=UUID(ID)).session_id
    assert isinstance(session_id, SessionId)
    assert (session_id == UUID(ID), UUID(ID) == session_id, session_id != UUID(ID), session_id == uuid4()) == (
        *(True, True, False, False),
    )
    assert (session_id == ID, session_id != ID, session_id == "other", session_id == 7) == (True, False, False, False)
    assert (str(session_id), type(str(session_id)), f"{session_id}", session_id[:8]) == (ID, str, ID, "a5fc2dba")
    assert (session_id.hex, session_id.int, session_id.bytes) == (UUID(ID).hex, UUID(ID).int, UUID(ID).bytes)
    assert (session_id.urn, session_id.version, session_id.uuid) == (UUID(ID).urn, 4, UUID(ID))
    assert (json.dumps({"id": session_id}), dict[str, int]({session_id: 1})[ID]) == (f'{{"id": "{ID}"}}', 1)
    assert UUID(session_id) == UUID(ID)


def test_a_session_has_the_attributes_of_both_generations(recording: Recording) -> None:
    """Before it starts, while it runs, and when it has ended."""
    session = Session("research", tags=["a"])
    assert (session.init_timestamp, session.end_timestamp, session.end_state) == (None, None, "Indeterminate")
    assert (session.jwt, session.video, session.config, session.token_cost) == (None, None, None, Decimal(0))
    assert (session.is_running, session.is_alive(), session.is_terminal()) == (False, True, False)
    session.start()
    assert (session.is_running, bool(session.is_alive), bool(session.is_terminal)) == (True, True, False)
    assert (session.end_state, session.end_state_reason, session.end_timestamp) == ("Indeterminate", None, None)
    session.record(LLMEvent(model="gpt-4o", prompt_tokens=1_000, completion_tokens=100))
    session.record(ErrorEvent(details="lost"))
    session.record(Event("apis"))
    assert session.event_counts == {"llms": 1, "tools": 0, "actions": 0, "errors": 1, "apis": 1}
    assert session.token_cost == Decimal("0.0035")
    session.set_video("https://example.com/v")
    session.end("Fail", "no luck")
    assert (session.is_running, repr(session.is_alive), repr(session.is_terminal)) == (False, "False", "True")
    assert (session.end_state, session.end_state_reason, session.video) == ("Fail", "no luck", "https://example.com/v")
    assert session.init_timestamp is not None
    assert session.end_timestamp is not None
    began, ended = map(datetime.fromisoformat, (session.init_timestamp, session.end_timestamp))
    assert (began <= ended, began.utcoffset(), ended.utcoffset()) == (True, ended.utcoffset(), began.utcoffset())
    assert [(record.video, record.end_state) for record in recording.sessions()] == [("https://example.com/v", "Fail")]


def test_a_session_describes_itself(recording: Recording) -> None:
    """As plain values, and as JSON."""
    with Session("research", tags=["a"]) as session:
        agent_id = session.create_agent("writer")
    found = session.dict()
    assert json.loads(session.json()) == found
    assert found == {
        "session_id": str(session.session_id),
        "name": "research",
        "state": "SUCCEEDED",
        "is_running": False,
        "init_timestamp": session.init_timestamp,
        "end_timestamp": session.end_timestamp,
        "end_state": "Success",
        "end_state_reason": None,
        "tags": ["a"],
        "agents": [{"id": agent_id, "name": "writer"}],
        "video": None,
        "token_cost": "0",
        "event_counts": {"llms": 0, "tools": 0, "actions": 0, "errors": 0, "apis": 0},
        "host_env": None,
        "session_url": f"agentops show {session.session_id}",
    }


def test_analytics_are_fields_and_a_mapping(recording: Recording) -> None:
    """One object, right at any moment, and still when the session has ended."""
    session = Session().start()
    session.record(ToolEvent())
    analytics = session.analytics
    assert analytics.tool_calls == 1
    assert dict(analytics) == session.get_analytics()
    assert list(analytics) == ["LLM calls", "Tool calls", "Actions", "Errors", "Duration", "Cost"]
    assert (analytics["Tool calls"], len(analytics), "Cost" in analytics, "apis" in analytics) == (1, 6, True, False)
    assert (analytics == session.analytics, analytics == dict(analytics), {analytics: 1}[analytics]) == (True, False, 1)
    session.started_at = recording.recorder.clock.now() - 61_000_000_000
    session.end()
    assert (analytics["Duration"], str(analytics)) == ("1m 1.0s", str(session.get_analytics()))


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"app_url": "http://here:1", "endpoint": "http://there:2"}, f"http://here:1/drilldown?session_id={ID}"),
        ({"app_url": None, "endpoint": "http://there:2"}, f"http://there:2/drilldown?session_id={ID}"),
        ({"app_url": None, "endpoint": None}, f"agentops show {ID}"),
    ],
)
def test_where_to_look_at_a_session_is_what_was_configured(
    recording: Recording, settings: dict[str, Any], place: str
) -> None:
    """The dashboard, the collector, or the command line: never a host that nobody named."""
    assert Session(session_id=ID, config=SimpleNamespace(**settings)).session_url == place


def test_a_session_of_agentops_0_3_is_made_with_its_id_first(recording: Recording) -> None:
    """`Session(session_id, config, tags, host_env)`, by position and by name."""
    config, host = SimpleNamespace(endpoint=None), {"OS": {"OS": "linux"}}
    for session in (
        Session(UUID(ID), config, ["a"], host),
        Session(session_id=UUID(ID), config=config, tags=["a"], host_env=host),
    ):
        assert (session.session_id, session.name, session.config, session.tags) == (ID, "session", config, ["a"])
        with session:
            assert session.host_env == host


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("SUCCESS", "SUCCEEDED", "Success", "ok"), SessionState.SUCCEEDED),
        (("FAIL", "FAILED", "Failure", "error"), SessionState.FAILED),
        (("INDETERMINATE", "indeterminate", "UNSET", "what?", ""), SessionState.INDETERMINATE),
        (("RUNNING", " running "), SessionState.RUNNING),
        (("INITIALIZING",), SessionState.INITIALIZING),
    ],
)
def test_states_are_read_from_words(words: tuple[str, ...], state: SessionState) -> None:
    """What is none is INDETERMINATE; and no state is another one's alias."""
    assert {SessionState.from_string(word) for word in words} == {state}
    assert len(SessionState) == 5
    assert state.is_alive is not state.is_terminal


def test_a_state_is_set(recording: Recording) -> None:
    """RUNNING starts it, an end ends it; back it does not go."""
    session = Session()
    session.set_state("INITIALIZING")
    session.set_state(SessionState.RUNNING)
    assert session.is_running
    with pytest.raises(SessionStateError, match="is RUNNING: it cannot become INITIALIZING"):
        session.set_state("INITIALIZING")
    session.set_state("FAILED", "Out of memory")
    assert (session.state, session.end_state, session.end_state_reason) == ("FAILED", "Fail", "Out of memory")
    session.set_state("FAILED", "again")
    assert session.end_state_reason == "Out of memory"
    with pytest.raises(SessionStateError, match="is FAILED: it cannot become SUCCEEDED"):
        session.set_state("SUCCEEDED")


def test_a_session_is_given_to_a_function(recording: Recording) -> None:
    """`patch`: the function gets it as `session`, and is otherwise itself."""
    session = Session().start()

    def work(number: int, session: Session | None = None) -> tuple[int, Session | None]:
        return number, session

    patched = session.patch(work)
    assert (patched(1), patched(number=2, session=None)) == ((1, session), (2, session))
    assert patched.__name__ == "work"


def test_what_the_program_writes_is_captured_on_demand(
    data_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From `start_log_capture` to `stop_log_capture`; the output itself is untouched."""
    agentops.init(auto_start_session=False)
    with Session() as session:
        print("before")  # noqa: T201 - what is captured
        session.start_log_capture()
        session.start_log_capture()
        print("inside")  # noqa: T201 - what is captured
        session.stop_log_capture()
        session.stop_log_capture()
        print("after")  # noqa: T201 - what is captured
    session.start_log_capture()
    assert session.flush()
    assert capsys.readouterr().out == "before\ninside\nafter\n"
    with SqliteStore(data_directory / "agentops.db") as store:
        assert [log.body for log in store.logs(str(session.session_id))] == ["inside\n"]


def test_an_event_may_be_delivered_at_once() -> None:
    """`record(event, flush_now=True)`, and `flush`: the store has it when they come back."""
    session = agentops.init()
    assert session is not None
    session.record(ToolEvent(name="first"), flush_now=True)
    session.record(ToolEvent(name="second"), True)  # noqa: FBT003 - as programs of AgentOps call it
    assert session.flush()
    assert [span.name for span in session.spans if span.kind is SpanKind.TOOL] == ["first", "second"]
    assert session.config.local_store


def test_without_a_local_store_there_are_no_spans_to_read() -> None:
    """Where spans are kept elsewhere only, nothing is invented."""
    session = agentops.init(local_store=False)
    assert session is not None
    session.record(ToolEvent())
    assert session.spans == []


def test_what_is_no_text_where_text_is_meant_is_kept_as_it_prints(recording: Recording) -> None:
    """Frameworks pass exceptions as reasons, numbers as names and nothing as the name of an agent."""
    odd: Any = agentops
    session = odd.start_trace(5).session
    odd.create_agent(None, None)
    odd.create_agent(7)
    session.set_video(8)
    odd.end_session("Fail", LookupError("no luck"), 9)
    (record,) = recording.sessions()
    assert (record.name, record.end_state_reason, record.video) == ("5", "no luck", "9")
    assert [agent.name for agent in record.agents] == ["agent", "7"]


def test_the_current_session_is_known_to_the_class(recording: Recording) -> None:
    """`Session.current`, also from an object."""
    assert Session.current is None
    with Session() as session:
        assert Session.current is session.current is session
    assert Session.current is None


async def test_a_session_is_an_asynchronous_block_too(recording: Recording) -> None:
    """`async with Session() as session:`."""
    async with Session() as session:
        assert session.is_running
    assert session.end_state == "Success"


def test_an_event_belongs_to_the_agent_at_work(recording: Recording) -> None:
    """The agent around where it is recorded; one that it names itself is kept, under the name it was made known by."""

    @agentops.agent(name="writer")
    def write() -> ActionEvent:
        with agentops.task("inner"):
            event = ActionEvent(action_type="mine")
            agentops.record(event)
        return event

    with Session() as session:
        own = session.create_agent("critic", uuid4())
        event = write()
        session.record(ActionEvent(action_type="own", agent_id=own))
        session.record(ActionEvent(action_type="nobody's"))
        stranger = str(uuid4())
        session.record(ActionEvent(action_type="stranger's", agent_id=stranger))
        writer = session.create_agent("writer")
    assert event.agent_id == writer
    found = {span.name: (span.agent_id, span.agent_name) for span in recording.spans(SpanKind.ACTION)}
    assert found == {
        "mine": (writer, "writer"),
        "own": (own, "critic"),
        "nobody's": (None, None),
        "stranger's": (stranger, None),
    }


def test_the_names_are_where_both_generations_had_them() -> None:
    """`agentops.session` is a package that decorates, with the parts at their places."""
    package: Any = import_module("agentops.session")
    active_sessions = package.active_sessions
    assert package is agentops.session
    assert (module.Session, package.Session, package.session.Session) == (Session,) * 3
    assert (package.EndState, package.SessionState) == (agentops.EndState, SessionState)
    assert all(getattr(package, name) is not None for name in package.__all__)
    assert list(active_sessions) == []
    session: Any = agentops.init()
    assert (list(active_sessions), len(active_sessions), session in active_sessions) == ([session], 1, True)
    assert (active_sessions[0], active_sessions[:], repr(active_sessions)) == (session, [session], f"[{session!r}]")


def test_the_summary_line_is_unchanged(recording: Recording, caplog: pytest.LogCaptureFixture) -> None:
    """One line at the end, at INFO."""
    with caplog.at_level(logging.INFO, "agentops"):
        Session().start().end()
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("Session Stats - Duration: ")
