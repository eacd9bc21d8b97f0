"""Events: as programs written for AgentOps make them, as spans, and what spans mean as events."""

import dataclasses
import uuid
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops.domain.analytics import Analytics
from agentops.domain.events import ActionEvent, ErrorEvent, Event, EventType, LLMEvent, ToolEvent, event_of, record_of
from agentops.domain.events.identities import span_id_of
from agentops.domain.events.times import moment_of, timestamp_of
from agentops.domain.genai import Message, Other, Request, Response, Text, ToolCall, Usage
from agentops.domain.spans import ErrorInfo, SpanKind, SpanRecord, SpanStatus
from agentops.domain.wire import decode, encode

SESSION = "a5fc2dba-53fc-4d78-9438-64f5b35c1c50"
ID = "321c8ed2-0000-4000-8000-00000000002a"
BEGAN, ENDED = "2026-11-20T07:12:22.325782+00:00", "2026-11-20T07:12:23.000001+00:00"
START, END = 1_795_158_742_325_782_000, 1_795_158_743_000_001_000
TIMES: dict[str, Any] = {"init_timestamp": BEGAN, "end_timestamp": ENDED, "id": ID}

COMMON = ["event_type", "params", "returns", "init_timestamp", "end_timestamp", "agent_id", "id", "session_id"]


@pytest.mark.parametrize(
    ("kind", "own", "event_type"),
    [
        (ActionEvent, ["action_type", "logs", "screenshot"], "actions"),
        (
            LLMEvent,
            ["thread_id", "prompt", "prompt_tokens", "completion", "completion_tokens", "cost", "model"],
            "llms",
        ),
        (ToolEvent, ["name", "logs"], "tools"),
        (ErrorEvent, ["trigger_event", "exception", "error_type", "code", "details", "logs"], "errors"),
    ],
)
def test_fields_come_in_the_order_of_agentops(kind: type[Event], own: list[str], event_type: str) -> None:
    """Positional arguments mean what they meant in AgentOps 0.3."""
    assert [field.name for field in dataclasses.fields(kind)] == COMMON + own
    event = kind()  # pyright: ignore[reportCallIssue] - every kind but the base has a default type
    assert (event.event_type, type(event.event_type)) == (event_type, str)
    assert kind("custom", {"x": 1}, "out").returns == "out"


def test_an_event_without_arguments_has_a_time_and_an_id() -> None:
    """Only the type is needed; times are ISO 8601 in UTC with microseconds, ids UUIDs."""
    event = Event("test_event")
    assert timestamp_of(moment_of(event.init_timestamp)) == event.init_timestamp
    assert event.init_timestamp.endswith("+00:00")
    assert uuid.UUID(event.id).version == 4
    assert (event.params, event.returns, event.end_timestamp, event.agent_id, event.session_id) == (None,) * 5
    assert Event("a").id != Event("a").id


def test_ids_and_times_of_other_types_are_understood() -> None:
    """UUID objects, enum members and datetimes are as good as text."""
    event = Event(
        EventType.API,
        init_timestamp=datetime(2026, 11, 20, 7, 12, 22, 325782, UTC),  # pyright: ignore[reportArgumentType]
        end_timestamp="2026-11-20T08:12:23.000001+01:00",
        agent_id=uuid.UUID(int=1),  # pyright: ignore[reportArgumentType]
        id=uuid.UUID(ID),  # pyright: ignore[reportArgumentType]
    )
    assert (event.init_timestamp, event.end_timestamp) == (BEGAN, ENDED)
    assert (event.id, event.agent_id) == (ID, "00000000-0000-0000-0000-000000000001")
    assert (event.event_type, type(event.event_type)) == ("apis", str)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"event_type": 7}, TypeError, "event_type is text such as 'actions', not int"),
        ({"event_type": ""}, ValueError, "event_type is empty"),
        ({"event_type": "a", "init_timestamp": "yesterday"}, ValueError, "'yesterday' is no time: pass a datetime"),
        ({"event_type": "a", "end_timestamp": 7}, ValueError, "7 is no time"),
        ({"event_type": "a", "colour": 7}, TypeError, "unexpected keyword argument 'colour'"),
        ({}, TypeError, "missing 1 required positional argument: 'event_type'"),
    ],
)
def test_wrong_arguments_say_what_is_wrong(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    """The error names the argument and what to pass."""
    with pytest.raises(error, match=message):
        Event(**arguments)


def fail(error: Exception) -> None:
    """Raise it."""
    raise error


def test_an_error_reads_its_exception_and_lets_it_go() -> None:
    """Type, message and traceback are kept; the exception, and the frames it holds, are not."""
    with pytest.raises(ValueError, match="boom") as caught:
        fail(ValueError("boom"))
    event = ErrorEvent(exception=caught.value, code="E1")
    assert (event.exception, event.error_type, event.details, event.code) == (None, "ValueError", "boom", "E1")
    assert event.end_timestamp is not None
    assert event.timestamp == event.init_timestamp
    assert event.logs.startswith("Traceback (most recent call last)")
    assert event.logs.endswith("ValueError: boom\n")


def test_an_error_without_an_exception_logs_what_is_being_handled() -> None:
    """Inside an except block the traceback comes by itself; outside there is none; given words win."""
    found: list[ErrorEvent] = []
    try:
        fail(KeyError("k"))
    except KeyError:
        found.append(ErrorEvent(details="lost"))
    (inside,) = found
    assert inside.logs.endswith("KeyError: 'k'\n")
    assert (inside.error_type, inside.details) == (None, "lost")
    assert ErrorEvent().logs is None
    given = ErrorEvent(exception=ValueError("boom"), error_type="Mine", details="own", logs="log")
    assert (given.error_type, given.details, given.logs) == ("Mine", "own", "log")


def test_an_exception_that_cannot_be_printed_is_still_an_error() -> None:
    """An error whose text raises has no text."""

    class MuteError(Exception):
        """An exception that cannot say what it is."""

        def __str__(self) -> str:
            raise RuntimeError

    event = ErrorEvent(exception=MuteError())
    assert (event.error_type, event.details) == ("MuteError", "")


def span(kind: SpanKind, **fields: Any) -> SpanRecord:
    """The span of the event with `ID`."""
    lead: dict[str, Any] = {"session_id": SESSION, "span_id": "800000000000002a", "start": START, "end": END}
    return SpanRecord(kind=kind, **lead, **fields)


def test_an_action_becomes_an_action_span() -> None:
    """Parameters and result are input and output, the rest attributes."""
    event = ActionEvent("actions", {"x": 1}, "ok", action_type="act", logs="l", screenshot="http://x/y.png", **TIMES)
    assert record_of(event, SESSION) == span(
        SpanKind.ACTION,
        name="act",
        input={"x": 1},
        output="ok",
        event_type="actions",
        attributes={
            "event.id": ID,
            "event.action_type": "act",
            "event.logs": "l",
            "event.screenshot": "http://x/y.png",
        },
    )


def test_a_model_call_becomes_an_llm_span() -> None:
    """Prompt, completion, tokens, model and cost are request, response and cost."""
    event = LLMEvent(
        params={"temperature": 0},
        prompt=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
        prompt_tokens=10,
        completion={"role": "assistant", "content": "yo"},
        completion_tokens=5,
        cost=0.001,
        model="gpt-4o",
        **TIMES,
    )
    assert record_of(event, SESSION) == span(
        SpanKind.LLM,
        name="chat gpt-4o",
        input={"temperature": 0},
        event_type="llms",
        request=Request(
            operation="chat",
            provider="",
            model="gpt-4o",
            messages=[Message("system", [Text("Be brief.")]), Message("user", [Text("hi")])],
        ),
        response=Response(
            model="gpt-4o", messages=[Message("assistant", [Text("yo")])], usage=Usage(input=10, output=5)
        ),
        cost="0.001",
        attributes={"event.id": ID},
    )


def test_a_prompt_of_text_is_said_by_the_user() -> None:
    """Text stays text, even where it looks like JSON; tokens that are not given stay unknown."""
    record = record_of(LLMEvent(prompt='{"a": 1}', completion="yo"), SESSION)
    assert record.request is not None
    assert record.response is not None
    assert record.request.messages == [Message("user", [Text('{"a": 1}')])]
    assert record.response == Response(messages=[Message("assistant", [Text("yo")])])
    assert (record.name, record.cost) == ("chat", None)


def test_a_tool_call_becomes_a_tool_span() -> None:
    """Its name is the span's."""
    event = ToolEvent(params={"q": "z"}, returns=(1, 2), name="search", logs={"a": 1}, **TIMES)
    assert record_of(event, SESSION) == span(
        SpanKind.TOOL,
        name="search",
        input={"q": "z"},
        output=[1, 2],
        event_type="tools",
        attributes={"event.id": ID, "event.logs": {"a": 1}},
    )


def test_an_error_becomes_a_failed_span_that_names_its_trigger() -> None:
    """Type, message, code and traceback are the error's; the event that failed is named."""
    trigger = ToolEvent(id="00000000-0000-4000-8000-000000000001")
    event = ErrorEvent(
        trigger_event=trigger, error_type="ValueError", code="E1", details="boom", logs="Traceback", **TIMES
    )
    assert record_of(event, SESSION) == span(
        SpanKind.ACTION,
        name="ValueError",
        event_type="errors",
        status=SpanStatus.ERROR,
        counted_error=True,
        error=ErrorInfo(type="ValueError", message="boom", code="E1", stacktrace="Traceback"),
        attributes={
            "event.id": ID,
            "event.trigger_event_id": trigger.id,
            "event.trigger_event_type": "tools",
        },
    )


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ActionEvent("llms"), (1, 0, 0, 0, 0)),
        (LLMEvent(), (1, 0, 0, 0, 0)),
        (ActionEvent("tools"), (0, 1, 0, 0, 0)),
        (ToolEvent(), (0, 1, 0, 0, 0)),
        (ActionEvent("actions"), (0, 0, 1, 0, 0)),
        (ErrorEvent(), (0, 0, 0, 1, 0)),
        (ActionEvent("errors"), (0, 0, 0, 1, 0)),
        (Event("apis"), (0, 0, 0, 0, 1)),
        (Event("test_event", returns="result"), (0, 0, 0, 0, 0)),
    ],
)
def test_an_event_counts_by_its_type(event: Event, expected: tuple[int, ...]) -> None:
    """The type decides, whatever the class; words of one's own count nowhere."""
    analytics = Analytics()
    analytics.add(record_of(event, SESSION))
    counts = (analytics.llm_calls, analytics.tool_calls, analytics.actions, analytics.errors, analytics.apis)
    assert counts == expected


def test_an_event_ends_when_it_is_recorded_unless_it_said_when() -> None:
    """Without an end it is `at`, else now; never before its beginning."""
    open_event = ActionEvent(init_timestamp=BEGAN)
    assert record_of(open_event, SESSION, at=END).end == END
    assert record_of(open_event, SESSION, at=START - 1).end == START
    assert (record_of(open_event, SESSION).end or 0) > START


def test_an_event_that_is_none_is_refused() -> None:
    """Recording something else says what to record."""
    with pytest.raises(TypeError, match=r"record takes an event such as ActionEvent\(...\), not dict"):
        record_of({}, SESSION)  # pyright: ignore[reportArgumentType] - that is the mistake


@given(st.text())
def test_every_id_gives_a_span_id(event_id: str) -> None:
    """Whatever an event is called, its span has 16 hexadecimal digits, always the same."""
    assert len(bytes.fromhex(span_id_of(event_id))) == 8
    assert span_id_of(event_id) == span_id_of(event_id)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)))  # noqa: DTZ001 - naive ones are what is drawn
def test_times_survive_the_way_there_and_back(moment: datetime) -> None:
    """ISO 8601 with microseconds loses nothing, and a time without a zone is UTC."""
    text = timestamp_of(moment_of(moment))
    assert datetime.fromisoformat(text) == moment.replace(tzinfo=UTC)
    assert moment_of(text) == moment_of(moment)


EVENTS = [
    Event("custom", {"a": [1]}, "out", agent_id="ada", session_id=SESSION, **TIMES),
    ActionEvent(action_type="act", logs="l", screenshot="s", session_id=SESSION, **TIMES),
    ToolEvent(params={"q": 1}, returns=2, name="search", logs="l", session_id=SESSION, **TIMES),
    LLMEvent(
        prompt=[{"role": "user", "content": "hi"}],
        prompt_tokens=1,
        completion={"role": "assistant", "content": "yo"},
        completion_tokens=2,
        cost=0.25,
        model="m",
        thread_id="t",
        session_id=SESSION,
        **TIMES,
    ),
    ErrorEvent(error_type="E", code="c", details="d", logs="l", session_id=SESSION, **TIMES),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_survives_the_way_there_and_back(event: Event) -> None:
    """What was recorded as an event means that event."""
    assert event_of(record_of(event, SESSION)) == event


def test_an_observed_model_call_means_an_llm_event() -> None:
    """Tokens are totals, messages are as in chats, parts that are more than text are kept."""
    record = SpanRecord(
        session_id=SESSION,
        span_id="00000000000000ff",
        kind=SpanKind.LLM,
        start=START,
        end=END,
        cost="0.5",
        request=Request(
            operation="chat", provider="p", model="asked", messages=[Message("user", [Text("a"), Text("b")])]
        ),
        response=Response(
            model="answered",
            usage=Usage(1, 2, 3, 4, 5),
            messages=[Message("assistant", [ToolCall("f", {"x": 1}, "c1"), Other("k", 1)])],
        ),
    )
    expected = LLMEvent(
        init_timestamp=BEGAN,
        end_timestamp=ENDED,
        id="a5fc2dba-53fc-4d78-0000-0000000000ff",
        session_id=SESSION,
        prompt=[{"role": "user", "content": "ab"}],
        prompt_tokens=6,
        completion={
            "role": "assistant",
            "content": [
                {"type": "tool_call", "name": "f", "arguments": {"x": 1}, "id": "c1"},
                {"type": "other", "kind": "k", "content": 1},
            ],
        },
        completion_tokens=9,
        cost=0.5,
        model="answered",
    )
    assert event_of(record) == expected
    assert record_of(expected, SESSION).span_id == record.span_id


@pytest.mark.parametrize("kind", [SpanKind.SESSION, SpanKind.AGENT, SpanKind.TASK, SpanKind.WORKFLOW])
def test_spans_that_hold_others_mean_no_event(kind: SpanKind) -> None:
    """Sessions, agents, workflows and tasks are not events, and nothing is while it runs."""
    assert event_of(SpanRecord(session_id=SESSION, span_id="1" * 16, kind=kind)) is None
    running = SpanRecord(session_id=SESSION, span_id="1" * 16, kind=SpanKind.LLM, status=SpanStatus.RUNNING)
    assert event_of(running) is None


class Word(str):
    """Text that is more than text, as frameworks have for names of models."""

    __slots__ = ("more",)


class Model(Enum):
    """Names of models as some programs have them."""

    SMALL = "gpt-small"


@pytest.mark.parametrize(("given_name", "expected"), [(Word("gpt-x"), "gpt-x"), (Model.SMALL, "gpt-small"), (7, "7")])
def test_names_of_any_kind_are_recorded_as_text(given_name: Any, expected: str) -> None:
    """Text of another class, members of enums and numbers are names like any other, also when they are set later."""
    call = LLMEvent(model=given_name, **TIMES)
    record = record_of(call, SESSION)
    assert record.request is not None
    assert (record.name, record.request.model, type(record.request.model)) == (f"chat {expected}", expected, str)
    action, tool = ActionEvent(**TIMES), ToolEvent(**TIMES)
    action.action_type = tool.name = given_name
    action.agent_id = uuid.UUID(SESSION)  # pyright: ignore[reportAttributeAccessIssue] - programs set anything
    assert (record_of(action, SESSION).name, record_of(tool, SESSION).name) == (expected, expected)
    assert record_of(action, SESSION).agent_id == SESSION
    for each in (call, action, tool):
        assert decode(encode(record_of(each, SESSION))) == record_of(each, SESSION)
