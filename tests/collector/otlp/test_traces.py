"""Traces of any OpenTelemetry SDK become sessions and spans."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from otlp_samples import (
    JSON,
    PROTOBUF,
    SECOND,
    SESSION_ID,
    START,
    TRACE_ID,
    read,
    read_session,
    read_span,
    received,
    request_of,
    span,
    spans_in,
)

from agentops.collector.otlp.traces import read_traces
from agentops.domain.spans import (
    AgentRecord,
    ErrorInfo,
    SessionRecord,
    SpanEvent,
    SpanLink,
    SpanRecord,
    SpanStatus,
)
from agentops.store.sqlite.store import SqliteStore

BOOM = {"exception.type": "ValueError", "exception.message": "boom", "exception.stacktrace": "Traceback"}


def test_a_plain_span_is_a_task_of_the_session_that_its_trace_is() -> None:
    """Ids, times, attributes, events, links, scope and status of a span of no dialect."""
    sent = span(2, "GET /", {"http.request.method": "GET", "n": 1, "xs": ["a", "b"], "on": True, "thread.name": "w"})
    sent.events.add(name="sent", time_unix_nano=START + 5)
    sent.links.add(trace_id=TRACE_ID, span_id=bytes(7) + b"\x09")
    assert read_span(sent, scope="http") == SpanRecord(
        session_id=SESSION_ID,
        span_id="0000000000000002",
        parent_id="0000000000000001",
        name="GET /",
        start=START,
        end=START + SECOND,
        source="http",
        attributes={"http.request.method": "GET", "n": 1, "xs": ["a", "b"], "on": True},
        events=[SpanEvent(name="sent", time=START + 5)],
        links=[SpanLink(trace_id=TRACE_ID.hex(), span_id="0000000000000009")],
        thread="w",
    )


def test_an_error_is_described_once() -> None:
    """By the exception, which AgentOps 0.4 records twice; without one by the message of the status."""
    told = read_span(span(2, "work", error="ValueError: boom", events=[("exception", BOOM), ("exception", BOOM)]))
    silent = read_span(span(2, "work", error="late"))
    assert (told.status, told.counted_error, len(told.events)) == (SpanStatus.ERROR, True, 1)
    assert told.error == ErrorInfo(type="ValueError", message="boom", stacktrace="Traceback")
    assert silent.error == ErrorInfo(type="error", message="late")


def test_a_failure_that_passes_through_spans_counts_where_it_began(tmp_path: Path) -> None:
    """One exception is one error, however many spans it ended and however they are split into requests."""
    inner = span(3, "inner", parent=2, error="x", events=[("exception", BOOM)])
    outer = span(2, "outer", parent=1, error="x", events=[("exception", BOOM)])
    other = span(4, "other", parent=2, error="late")
    found = spans_in(read(request_of(outer, inner, other)))
    for number, order in enumerate(permutations(found)):
        with SqliteStore(tmp_path / f"{number}.db", closing_budget=0) as store:
            for record in order:
                store.ingest([record])
            assert store.find(SESSION_ID).errors == 2
            assert {each.name for each in store.tree(SESSION_ID) if each.error} == {"inner", "other"}


def test_a_handled_exception_is_no_error() -> None:
    """It stays an event of a span that went well."""
    found = read_span(span(2, "work", events=[("exception", BOOM)]))
    assert (found.status, found.error, found.counted_error) == (SpanStatus.OK, None, False)


def test_a_root_tells_of_the_session() -> None:
    """Its name, times, end, tags, agents, user and where it ran."""
    root = span(1, "research", {"agentops.span.kind": "session", "agentops.tags": ["a", "b"]}, parent=None)
    agent = span(2, "ask", {"gen_ai.agent.id": "a1", "gen_ai.agent.name": "ada", "enduser.id": "u1"})
    resource = {
        "service.name": "crew",
        "host.name": "box",
        "process.pid": 7,
        "process.command_args": ["python", "crew.py"],
        "telemetry.sdk.language": "python",
        "deployment.environment": "test",
    }
    assert read_session(agent, root, resource=resource) == SessionRecord(
        session_id=SESSION_ID,
        name="research",
        state="SUCCEEDED",
        start=START,
        end=START + SECOND,
        end_state="Success",
        tags=["a", "b"],
        agents=[AgentRecord(id="a1", name="ada")],
        user="u1",
        host_env={
            "Resource": {
                "service.name": "crew",
                "process.pid": 7,
                "process.command_args": ["python", "crew.py"],
                "deployment.environment": "test",
            },
            "OS": {"Hostname": "box"},
            "SDK": {"Language": "python"},
        },
        process_id=7,
        entrypoint="python crew.py",
    )


@pytest.mark.parametrize(
    ("attributes", "error", "state", "end_state", "reason"),
    [
        ({}, None, "SUCCEEDED", "Success", None),
        ({}, "late", "FAILED", "Fail", "late"),
        ({"agentops.session.end_state": "Success"}, None, "SUCCEEDED", "Success", None),
        ({"agentops.session.end_state": "Failure"}, None, "FAILED", "Fail", None),
        ({"agentops.session.end_state": "Indeterminate"}, None, "INDETERMINATE", "Indeterminate", None),
        ({"agentops.session.end_state": "Shutdown"}, None, "INDETERMINATE", "Indeterminate", "Shutdown"),
        ({"agentops.session.end_state": ""}, None, "SUCCEEDED", "Success", None),
    ],
)
def test_a_root_tells_how_the_session_ended(
    attributes: dict[str, Any], error: str | None, state: str, end_state: str, reason: str | None
) -> None:
    """By the word of its author; a word that is no end state leaves it open; else by the span's own end."""
    found = read_session(span(1, "s", {"agentops.span.kind": "session", **attributes}, parent=None, error=error))
    assert (found.state, found.end_state, found.end_state_reason) == (state, end_state, reason)


def test_a_service_gives_its_name_where_the_root_is_elsewhere() -> None:
    """The session is known at once, still runs, and whatever its root says prevails."""
    found = read_session(span(2, "child"), resource={"service.name": "crew"})
    assert (found.name, found.state, found.start, found.inherited) == ("crew", "RUNNING", START, True)
    assert read_session(span(2, "child"), resource={"service.name": "unknown_service:python"}).name is None


ROOT = span(1, "main.session", {"agentops.span.kind": "session", "agentops.tags": '["z"]'}, parent=None, end=START + 9)
CHILDREN = [
    span(2, "early", start=START + 1, end=START + 2),
    span(3, "inner.session", {"agentops.span.kind": "session", "agentops.session.end_state": "Fail"}, end=START + 3),
    span(4, "orphan", parent=77, start=START + 4, end=START + 5),
]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [0, 1, 0, 2, 3, 1, 0]])
def test_requests_of_one_trace_may_come_in_any_order_and_again(tmp_path: Path, order: list[int]) -> None:
    """Children before the root, orphans, sessions inside sessions, requests sent twice: one session, each span once."""
    sent = [ROOT, *CHILDREN]
    with SqliteStore(tmp_path / "agentops.db") as store:
        for index in order:
            store.ingest(read(request_of(sent[index], resource={"service.name": "crew"})))
        (session,) = store.sessions()
        assert (session.session_id, session.name, session.state) == (SESSION_ID, "main", "SUCCEEDED")
        assert (session.start, session.end, session.tags, session.spans) == (START, START + 9, ["z"], 4)
        names = [each.name for each in store.spans(SESSION_ID)]
    assert sorted(names) == ["early", "inner.session", "main.session", "orphan"]


def test_a_trace_without_its_root_runs_on(tmp_path: Path) -> None:
    """A program that was killed sends no root: what it sent is there."""
    with SqliteStore(tmp_path / "agentops.db") as store:
        store.ingest(read(request_of(*CHILDREN)))
        (session,) = store.sessions()
    assert (session.state, session.spans, session.start) == ("RUNNING", 3, START)


def test_several_roots_end_with_the_last() -> None:
    """The name is that of the first, the end that of whoever ended last."""
    first = span(1, "one", parent=None, start=START, end=START + 5)
    second = span(2, "two", parent=None, start=START + 1, end=START + 9, error="late")
    found = [each for each in read(request_of(second, first)) if isinstance(each, SessionRecord)]
    assert [(each.name, each.state, each.end) for each in found] == [
        ("two", "FAILED", START + 9),
        ("one", "SUCCEEDED", START + 5),
    ]


@pytest.mark.parametrize("form", [PROTOBUF, JSON])
@pytest.mark.parametrize(
    ("trace_id", "span_id"), [(b"", b"12345678"), (bytes(16), b"12345678"), (TRACE_ID, bytes(8)), (TRACE_ID, b"123")]
)
def test_a_span_without_usable_ids_is_refused_and_the_rest_taken(form: str, trace_id: bytes, span_id: bytes) -> None:
    """It is counted with the reason; nothing is made up for it."""
    bad = span(3, "bad")
    bad.trace_id, bad.span_id = trace_id, span_id
    records, refusals = read_traces(received(request_of(bad, span(2, "good"), bad), form))
    assert [each.name for each in spans_in(records)] == ["good"]
    assert (refusals.count, len(refusals.reasons)) == (2, 1)
    assert refusals.message.startswith("2 with a trace id or span id")


def test_bytes_are_base64_and_depth_is_bounded() -> None:
    """Values of any type become plain, within bounds."""
    deep: Any = "end"
    for _ in range(30):
        deep = [deep]
    found = read_span(span(2, "x", {"raw": b"\x00\xff", "deep": deep, "nan": float("nan"), "map": {"a": [1, {}]}}))
    assert found.attributes["raw"] == "AP8="
    assert (found.attributes["nan"], found.attributes["map"]) == (None, {"a": [1, {}]})
    assert str(found.attributes["deep"]) == "[" * 25 + "{'$cut': 1}" + "]" * 25


def test_the_service_of_a_span_is_kept() -> None:
    """In a trace of several programs it says whose a span is."""
    assert read_span(span(2, "x"), resource={"service.name": "crew"}).attributes == {"service.name": "crew"}


def test_a_span_that_ends_before_it_starts_takes_no_time() -> None:
    """Clocks that are set back give no negative durations; a missing start is the end."""
    assert read_span(span(2, "x", start=START, end=START - 5)).duration == 0
    assert read_span(span(2, "x", start=0, end=START)).start == START
