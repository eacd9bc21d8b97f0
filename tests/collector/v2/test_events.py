"""Events as clients of v2 send them: each is kept once, whatever order they come in and whatever stands beside them."""

import json
from typing import Any
from uuid import uuid4

import pytest
from server_samples import RunningServer, StartServer
from v2_samples import BEGAN, ENDED, OldClient, action, error, event, llm, tool

from agentops.domain import v2
from agentops.domain.genai import Text, Usage
from agentops.domain.journal.requests import requests_of
from agentops.domain.spans import SessionRecord, SpanKind, SpanRecord, SpanStatus

KEY = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def client(server: RunningServer) -> OldClient:
    """A client of a session of its own."""
    return OldClient(server.client)


def test_events_are_kept_with_all_that_they_say(server: RunningServer, client: OldClient) -> None:
    """One of each type; the reply is a plain success."""
    client.create_session()
    answer = client.create_events(action(), llm(), tool(), error())
    assert (answer.status_code, answer.json()) == (200, {"status": "Success"})
    with server.store() as store:
        spans = {span.kind if span.error is None else "error": span for span in store.spans(client.session_id)}
    assert (spans["action"].name, spans["action"].input, spans["action"].output) == ("act", {"x": 1}, "ok")
    assert (spans["tool"].name, spans["tool"].output, spans["tool"].attributes["event.logs"]) == (
        "search",
        [1, 2],
        {"a": 1},
    )
    call = spans["llm"]
    assert call.request is not None
    assert call.response is not None
    assert (call.request.model, call.request.messages[0].parts) == ("gpt-4o", [Text("hi")])
    assert (call.response.usage, call.response.messages[0].parts) == (Usage(input=10, output=5), [Text("yo")])
    problem = spans["error"].error
    assert problem is not None
    assert (problem.type, problem.code, problem.message, problem.stacktrace) == (
        "ValueError",
        "E1",
        "boom",
        "Traceback",
    )


def test_what_was_not_on_the_wire_is_not_made_up(server: RunningServer, client: OldClient) -> None:
    """A streamed call of 0.3.26 has no token counts: they are None, and so is the cost; not guessed, not zero."""
    client.create_events(llm(prompt_tokens=None, completion_tokens=None))
    with server.store() as store:
        (call,) = store.spans(client.session_id)
    assert call.response is not None
    assert (call.response.usage, call.cost) == (None, None)
    stats = client.stats()
    assert (stats["cost"], stats["unpriced"], stats["prompt_tokens"]) == (None, 1, 0)
    (row,) = client.export()["llms"]
    assert (row["prompt_tokens"], row["completion_tokens"], row["cost"]) == (None, None, None)


def test_a_cost_that_is_given_holds(client: OldClient) -> None:
    """Before the one that the table gives."""
    client.create_events(llm(cost=0.125))
    assert client.stats()["cost"] == "0.125"


def test_types_of_its_own_are_kept_and_count_as_nothing(client: OldClient) -> None:
    """`Event(event_type="test_event")`, as AgentOps counts it."""
    client.create_events(event("test_event", returns="x"))
    assert client.stats()["events"] == 0
    (kept,) = client.export()["events"]
    assert (kept["event_type"], kept["returns"]) == ("test_event", "x")


def test_events_come_before_their_session_and_after_its_end(client: OldClient) -> None:
    """And for sessions that are never announced."""
    client.create_events(tool())
    client.create_session()
    client.end()
    client.create_events(tool())
    stats = client.stats()
    assert (stats["event_counts"]["tools"], stats["end_state"], stats["end_timestamp"]) == (2, "Success", ENDED)


def test_events_that_are_sent_again_count_once(client: OldClient) -> None:
    """By their ids, whatever form those have."""
    events = [tool(), tool(id="no uuid"), llm(), error()]
    for _ in range(3):
        assert client.create_events(*events).status_code == 200
    assert client.stats()["event_counts"] == {"llms": 1, "tools": 2, "actions": 0, "errors": 1}


def test_a_single_wrong_event_does_not_hold_up_the_others(client: OldClient) -> None:
    """The request is taken, as an original client needs it; the event is named, with a reason."""
    wrong = [event("tools", id="late", init_timestamp="yesterday"), event("", id="typeless")]
    answer = client.post("create_events", {"session_id": client.session_id, "events": [*wrong, tool(), 7]})
    assert answer.status_code == 200
    assert [refusal["id"] for refusal in answer.json()["refused"]] == ["late", "typeless", ""]
    assert all(refusal["reason"] for refusal in answer.json()["refused"])
    assert client.stats()["event_counts"]["tools"] == 1


def test_the_token_decides_whose_events_they_are(start_server: StartServer, server: RunningServer) -> None:
    """As in the original; where a key came along the event does, for ours sends several sessions' together."""
    other = str(uuid4())
    client = OldClient(server.client)
    client.create_session()
    client.create_events({**tool(), "session_id": other})
    assert client.stats()["events"] == 1
    assert server.client.get(f"/v2/sessions/{other}/stats").status_code == 404
    del start_server
    keyed = OldClient(server.asking(KEY), client.session_id, client.token)
    with keyed.web:
        keyed.create_events({**tool(), "session_id": other})
    assert OldClient(server.client, other).stats()["events"] == 1


def test_the_words_of_the_documentation_are_understood(client: OldClient) -> None:
    """`type`, `event_id`, `input` and `output`, under v1 as well."""
    said = {
        "event_id": str(uuid4()),
        "type": "tool",
        "input": {"q": 1},
        "output": 2,
        "name": "search",
        "init_timestamp": BEGAN,
        "session_id": client.session_id,
    }
    assert client.web.post("/v1/events", json={"events": [said]}).status_code == 200
    (row,) = client.export()["tools"]
    assert (row["id"], row["params"], row["returns"]) == (said["event_id"], {"q": 1}, 2)


def test_an_event_can_be_completed_later(client: OldClient) -> None:
    """`update_events` says what was not known; what it leaves out stays."""
    call = llm(completion=None, completion_tokens=None, end_timestamp=BEGAN)
    client.create_events(call)
    change = {
        "id": call["id"],
        "event_type": "llms",
        "completion": "later",
        "completion_tokens": 7,
        "end_timestamp": ENDED,
    }
    for _ in range(2):
        client.post("update_events", {"session_id": client.session_id, "events": [change]})
    (row,) = client.export()["llms"]
    assert (row["completion"]["messages"]["content"], row["completion_tokens"], row["prompt_tokens"]) == (
        "later",
        7,
        10,
    )
    assert (row["init_timestamp"], row["end_timestamp"], row["model"]) == (BEGAN, ENDED, "gpt-4o")


def test_a_change_of_an_event_never_seen_is_an_event(client: OldClient) -> None:
    """The event was lost; what is known of it is kept."""
    client.post("update_events", {"session_id": client.session_id, "events": [tool()]})
    assert client.stats()["event_counts"]["tools"] == 1


def test_what_our_own_client_sends_loses_nothing(server: RunningServer, client: OldClient) -> None:
    """The same record comes out that went in, and its error counts once."""
    record = SpanRecord(
        session_id=client.session_id,
        span_id="00f067aa0ba902b7",
        parent_id="1111111111111111",
        kind=SpanKind.RETRIEVAL,
        name="look up",
        start=1_795_158_742_325_782_123,
        end=1_795_158_743_000_001_456,
        status=SpanStatus.CANCELLED,
        input={"q": [1]},
        attributes={"a.b": 2},
        thread="main",
    )
    body = b'{"events":[' + b",".join(body for _, body in v2.encode_events(record)) + b"]}"
    for _ in range(2):
        answer = server.client.post("/v2/create_events", content=body, headers={"Content-Type": "application/json"})
        assert answer.json() == {"status": "Success"}
    with server.store() as store:
        assert list(store.spans(client.session_id)) == [record]


@pytest.mark.parametrize(
    "change",
    [{"span_id": "../../x"}, {"parent_id": "no"}, {"started": 2**70}, {"kind": "dance"}],
    ids=str,
)
def test_ids_and_times_that_are_none_are_refused(client: OldClient, change: dict[str, Any]) -> None:
    """What says that it is ours is looked at as closely as the rest."""
    record = SpanRecord(session_id=client.session_id, span_id="00f067aa0ba902b7", end=1)
    (body,) = [json.loads(body) for _, body in v2.encode_events(record)]
    answer = client.create_events({**body, **change})
    assert (answer.status_code, len(answer.json().get("refused", []))) == (
        200,
        1 if change["" if "" in change else next(iter(change))] else 0,
    )


def test_frames_of_a_journal_are_taken_as_they_are(server: RunningServer, client: OldClient) -> None:
    """Sessions and spans; the answer says how the sessions stand. Sent again they change nothing."""
    told = [
        SessionRecord(session_id=client.session_id, start=1, name="mine", tags=["a"]),
        SpanRecord(
            session_id=client.session_id, span_id="00f067aa0ba902b7", kind=SpanKind.TOOL, start=2, end=3, cost="0.5"
        ),
    ]
    (body,) = requests_of(told)
    answers = [server.client.post("/v2/frames", content=body).raise_for_status().json() for _ in range(2)]
    assert answers[0] == answers[1]
    (standing,) = answers[0]["sessions"]
    assert (standing["session_id"], standing["token_cost"]) == (client.session_id, "0.5")
    assert client.stats()["event_counts"]["tools"] == 1


def test_damaged_frames_are_refused_together(server: RunningServer, client: OldClient) -> None:
    """Nothing of them is kept."""
    (body,) = requests_of([SpanRecord(session_id=client.session_id, span_id="00f067aa0ba902b7", end=3)])
    assert server.client.post("/v2/frames", content=body[:-1]).status_code == 400
    assert server.client.get(f"/v2/sessions/{client.session_id}/stats").status_code == 404
