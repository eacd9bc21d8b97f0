"""The JSON of v2 from clients that are not ours: sessions, agents and events of every type."""

import json
from typing import Any

import pytest

from agentops.domain import v2, wire
from agentops.domain.genai import Message, Text, Usage
from agentops.domain.spans import AgentRecord, SessionRecord, SpanKind, SpanStatus

SESSION = "a5fc2dba-53fc-4d78-9438-64f5b35c1c50"
COMMON = {
    "id": "321c8ed2-1111-4222-8333-444455556666",
    "init_timestamp": "2026-11-20T07:12:22.325782+00:00",
    "end_timestamp": "2026-11-20T07:12:23.325782+00:00",
    "agent_id": None,
    "session_id": SESSION,
}
START = 1_795_158_742_325_782_000


def test_a_model_call_of_the_original_client_is_one_of_ours() -> None:
    """Its messages, its tokens and its cost."""
    record = v2.read_event(
        {
            **COMMON,
            "event_type": "llms",
            "params": {"temperature": 0},
            "returns": "",
            "thread_id": None,
            "prompt": [{"role": "user", "content": "hi"}],
            "prompt_tokens": 10,
            "completion": {"role": "assistant", "content": "yo"},
            "completion_tokens": 5,
            "cost": 0.001,
            "model": "gpt-4o",
        }
    )
    assert record is not None
    assert record.request is not None
    assert record.response is not None
    assert (record.kind, record.event_type, record.cost) == (SpanKind.LLM, "llms", "0.001")
    assert (record.start, record.end) == (START, START + 10**9)
    assert record.request.messages == [Message("user", [Text("hi")])]
    assert record.response.messages == [Message("assistant", [Text("yo")])]
    assert record.response.usage == Usage(input=10, output=5)
    assert (record.input, record.output) == ({"temperature": 0}, None)


def test_an_error_of_the_original_client_is_a_counted_one() -> None:
    """Its placeholders are nothing."""
    fields: dict[str, Any] = {"trigger_event": "", "exception": None, "code": "E1", "details": "boom", "logs": "Tr"}
    record = v2.read_event({**COMMON, **fields, "event_type": "errors", "error_type": "ValueError"})
    assert record is not None
    assert record.error is not None
    assert (record.status, record.counted_error) == (SpanStatus.ERROR, True)
    assert (record.error.type, record.error.message, record.error.code, record.error.stacktrace) == (
        "ValueError",
        "boom",
        "E1",
        "Tr",
    )


@pytest.mark.parametrize(
    ("fields", "kind", "name"),
    [
        ({"event_type": "tools", "name": "search", "tool_name": "search"}, SpanKind.TOOL, "search"),
        ({"event_type": "tools", "name": "", "tool_name": "search"}, SpanKind.TOOL, "search"),
        ({"event_type": "actions", "action_type": "act", "name": "act"}, SpanKind.ACTION, "act"),
        ({"event_type": "my_type"}, SpanKind.TASK, "my_type"),
        ({"type": "tool", "name": "documented"}, SpanKind.TOOL, "documented"),
    ],
)
def test_events_of_every_type_are_understood(fields: dict[str, Any], kind: SpanKind, name: str) -> None:
    """In the words of the code, of the documentation, and in words of their own."""
    record = v2.read_event({**COMMON, **fields})
    assert record is not None
    assert (record.kind, record.name) == (kind, name)


def test_events_may_leave_their_session_to_the_token() -> None:
    """The original server takes it from there alone."""
    record = v2.read_event({"event_type": "actions", "id": "x"}, SESSION)
    assert record is not None
    assert record.session_id == SESSION


def test_a_request_with_events_is_read_whole() -> None:
    """Every event of it, in its order."""
    body = f'{{"events": [{{"event_type": "actions", "session_id": "{SESSION}", "action_type": "a"}}]}}'
    assert [record.name for record in v2.read_events(body)] == ["a"]


@pytest.mark.parametrize("event", [None, [], "x", {}, {"event_type": "actions"}, {"event_type": 3, "session_id": "s"}])
def test_what_is_no_event_is_refused(event: Any) -> None:
    """With a reason, for whoever sent it."""
    with pytest.raises(ValueError, match="an event"):
        v2.read_event(event)


def test_an_event_of_ours_that_is_damaged_is_refused() -> None:
    """The reason names the field."""
    damaged: dict[str, Any] = {
        **COMMON,
        "event_type": "tools",
        "span_id": "1" * 16,
        "kind": "tool",
        "status": "odd",
        "span": {},
    }
    with pytest.raises(ValueError, match="status"):
        v2.read_event({**damaged, "started": 1, "ended": 2})


def test_a_session_of_ours_is_read_as_it_was() -> None:
    """Also what the original has no field for."""
    session = SessionRecord(
        session_id=SESSION,
        name="crew",
        state="SUCCEEDED",
        start=START,
        end=START + 5,
        end_state="Success",
        end_state_reason="done",
        tags=["a"],
        agents=[AgentRecord(id="a1", name="bob")],
        host_env={"OS": {"OS": "linux"}},
        entrypoint="crew.py",
    )
    assert v2.read_session(json.loads(wire.to_json(v2.session_body(session)))) == session


def test_a_session_of_the_original_client_runs_until_it_says_otherwise() -> None:
    """An end of a running session only means that somebody asked for its counts."""
    body = {"session_id": SESSION, "init_timestamp": COMMON["init_timestamp"], "tags": ["t1"], "jwt": None, "_lock": ""}
    ended = {"end_timestamp": COMMON["end_timestamp"], "end_state": "Success", "end_state_reason": "ok"}
    running = v2.read_session({"session": {**body, **ended, "is_running": True}})
    assert (running.state, running.start, running.end, running.tags) == ("RUNNING", START, None, ["t1"])
    over = v2.read_session({"session": {**body, **ended, "is_running": False}})
    assert (over.state, over.end_state, over.end_state_reason) == ("SUCCEEDED", "Success", "ok")


def test_what_is_known_in_part_overrules_nothing() -> None:
    """A session that was announced elsewhere is announced here by what is known here."""
    body = v2.session_body(SessionRecord(session_id=SESSION, start=START), is_partial=True)
    assert body.keys() == {"session_id", "init_timestamp", "record"}


@pytest.mark.parametrize("body", [None, {}, {"session": {}}, {"session": 3}, []])
def test_what_is_no_session_is_refused(body: Any) -> None:
    """With a reason."""
    with pytest.raises(ValueError, match="session"):
        v2.read_session(body)


def test_agents_are_known_by_id_or_by_name() -> None:
    """Whichever is there."""
    assert v2.read_agent({"id": "a1", "name": "bob"}) == AgentRecord(id="a1", name="bob")
    assert v2.read_agent({"id": "a1"}) == AgentRecord(id="a1", name="a1")
    assert v2.read_agent({"name": "bob"}).id == v2.read_agent({"name": "bob"}).id
    with pytest.raises(ValueError, match="agent"):
        v2.read_agent({})


def test_later_records_of_a_session_add_to_it() -> None:
    """What they say prevails, the earliest start stays, and an end is not undone."""
    first = SessionRecord(session_id=SESSION, start=START, tags=["a"], host_env={"x": 1}, name="crew")
    end = SessionRecord(session_id=SESSION, start=START + 1, state="FAILED", end=START + 9, tags=["b"])
    late = SessionRecord(session_id=SESSION, start=START + 2, state="RUNNING", inherited=True)
    merged = v2.merge_session(v2.merge_session(v2.merge_session(None, first), end), late)
    assert merged == SessionRecord(
        session_id=SESSION, start=START, tags=["b"], host_env={"x": 1}, name="crew", state="FAILED", end=START + 9
    )
