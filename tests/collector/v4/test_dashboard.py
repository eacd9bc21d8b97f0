"""Lists, traces and figures in the shapes that AgentOps 0.4's dashboard reads."""

from typing import Any
from uuid import uuid4

import pytest
from server_samples import RunningServer

from agentops.domain.genai import Message, Request, Response, Text, Usage
from agentops.domain.spans import (
    ErrorInfo,
    Record,
    SessionRecord,
    SpanEvent,
    SpanKind,
    SpanLink,
    SpanRecord,
    SpanStatus,
)

START = 1_795_158_742_000_000_000
SECOND = 10**9
DAY = 86_400 * SECOND


def call(session_id: str, span_id: str, at: int = START) -> SpanRecord:
    """A priced model call of one second."""
    return SpanRecord(
        session_id=session_id,
        span_id=span_id,
        parent_id="1" * 16,
        kind=SpanKind.LLM,
        name="chat gpt-4o",
        start=at,
        end=at + SECOND,
        request=Request(
            operation="chat",
            provider="openai",
            model="gpt-4o",
            messages=[Message("user", [Text("hi")])],
            parameters={"temperature": 0},
        ),
        response=Response(
            model="gpt-4o", messages=[Message("assistant", [Text("yo")])], usage=Usage(input=100, output=10)
        ),
        cost="0.00035",
    )


def recorded(session_id: str, state: str, at: int = START, *, tags: tuple[str, ...] = ()) -> list[Record]:
    """A session of three spans: itself, a model call, and a tool that failed."""
    end_state = {"SUCCEEDED": "Success", "FAILED": "Fail"}.get(state, "Indeterminate")
    return [
        SessionRecord(
            session_id=session_id,
            name=f"crew {state}",
            start=at,
            end=at + 2 * SECOND,
            state=state,
            end_state=end_state,
            tags=list(tags),
        ),
        SpanRecord(
            session_id=session_id, span_id="1" * 16, kind=SpanKind.SESSION, name="crew", start=at, end=at + 2 * SECOND
        ),
        call(session_id, "2" * 16, at),
        SpanRecord(
            session_id=session_id,
            span_id="3" * 16,
            parent_id="1" * 16,
            kind=SpanKind.TOOL,
            name="search",
            start=at + SECOND,
            end=at + 2 * SECOND,
            status=SpanStatus.ERROR,
            error=ErrorInfo(type="ValueError", message="boom"),
            counted_error=True,
            input={"q": 1},
            attributes={"service.name": "finder", "a.b.c": 1, "a.b": 2, "a.b.c.d": 3},
            events=[SpanEvent(name="noted", time=at, attributes={"x": 1})],
            links=[SpanLink(trace_id="ab" * 16, span_id="cd" * 8)],
        ),
    ]


@pytest.fixture
def three(server: RunningServer) -> list[str]:
    """Ids of three sessions on three days, that succeeded, failed and did neither."""
    ids = [str(uuid4()) for _ in range(3)]
    with server.store() as store:
        for number, (session_id, state) in enumerate(zip(ids, ("SUCCEEDED", "FAILED", "INDETERMINATE"), strict=True)):
            store.ingest(recorded(session_id, state, START + number * DAY, tags=(f"t{number}",)))
    return ids


def ask(server: RunningServer, path: str, **query: Any) -> Any:
    """What is answered to a question."""
    return server.client.get(path, params=query).raise_for_status().json()


def test_traces_are_listed_from_the_latest(server: RunningServer, three: list[str]) -> None:
    """With what they add up to."""
    found = ask(server, f"/v4/traces/list/{server.project().id}")
    assert [item["trace_id"] for item in found["traces"]] == [each.replace("-", "") for each in reversed(three)]
    assert found["traces"][2] == {
        "trace_id": three[0].replace("-", ""),
        "root_service_name": "crew SUCCEEDED",
        "root_span_name": "crew SUCCEEDED",
        "start_time": "2026-11-20T07:12:22.000000+00:00",
        "end_time": "2026-11-20T07:12:24.000000+00:00",
        "duration": 2 * SECOND,
        "span_count": 3,
        "error_count": 1,
        "tags": ["t0"],
        "total_cost": 0.00035,
        "freeplan_truncated": False,
    }
    assert found["metrics"] == {
        "span_count": 9,
        "trace_count": 3,
        "success_count": 1,
        "fail_count": 1,
        "indeterminate_count": 1,
        "prompt_tokens": 300,
        "completion_tokens": 30,
        "total_tokens": 330,
        "average_cost_per_trace": "0.0003500",
        "total_cost": "0.0010500",
    }
    assert (found["total"], found["limit"], found["offset"]) == (3, 20, 0)


def test_a_list_is_cut_sorted_and_filtered(server: RunningServer, three: list[str]) -> None:
    """By place, order, time and text."""
    path = f"/v4/traces/list/{server.project().id}"
    traces = [each.replace("-", "") for each in three]

    def listed(**query: Any) -> list[str]:
        return [item["trace_id"] for item in ask(server, path, **query)["traces"]]

    assert listed(limit=1, offset=1) == [traces[1]]
    assert ask(server, path, limit=1)["total"] == 2
    assert listed(sort_order="ASC") == traces
    assert listed(order_by="duration", sort_order="asc")
    assert listed(start_time="2026-11-21T00:00:00+00:00", end_time="2026-11-22T00:00:00Z") == [traces[1]]
    assert listed(query="nothing of the kind") == []


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"order_by": "colour"}, {"start_time": "soon"}, {"dance": 1}],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_said_to_make_none(server: RunningServer, query: dict[str, Any]) -> None:
    """400, with the reason."""
    answer = server.client.get(f"/v4/traces/list/{server.project().id}", params=query)
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/v4/traces/list/{}", "/v4/meterics/project/{}"])
def test_another_project_is_none(server: RunningServer, path: str) -> None:
    """The key decides which project it is, and the path cannot."""
    assert server.client.get(path.format(uuid4())).status_code == 404


def test_a_trace_has_its_spans_whole(server: RunningServer, three: list[str]) -> None:
    """Names of attributes are taken apart at their dots, and nothing is lost where two do not go together."""
    found = ask(server, f"/v4/traces/detail/{three[0].replace('-', '')}")
    assert (found["project_id"], found["tags"]) == (server.project().id, ["t0"])
    root, model, tool = found["spans"]
    assert (root["parent_span_id"], root["span_type"], root["service_name"]) == (None, "other", "crew SUCCEEDED")
    assert (model["span_kind"], model["span_type"]) == ("CLIENT", "request")
    said = model["span_attributes"]["gen_ai"]
    assert said["prompt"] == [{"role": "user", "content": "hi"}]
    assert said["completion"] == [{"role": "assistant", "content": "yo"}]
    assert (said["request"]["model"], said["request"]["temperature"]) == ("gpt-4o", 0)
    assert (said["usage"]["prompt_tokens"], said["usage"]["total_cost"]) == (100, "0.00035")
    assert (model["metrics"]["total_tokens"], model["metrics"]["total_cost"]) == (110, "0.0003500")
    assert (tool["status_code"], tool["status_message"], tool["service_name"]) == ("ERROR", "boom", "finder")
    assert tool["span_attributes"]["a"]["b"] == {"c": 1}
    assert (tool["span_attributes"]["a.b"], tool["span_attributes"]["a.b.c.d"]) == (2, 3)
    assert tool["span_attributes"]["tool"] == {"name": "search", "parameters": {"q": 1}}
    assert (tool["event_names"], tool["event_attributes"]) == (["noted"], [{"x": 1}])
    assert (tool["link_trace_ids"], tool["link_span_ids"]) == (["ab" * 16], ["cd" * 8])
    assert found["metrics"]["span_count"] == 3
    assert (found["metrics"]["success_count"], found["metrics"]["fail_count"]) == (2, 1)


def test_a_trace_that_is_not_there_is_said_not_to_be(server: RunningServer) -> None:
    """404."""
    for word in (uuid4().hex, "x", "0"):
        assert server.client.get(f"/v4/traces/detail/{word}").status_code == 404


def test_the_overview_adds_up_the_traces_of_a_time(server: RunningServer, three: list[str]) -> None:
    """Counts, tokens, durations, and when which of them began."""
    path = f"/v4/meterics/project/{server.project().id}"
    found = ask(server, path)
    assert (found["trace_count"], found["span_count"]["total"], found["span_count"]["fail"]) == (len(three), 9, 3)
    assert found["token_metrics"] == {
        "total_cost": "0.00105",
        "average_cost_per_session": "0.00035",
        "prompt_tokens": 300,
        "completion_tokens": 30,
        "total_tokens": {"all": 330, "success": 110, "fail": 110},
        "avg_tokens": {"all": 110.0, "success": 110.0, "fail": 110.0},
    }
    assert found["duration_metrics"]["total_duration_ns"] == 6 * SECOND
    assert found["success_datetime"] == ["2026-11-20T07:12:22.000000+00:00"]
    assert found["indeterminate_datetime"] == ["2026-11-22T07:12:22.000000+00:00"]
    assert found["spans_per_trace"] == {"3": 3}
    assert found["trace_cost_dates"] == {f"2026-11-2{number}": 0.00035 for number in range(3)}
    assert ask(server, path, start_time="2026-11-22T00:00:00Z")["trace_count"] == 1
    assert ask(server, path, start_time="2027-01-01T00:00:00Z")["trace_count"] == 0
