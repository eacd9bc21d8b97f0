"""Reading spans of any dialect: total, nothing invented, one dialect completing the other."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops.domain import wire
from agentops.domain.dialects import DIALECTS, Reading, read
from agentops.domain.genai import Usage
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanKind, SpanRecord, SpanStatus

KINDS_OF_NAMES = [
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.system",
    "gen_ai.request.model",
    "gen_ai.request.type",
    "gen_ai.request.stream",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
    "gen_ai.tool.name",
    "gen_ai.tool.call.result",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.total_cost",
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.response.finish_reasons",
    "gen_ai.prompt",
    "gen_ai.prompt.0.role",
    "gen_ai.prompt.0.content",
    "gen_ai.prompt.0.tool_calls.0.arguments",
    "gen_ai.completion.1.content",
    "gen_ai.completion",
    "openinference.span.kind",
    "llm.input_messages.0.message.role",
    "llm.input_messages.0.message.contents.0.message_content.type",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name",
    "llm.invocation_parameters",
    "llm.tools.0.tool.json_schema",
    "llm.token_count.prompt",
    "embedding.embeddings.0.embedding.text",
    "input.value",
    "output.value",
    "tag.tags",
    "traceloop.span.kind",
    "traceloop.entity.input",
    "traceloop.association.properties.session_id",
    "llm.request.functions.0.name",
    "ai.operationId",
    "ai.model.provider",
    "ai.prompt.messages",
    "ai.prompt.tools",
    "ai.response.text",
    "ai.response.toolCalls",
    "ai.response.msToFirstChunk",
    "ai.toolCall.args",
    "ai.usage.inputTokens",
    "ai.values",
    "agentops.span.kind",
    "agentops.entity.input",
    "agentops.tags",
    "agentops.session.end_state",
    "tool.status",
    "error.type",
]
EVENT_NAMES = [
    "exception",
    "gen_ai.user.message",
    "gen_ai.choice",
    "gen_ai.content.prompt",
    "gen_ai.client.inference.operation.details",
]
WORDS = [
    "chat",
    "ai.streamText.doStream",
    "ai.toolCall",
    "embeddings",
    "execute_tool",
    "invoke_agent",
    "LLM",
    "TOOL",
    "tool",
    "session",
    "text",
    "tool_call",
    "assistant",
]

scalars = st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
structures = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "role", "content", "parts", "name", "arguments", "function"]), inner)
        | st.tuples(inner)
    ),
    max_leaves=8,
)
json_texts = structures.map(lambda value: msgspec.json.encode(value, enc_hook=str).decode() if _is_json(value) else "{")
attributes = st.dictionaries(st.sampled_from(KINDS_OF_NAMES) | st.text(), structures | json_texts, max_size=12)
events = st.lists(
    st.builds(SpanEvent, name=st.sampled_from(EVENT_NAMES), time=st.just(1), attributes=attributes), max_size=3
)


def _is_json(value: Any) -> bool:
    try:
        msgspec.json.encode(value)
    except (TypeError, UnicodeEncodeError, OverflowError):
        return False
    return True


@given(st.text(), attributes, st.sampled_from(["", "com.anthropic.sdk.python", "strands.telemetry.tracer"]), events)
def test_reading_never_raises_and_gives_records(
    name: str, found: dict[str, Any], scope: str, seen: list[SpanEvent]
) -> None:
    """Whatever the attributes hold, there is a reading or none, and it can be written and read back."""
    reading = read(name, found, scope, seen)
    if reading is not None:
        assert msgspec.json.decode(msgspec.json.encode(reading), type=Reading).about == reading.about
        assert (reading.request is None) == (reading.kind not in (SpanKind.LLM, SpanKind.EMBEDDING))
        for kind in (reading.kind, SpanKind.TASK):
            filled = record(kind)
            reading.fill(filled)
            assert wire.decode(wire.encode(filled)) == filled


@given(attributes)
def test_an_attribute_is_kept_or_taken(found: dict[str, Any]) -> None:
    """An attribute that no dialect takes is kept under its name; nothing else appears among those kept."""
    reading = read("span", found)
    if reading is not None:
        taken = tuple(start for dialect in DIALECTS for start in (*dialect.takes, *dialect.takes_of_call))
        assert reading.attributes.keys() <= found.keys()
        assert {name for name in found if not name.startswith(taken)} <= reading.attributes.keys()


def test_a_span_of_no_dialect_is_not_read() -> None:
    """An HTTP or database span says nothing to us."""
    assert read("GET /", {"http.request.method": "GET", "server.address": "x", "error.type": "500"}) is None


def test_what_was_not_said_is_absent() -> None:
    """A bare model call has no usage, no cost, no messages."""
    reading = read("chat", {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"})
    assert reading is not None
    assert reading.response is not None
    assert reading.request is not None
    assert (reading.response.usage, reading.cost, reading.error, reading.request.messages) == (None, None, None, [])


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("anything", Usage(input=12, cache_read=3, cache_write=1, output=3, reasoning=1)),
        ("com.anthropic.sdk.python", Usage(input=12, cache_read=3, cache_write=1, output=3, reasoning=1)),
        ("strands.telemetry.tracer", Usage(input=16, cache_read=3, cache_write=1, output=3, reasoning=1)),
        ("anthropic", Usage(input=16, cache_read=3, cache_write=1, output=3, reasoning=1)),
        ("gcp.vertex.agent", Usage(input=12, cache_read=3, cache_write=1, output=4, reasoning=1)),
    ],
)
def test_token_counts_mean_what_their_writer_means(scope: str, expected: Usage) -> None:
    """Cached tokens are within the input and reasoning within the output, save for scopes known to differ."""
    found = {
        "gen_ai.request.model": "m",
        "gen_ai.usage.input_tokens": 16,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "gen_ai.usage.cache_write.input_tokens": 1,
        "gen_ai.usage.reasoning.output_tokens": 1,
    }
    reading = read("chat", found, scope)
    assert reading is not None
    assert reading.response is not None
    assert reading.response.usage == expected


def test_a_part_larger_than_its_whole_was_left_out_of_it() -> None:
    """Where more was cached than went in, the input cannot have counted it."""
    found = {"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 5, "gen_ai.usage.cache_read_input_tokens": 100}
    reading = read("chat", found)
    assert reading is not None
    assert reading.response is not None
    assert reading.response.usage == Usage(input=5, cache_read=100)


@pytest.mark.parametrize(
    "name",
    [
        "cache_creation.input_tokens",
        "cache_write.input_tokens",
        "cache_creation_input_tokens",
        "cache_write_input_tokens",
    ],
)
def test_every_spelling_of_cache_writes_is_read(name: str) -> None:
    """The name of this count changed more than once."""
    reading = read("chat", {"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 9, f"gen_ai.usage.{name}": 4})
    assert reading is not None
    assert reading.response is not None
    assert reading.response.usage == Usage(input=5, cache_write=4)


def test_sums_of_an_agent_are_no_call() -> None:
    """Tokens on an agent's span, or on one that names no model, are kept as attributes and not counted."""
    found = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "ada", "gen_ai.usage.input_tokens": 9}
    expected = Reading(
        dialects=("gen_ai", "gen_ai before 1.37"), about=SpanKind.AGENT, name="ada", agent_name="ada", attributes=found
    )
    assert read("invoke_agent ada", found) == expected
    summed = read("agent run", {"gen_ai.usage.input_tokens": 9})
    assert summed is not None
    assert (summed.about, summed.response) == (None, None)


def test_an_exception_is_read_from_the_event_that_came_last() -> None:
    """The recorded exception says more than the type of error; of two the last is kept."""
    exception = {"exception.type": "ValueError", "exception.message": "boom", "exception.stacktrace": "Traceback"}
    seen = [
        SpanEvent(name="exception", time=1, attributes={"exception.type": "A"}),
        SpanEvent(name="exception", time=2, attributes=exception),
    ]
    found = {"gen_ai.request.model": "m", "error.type": "timeout", "error.message": "late"}
    with_event, without = read("chat", found, "", seen), read("chat", found)
    assert with_event is not None
    assert without is not None
    assert with_event.error == ErrorInfo(type="ValueError", message="boom", stacktrace="Traceback")
    assert without.error == ErrorInfo(type="timeout", message="late")


def test_two_dialects_on_one_span_complete_each_other() -> None:
    """What one leaves open the other fills in; where both speak, the first listed is believed."""
    found = {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-4o",
        "llm.token_count.prompt": 5,
        "llm.invocation_parameters": '{"temperature": 0}',
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.request.max_tokens": 7,
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.response.id": "r1",
    }
    reading = read("chat gpt-4o", found)
    assert reading is not None
    assert reading.request is not None
    assert reading.response is not None
    assert reading.dialects == ("openinference", "gen_ai", "gen_ai before 1.37")
    assert (reading.request.provider, reading.request.parameters) == ("openai", {"temperature": 0, "max_tokens": 7})
    assert (reading.response.id, reading.response.usage) == ("r1", Usage(input=5, output=2))
    assert reading.attributes == {}


def record(kind: SpanKind, status: SpanStatus = SpanStatus.OK, error: ErrorInfo | None = None) -> SpanRecord:
    """A finished span before anything was read of it."""
    return SpanRecord(session_id="s", span_id="1", kind=kind, name="chat m", start=1, end=2, status=status, error=error)


CALL = {
    "gen_ai.request.model": "m",
    "gen_ai.prompt": "hi",
    "gen_ai.usage.input_tokens": 2,
    "gen_ai.usage.total_cost": 1,
    "x": 1,
}


def test_a_reading_fills_a_record() -> None:
    """Request, response, cost and the other attributes go into the record of the span."""
    reading, found = read("chat m", CALL | {"gen_ai.response.time_to_first_chunk": 0.5}), record(SpanKind.LLM)
    assert reading is not None
    reading.fill(found)
    assert (found.request, found.response, found.cost) == (reading.request, reading.response, "1")
    assert (found.attributes["x"], found.status, found.error) == (1, SpanStatus.OK, None)
    assert found.first_token == 500_000_001


def test_a_call_recorded_elsewhere_is_not_counted_again() -> None:
    """The record of the same call seen from further out keeps what was said, but neither tokens nor cost."""
    reading, found = read("chat m", CALL), record(SpanKind.TASK)
    assert reading is not None
    reading.fill(found)
    assert (found.request, found.response, found.cost) == (None, None, None)
    assert found.input == [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]


def test_a_failure_that_the_span_names_is_the_records() -> None:
    """A type of error makes the record a failure; an exception that was recorded and handled does not."""
    named, handled, failed = (
        record(SpanKind.LLM),
        record(SpanKind.LLM),
        record(SpanKind.LLM, SpanStatus.ERROR, ErrorInfo(type="", message="late")),
    )
    event = SpanEvent(name="exception", time=1, attributes={"exception.type": "ValueError"})
    for attributes_, events_, target in (
        ({"error.type": "timeout"}, (), named),
        ({}, [event], handled),
        ({}, [event], failed),
    ):
        reading = read("chat m", CALL | attributes_, "", events_)
        assert reading is not None
        reading.fill(target)
    assert (named.status, named.counted_error, named.error) == (SpanStatus.ERROR, True, ErrorInfo(type="timeout"))
    assert (handled.status, handled.counted_error, handled.error) == (SpanStatus.OK, False, None)
    assert (failed.status, failed.error) == (SpanStatus.ERROR, ErrorInfo(type="ValueError", message="late"))
