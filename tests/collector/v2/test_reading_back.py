"""Statistics, exports and replays of sessions, as clients of v2 ask for them."""

import json

import pytest
from server_samples import RunningServer
from v2_samples import BEGAN, ENDED, OldClient, action, error, event, llm, tool


@pytest.fixture
def client(server: RunningServer) -> OldClient:
    """A session of one event of each type, that has ended."""
    client = OldClient(server.client)
    client.create_session()
    client.create_events(llm(), tool(), action(), error(), event("test_event"))
    client.post("create_agent", {"id": "agent-1", "name": "researcher"})
    client.end(end_state_reason="done", video="https://example.invalid/v.mp4")
    return client


def test_statistics_have_what_is_promised(client: OldClient) -> None:
    """The six fields of the original, and counts by type, duration and the end, which its documentation promises."""
    assert client.stats() == {
        "session_id": client.session_id,
        "cost": "0.000075",
        "events": 4,
        "event_counts": {"llms": 1, "tools": 1, "actions": 1, "errors": 1},
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "errors": 1,
        "duration": 2.0,
        "init_timestamp": BEGAN,
        "end_timestamp": ENDED,
        "end_state": "Success",
        "end_state_reason": "done",
        "is_running": False,
        "tags": ["t1"],
        "agents": 1,
        "spans": 5,
        "unpriced": 0,
        "analytics": {
            "LLM calls": 1,
            "Tool calls": 1,
            "Actions": 1,
            "Errors": 1,
            "Duration": "2.0s",
            "Cost": "0.000075",
        },
    }


def test_an_export_has_everything(server: RunningServer, client: OldClient) -> None:
    """The session, its statistics, its agents, and its events by type, in the original's fields."""
    found = client.export()
    assert found["session"] == {
        "id": client.session_id,
        "project_id": server.project().id,
        "project_id_secondary": None,
        "name": None,
        "init_timestamp": BEGAN,
        "end_timestamp": ENDED,
        "tags": ["t1"],
        "end_state": "Success",
        "end_state_reason": "done",
        "video": "https://example.invalid/v.mp4",
        "host_env": {"SDK": {"AgentOps SDK Version": "0.3.26"}},
    }
    assert found["statistics"] == client.stats()
    assert found["agents"] == [{"id": "agent-1", "name": "researcher", "session_id": client.session_id}]
    (call,), (use,), (deed,), (problem,), (other,) = (
        found[name] for name in ("llms", "tools", "actions", "errors", "events")
    )
    assert call["prompt"] == {"type": "chatml", "messages": [{"role": "user", "content": "hi"}]}
    assert call["completion"] == {"type": "chatml", "messages": {"role": "assistant", "content": "yo"}}
    assert (call["model"], call["prompt_tokens"], call["cost"], call["promptarmor_flag"]) == (
        "gpt-4o",
        10,
        0.000075,
        None,
    )
    assert (use["name"], use["params"], use["returns"], use["logs"]) == ("search", {"q": "z"}, [1, 2], {"a": 1})
    assert (deed["action_type"], deed["returns"]) == ("act", "ok")
    assert (problem["error_type"], problem["details"], problem["logs"]) == ("ValueError", "boom", "Traceback")
    assert other["event_type"] == "test_event"
    assert {row["session_id"] for row in (call, use, deed, problem, other)} == {client.session_id}


def test_a_large_export_comes_in_pieces(server: RunningServer) -> None:
    """Several thousand events, each of them once; more than is held in memory."""
    client = OldClient(server.client)
    sent = [tool(returns="x" * 400) for _ in range(2000)]
    for start in range(0, len(sent), 500):
        client.create_events(*sent[start : start + 500])
    with server.client.stream("GET", f"/v2/sessions/{client.session_id}/export") as answer:
        pieces = list(answer.iter_raw())
        assert "content-length" not in answer.headers
    found = json.loads(b"".join(pieces))
    assert {row["id"] for row in found["tools"]} == {each["id"] for each in sent}
    assert len(found["tools"]) == len(sent)
    assert len(pieces) > 1


def test_a_session_without_calls_cost_nothing(server: RunningServer) -> None:
    """Which is known; not None."""
    client = OldClient(server.client)
    client.create_session()
    assert client.stats()["cost"] == "0.00"


@pytest.mark.parametrize("route", ["sessions/{}/stats", "sessions/{}/export", "ttd/{}"])
@pytest.mark.parametrize("session_id", ["a7c1f0de-0000-4000-8000-000000000001", "last", "no uuid", "..%2f..%2fx"])
def test_what_is_not_there_is_said_not_to_be(server: RunningServer, route: str, session_id: str) -> None:
    """404, in JSON."""
    answer = server.client.get(f"/v2/{route.format(session_id)}")
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


def test_answers_can_be_played_again(server: RunningServer, client: OldClient) -> None:
    """As the time travel of 0.3.26 takes them: the text of a chat completion for each list of messages."""
    (answer,) = server.client.get(f"/v2/ttd/{client.session_id}").json()
    assert answer["prompt"] == {"type": "chatml", "messages": [{"role": "user", "content": "hi"}]}
    completion = json.loads(answer["returns"])
    assert (completion["object"], completion["model"]) == ("chat.completion", "gpt-4o")
    assert completion["choices"][0]["message"] == {"role": "assistant", "content": "yo"}
