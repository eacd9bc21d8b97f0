"""AgentOps's public API, with which programs ask whether their traces arrived."""

from typing import Any
from uuid import uuid4

import pytest
from server_samples import RunningServer, StartServer

from agentops.domain.genai import Message, Request, Response, Text, Usage
from agentops.domain.spans import ErrorInfo, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.legacy import validation

KEY, OTHER = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
SESSION = "768df7f4-e841-173c-9c6d-f756a1197f16"
TRACE = SESSION.replace("-", "")
START, SECOND = 1_795_158_742_000_000_000, 10**9


@pytest.fixture
def keyed(start_server: StartServer) -> RunningServer:
    """A collector of two projects, of which one has a trace."""
    server = start_server(keys={"team": KEY, "others": OTHER})
    with server.store("team") as store:
        store.ingest(
            [
                SessionRecord(session_id=SESSION, name="crew", start=START, tags=["a"]),
                SpanRecord(
                    session_id=SESSION,
                    span_id="1" * 16,
                    kind=SpanKind.LLM,
                    name="chat gpt-4o",
                    start=START,
                    end=START + SECOND,
                    request=Request(operation="chat", provider="openai", model="gpt-4o"),
                    response=Response(
                        model="gpt-4o",
                        messages=[Message("assistant", [Text("yo")])],
                        usage=Usage(input=80, cache_read=20, output=8, reasoning=2),
                    ),
                    cost="0.000325",
                ),
                SpanRecord(
                    session_id=SESSION,
                    span_id="2" * 16,
                    parent_id="1" * 16,
                    kind=SpanKind.TOOL,
                    name="search",
                    start=START,
                    end=START + SECOND,
                    status=SpanStatus.ERROR,
                    error=ErrorInfo(type="ValueError", message="boom"),
                    cost="0.05",
                ),
            ]
        )
    return server


def bearer(server: RunningServer, key: str = KEY) -> dict[str, str]:
    """The header with the token of a key."""
    answer = server.client.post("/public/v1/auth/access_token", json={"api_key": key}).raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['bearer']}"}


def ask(server: RunningServer, path: str) -> Any:
    """What the team is answered."""
    return server.client.get(f"/public/v1/{path}", headers=bearer(server)).raise_for_status().json()


def test_the_project_is_that_of_the_key(keyed: RunningServer) -> None:
    """By its id and name."""
    assert ask(keyed, "project") == {
        "id": keyed.project("team").id,
        "name": "team",
        "environment": "production",
    }


def test_a_trace_is_shown_in_brief(keyed: RunningServer) -> None:
    """Every span with its times and how it ended, and what it is, by which model calls are told."""
    found = ask(keyed, f"traces/{TRACE}")
    assert (found["trace_id"], found["project_id"], found["tags"]) == (TRACE, keyed.project("team").id, ["a"])
    assert found["spans"][1] == {
        "span_id": "2" * 16,
        "parent_span_id": "1" * 16,
        "span_name": "search",
        "span_kind": "INTERNAL",
        "span_type": "tool",
        "service_name": "crew",
        "start_time": "2026-11-20T07:12:22.000000+00:00",
        "end_time": "2026-11-20T07:12:23.000000+00:00",
        "duration": SECOND,
        "status_code": "ERROR",
        "status_message": "boom",
        "span_attributes": {"agentops": {"span": {"kind": "tool"}}},
    }


def test_metrics_of_a_trace_count_every_token_once(keyed: RunningServer) -> None:
    """Cached ones are part of the prompt, reasoning is part of the completion; costs as far as they are known apart."""
    assert ask(keyed, f"traces/{TRACE}/metrics") == {
        "span_count": 2,
        "trace_count": 1,
        "success_count": 1,
        "fail_count": 1,
        "indeterminate_count": 0,
        "prompt_tokens": 100,
        "completion_tokens": 10,
        "cache_read_input_tokens": 20,
        "reasoning_tokens": 2,
        "total_tokens": 110,
        "prompt_cost": "0.0002250",
        "completion_cost": "0.0001000",
        "average_cost_per_trace": "0.0503250",
        "total_cost": "0.0503250",
    }


def test_a_span_is_shown_whole(keyed: RunningServer) -> None:
    """With its attributes, and what it took."""
    found = ask(keyed, f"spans/{'1' * 16}")
    assert found["span_attributes"]["gen_ai"]["completion"] == [{"role": "assistant", "content": "yo"}]
    metrics = ask(keyed, f"spans/{'1' * 16}/metrics")
    assert (metrics["total_tokens"], metrics["success_tokens"], metrics["total_cost"]) == (110, 110, "0.0003250")
    assert ask(keyed, f"spans/{'2' * 16}/metrics")["total_cost"] == "0.0500000"


PATHS = ["project", f"traces/{TRACE}", f"traces/{TRACE}/metrics", f"spans/{'1' * 16}", f"spans/{'1' * 16}/metrics"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer a.b.c"}, {"Authorization": "nonsense"}], ids=str)
def test_whoever_shows_no_token_that_holds_is_turned_away(keyed: RunningServer, headers: dict[str, str]) -> None:
    """With 400, as the original does."""
    for path in PATHS:
        answer = keyed.client.get(f"/public/v1/{path}", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized")


def test_another_project_sees_nothing(keyed: RunningServer) -> None:
    """404, as for what is not there at all."""
    for path in PATHS[1:]:
        assert keyed.client.get(f"/public/v1/{path}", headers=bearer(keyed, OTHER)).status_code == 404


def test_an_unknown_key_is_given_no_token(keyed: RunningServer) -> None:
    """403."""
    assert keyed.client.post("/public/v1/auth/access_token", json={"api_key": "another"}).status_code == 403


@pytest.mark.parametrize("path", [f"traces/{'a' * 32}", "traces/x", "spans/x", f"spans/{'f' * 16}"])
def test_what_is_not_there_is_said_not_to_be(keyed: RunningServer, path: str) -> None:
    """404."""
    assert keyed.client.get(f"/public/v1/{path}", headers=bearer(keyed)).status_code == 404


def test_our_own_validation_asks_it(keyed: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """`validate_trace_spans` of a program that keeps nothing itself."""
    monkeypatch.setenv("AGENTOPS_API_ENDPOINT", keyed.url)
    monkeypatch.setenv("AGENTOPS_API_KEY", KEY)
    monkeypatch.setenv("AGENTOPS_LOCAL_STORE", "false")
    result = validation.validate_trace_spans(trace_id=TRACE, max_retries=1)
    assert (result["span_count"], result["has_llm_spans"], result["llm_span_names"]) == (2, True, ["chat gpt-4o"])
    assert result["metrics"]["total_cost"] == "0.0503250"
    with pytest.raises(validation.ValidationError):
        validation.validate_trace_spans(trace_id=uuid4().hex, max_retries=1)


def test_links_of_all_clients_lead_to_the_session(server: RunningServer) -> None:
    """Before it has come as well, and however its id is written."""
    for path in ("/drilldown?session_id={}", "/sessions?trace_id={}", "/traces?trace_id={}"):
        for word in (SESSION, TRACE, str(int(TRACE, 16))):
            answer = server.client.get(path.format(word))
            assert (answer.status_code, answer.headers["location"]) == (302, f"/api/v1/sessions/{SESSION}")


@pytest.mark.parametrize("path", ["/drilldown", "/sessions?trace_id=x", "/traces?trace_id=//evil.example"])
def test_a_link_to_no_session_leads_nowhere(server: RunningServer, path: str) -> None:
    """400."""
    assert server.client.get(path).status_code == 400
