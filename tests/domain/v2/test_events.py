"""Records as events of v2 and back: the original's fields as it sends them, ours beside them, nothing lost."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops.domain import v2
from agentops.domain.events import ActionEvent, ErrorEvent, Event, LLMEvent, ToolEvent, event_of, record_of
from agentops.domain.genai import Message, Request, Response, Text, ToolCall, ToolResult, Usage
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanKind, SpanLink, SpanRecord, SpanStatus

SESSION = "a5fc2dba-53fc-4d78-9438-64f5b35c1c50"
ID = "321c8ed2-1111-4222-8333-444455556666"
BEGAN, ENDED = "2026-11-20T07:12:22.325782+00:00", "2026-11-20T07:12:23.000001+00:00"
TIMES: dict[str, Any] = {"init_timestamp": BEGAN, "end_timestamp": ENDED, "id": ID}
COMMON = {"id": ID, "init_timestamp": BEGAN, "end_timestamp": ENDED, "agent_id": None, "session_id": SESSION}
OURS = {"span_id", "parent_id", "trace_id", "kind", "status", "started", "ended", "span"}

EXCHANGE: dict[str, Any] = {
    "prompt": [{"role": "user", "content": "hi"}],
    "completion": {"role": "assistant", "content": "yo"},
}


def sent(record: SpanRecord) -> list[dict[str, Any]]:
    """What goes out for a record, as whoever gets it reads it."""
    return [json.loads(body) for _, body in v2.encode_events(record)]


VERBATIM: list[tuple[Event, dict[str, Any]]] = [
    (
        ActionEvent(**TIMES, params={"x": 1}, returns="ok", action_type="act", logs="l", screenshot="http://x/y.png"),
        {
            **COMMON,
            "event_type": "actions",
            "params": {"x": 1},
            "returns": "ok",
            "action_type": "act",
            "logs": "l",
            "screenshot": "http://x/y.png",
            "name": "act",
        },
    ),
    (
        LLMEvent(
            **TIMES,
            **EXCHANGE,
            params={"temperature": 0},
            returns={"id": "x"},
            prompt_tokens=10,
            completion_tokens=5,
            cost=0.001,
            model="gpt-4o",
        ),
        {
            **COMMON,
            **EXCHANGE,
            "event_type": "llms",
            "params": {"temperature": 0},
            "returns": {"id": "x"},
            "thread_id": None,
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "cost": 0.001,
            "model": "gpt-4o",
        },
    ),
    (
        ToolEvent(**TIMES, params={"q": "z"}, returns=[1, 2], name="search", logs={"a": 1}),
        {
            **COMMON,
            "event_type": "tools",
            "params": {"q": "z"},
            "returns": [1, 2],
            "name": "search",
            "logs": {"a": 1},
            "tool_name": "search",
        },
    ),
    (
        ErrorEvent(
            **TIMES,
            trigger_event=ActionEvent(**TIMES),
            error_type="ValueError",
            code="E1",
            details="boom",
            logs="Traceback",
        ),
        {
            **COMMON,
            "event_type": "errors",
            "params": None,
            "returns": None,
            "trigger_event": "",
            "exception": None,
            "error_type": "ValueError",
            "code": "E1",
            "details": "boom",
            "logs": "Traceback",
        },
    ),
    (
        Event("my_type", **TIMES, params={"a": 1}, returns="b"),
        {**COMMON, "event_type": "my_type", "params": {"a": 1}, "returns": "b"},
    ),
]


@pytest.mark.parametrize(("event", "original"), VERBATIM, ids=lambda value: getattr(value, "event_type", ""))
def test_the_fields_of_the_original_are_as_it_sends_them(event: Event, original: dict[str, Any]) -> None:
    """Whole dictionaries as the original client sends them; what is more is under names that it does not have."""
    (body,) = sent(record_of(event, SESSION))
    assert {name: body[name] for name in original} == original
    more = body.keys() - original.keys()
    assert OURS <= more <= OURS | {"name", "trigger_event_id", "trigger_event_type", "timestamp"}


def test_an_event_says_where_its_span_stands() -> None:
    """The hierarchy, the kind, the status and the times in nanoseconds, which the original lacks."""
    record = SpanRecord(
        session_id=SESSION,
        span_id="00f067aa0ba902b7",
        parent_id="1111111111111111",
        kind=SpanKind.TOOL,
        name="search",
        start=1_795_158_742_325_782_123,
        end=1_795_158_743_000_001_456,
        status=SpanStatus.CANCELLED,
    )
    (body,) = sent(record)
    assert {name: body[name] for name in (*sorted(OURS - {"span"}), "name")} == {
        "ended": 1_795_158_743_000_001_456,
        "kind": "tool",
        "parent_id": "1111111111111111",
        "span_id": "00f067aa0ba902b7",
        "started": 1_795_158_742_325_782_123,
        "status": "cancelled",
        "trace_id": SESSION.replace("-", ""),
        "name": "search",
    }
    assert (body["init_timestamp"], body["end_timestamp"]) == (BEGAN, ENDED)


def test_an_error_that_counts_is_an_event_of_its_own() -> None:
    """With the event that it went wrong in as its trigger, which the original never sends."""
    record = SpanRecord(
        session_id=SESSION,
        span_id="00f067aa0ba902b7",
        kind=SpanKind.LLM,
        name="chat gpt-4o",
        end=5,
        status=SpanStatus.ERROR,
        error=ErrorInfo(type="openai.RateLimitError", message="slow down", status_code=429, stacktrace="File ..."),
        counted_error=True,
    )
    call, error = sent(record)
    assert (call["event_type"], error["event_type"]) == ("llms", "errors")
    wanted = {
        "trigger_event_id": call["id"],
        "trigger_event_type": "llms",
        "trigger_event": "",
        "exception": None,
        "error_type": "openai.RateLimitError",
        "code": "429",
        "details": "slow down",
        "logs": "File ...",
        "timestamp": call["end_timestamp"],
        "span_id": "00f067aa0ba902b7",
        "span": None,
    }
    assert {name: error[name] for name in wanted} == wanted
    assert UUID(error["id"]) != UUID(call["id"])


def test_an_error_that_was_counted_further_in_is_not_counted_again() -> None:
    """The exception that passes through several spans is one error event."""
    record = SpanRecord(session_id=SESSION, span_id="00f067aa0ba902b7", status=SpanStatus.ERROR, end=1)
    record.error = ErrorInfo(type="ValueError")
    assert [body["event_type"] for body in sent(record)] == ["task"]


@pytest.mark.parametrize(
    ("kind", "event_type"),
    [
        (SpanKind.LLM, "llms"),
        (SpanKind.EMBEDDING, "llms"),
        (SpanKind.TOOL, "tools"),
        (SpanKind.ACTION, "actions"),
        (SpanKind.SESSION, "session"),
        (SpanKind.AGENT, "agent"),
        (SpanKind.WORKFLOW, "workflow"),
        (SpanKind.TASK, "task"),
        (SpanKind.RETRIEVAL, "retrieval"),
        (SpanKind.GUARDRAIL, "guardrail"),
    ],
)
def test_kinds_that_v2_does_not_count_go_under_names_that_it_does_not_count(kind: SpanKind, event_type: str) -> None:
    """So that the counts of the events are the counts of the session."""
    (body,) = sent(SpanRecord(session_id=SESSION, span_id="00f067aa0ba902b7", kind=kind, end=1))
    assert body["event_type"] == event_type
    assert (event_type in v2.COUNTED_TYPES) == (kind.value in {"llm", "embedding", "tool", "action"})


def test_a_span_that_runs_is_no_event_yet() -> None:
    """V2 knows only what has ended."""
    assert sent(SpanRecord(session_id=SESSION, span_id="00f067aa0ba902b7", status=SpanStatus.RUNNING)) == []


def test_a_model_call_says_what_was_said() -> None:
    """Messages as chats have them, tokens as the provider counts them, parameters, and the price where it is known."""
    record = SpanRecord(
        session_id=SESSION,
        span_id="00f067aa0ba902b7",
        kind=SpanKind.LLM,
        end=1,
        cost="0.00125",
        request=Request(
            operation="chat",
            provider="openai",
            model="gpt-4o",
            messages=[
                Message("system", [Text("Be brief.")]),
                Message("tool", [ToolResult({"rows": 3}, "call-0", "count")]),
            ],
            parameters={"temperature": 0.5},
        ),
        response=Response(
            model="gpt-4o-2024-08-06",
            messages=[Message("assistant", [ToolCall("count", {"table": "x"}, "call-1")])],
            usage=Usage(input=10, cache_read=90, output=7),
        ),
    )
    (body,) = sent(record)
    wanted = {
        "params": {"model": "gpt-4o", "temperature": 0.5},
        "prompt": [
            {"role": "system", "content": "Be brief."},
            {"role": "tool", "tool_call_id": "call-0", "content": '{"rows":3}', "name": "count"},
        ],
        "completion": {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "call-1", "type": "function", "function": {"name": "count", "arguments": '{"table":"x"}'}}
            ],
        },
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "model": "gpt-4o-2024-08-06",
        "cost": 0.00125,
    }
    assert {name: body[name] for name in wanted} == wanted


def test_what_is_not_known_is_null() -> None:
    """Neither tokens nor a price are made up."""
    (body,) = sent(SpanRecord(session_id=SESSION, span_id="00f067aa0ba902b7", kind=SpanKind.LLM, end=1))
    names = ("prompt", "prompt_tokens", "completion", "completion_tokens", "cost", "model")
    assert [body[name] for name in names] == [None] * 6


hexadecimal = st.integers(1, 2**64 - 1).map(lambda number: f"{number:016x}")
words = st.text(max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
moments = st.integers(0, 2**62)
parts = st.builds(Text, words) | st.builds(ToolCall, words, values, st.none() | words)
messages = st.lists(st.builds(Message, words, st.lists(parts, max_size=2)), max_size=2)
requests = st.builds(
    Request, operation=words, provider=words, model=st.none() | words, messages=messages, parameters=st.just({})
)
usages = st.builds(Usage, input=st.none() | st.integers(0, 10**9), output=st.none() | st.integers(0, 10**9))
responses = st.builds(Response, model=st.none() | words, messages=messages, usage=st.none() | usages)
errors = st.builds(ErrorInfo, type=words, message=words, code=st.none() | words, stacktrace=st.none() | words)
records = st.builds(
    SpanRecord,
    session_id=st.uuids().map(str),
    span_id=hexadecimal,
    parent_id=st.none() | hexadecimal,
    kind=st.sampled_from(SpanKind),
    name=words,
    start=moments,
    end=moments,
    status=st.sampled_from([status for status in SpanStatus if status is not SpanStatus.RUNNING]),
    error=st.none() | errors,
    counted_error=st.booleans(),
    input=values,
    output=values,
    request=st.none() | requests,
    response=st.none() | responses,
    first_token=st.none() | moments,
    cost=st.none() | st.decimals(0, 1000, places=6).map(str),
    agent_id=st.none() | st.uuids().map(str),
    agent_name=st.none() | words,
    event_type=st.none() | st.sampled_from(["llms", "tools", "actions", "errors", "apis", "my_type"]),
    source=words,
    attributes=st.dictionaries(words, values, max_size=3),
    events=st.lists(st.builds(SpanEvent, name=words, time=moments, attributes=st.just({})), max_size=2),
    links=st.lists(st.builds(SpanLink, trace_id=hexadecimal, span_id=hexadecimal), max_size=2),
    thread=st.none() | words,
)


@given(record=records)
def test_a_reader_of_ours_loses_nothing(record: SpanRecord) -> None:
    """The first event of a span is read back as the very record; the error beside it as nothing more."""
    first, *others = sent(record)
    assert v2.read_event(first) == record
    assert [v2.read_event(other) for other in others] == [None] * len(others)
    assert len(others) <= 1


@given(record=records)
def test_the_ids_are_those_of_recorded_events_and_always_the_same(record: SpanRecord) -> None:
    """Sending again is sending once, and everybody calls an event by the same id."""
    assert [body["id"] for body in sent(record)] == [body["id"] for body in sent(record)]
    event = event_of(record)
    if event is not None:
        assert sent(record)[0]["id"] == event.id


def test_lone_surrogates_do_not_keep_an_event_from_going_out() -> None:
    """What UTF-8 has no place for becomes a question mark."""
    (body,) = sent(SpanRecord(session_id=SESSION, span_id="00f067aa0ba902b7", end=1, output="\ud800x"))
    assert body["returns"] == "?x"
