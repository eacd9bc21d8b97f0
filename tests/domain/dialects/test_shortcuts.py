"""What is left out or read at once where names and shapes allow it is read as it would be without."""

from collections.abc import Sequence
from functools import reduce
from typing import Any
from unittest.mock import patch

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from agentops.domain import dialects
from agentops.domain.conventional import read_conventional
from agentops.domain.dialects import Reading
from agentops.domain.dialects.reading import merge_readings
from agentops.domain.dialects.vocabulary import DIALECTS, Vocabulary, vocabulary_of
from agentops.domain.foreign import plain
from agentops.domain.messages import message_of, messages_of
from agentops.domain.spans import SpanEvent

NAMES = [
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.system",
    "gen_ai.system_instructions",
    "gen_ai.request.model",
    "gen_ai.request.type",
    "gen_ai.request.temperature",
    "gen_ai.response.model",
    "gen_ai.response.id",
    "gen_ai.response.finish_reasons",
    "gen_ai.response.finish_reason",
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.input_tokens",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.prompt",
    "gen_ai.prompt.0.content",
    "gen_ai.completion.0.content",
    "gen_ai.tool.name",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "gen_ai.tool.definitions",
    "gen_ai.agent.name",
    "gen_ai.conversation.id",
    "agentops.span.kind",
    "agentops.entity.input",
    "operation.name",
    "llm.usage.prompt_tokens",
    "llm.request.type",
    "openinference.span.kind",
    "llm.model_name",
    "server.address",
    "error.type",
]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
values = st.sampled_from(
    ["", "{}", "[]", '""', "[1]", "chat", "execute_tool", "tool", "LLM", "m", '{"a": 1}', 3, 0.5, ["x"]]
)
attributes = st.dictionaries(st.sampled_from(NAMES), values | texts, max_size=10)
events = st.lists(
    st.builds(
        SpanEvent,
        name=st.sampled_from(["exception", "gen_ai.user.message", "gen_ai.client.inference.operation.details"]),
        time=st.just(1),
        attributes=attributes,
    ),
    max_size=1,
)


def with_everybody(found: dict[str, Any], seen: Sequence[SpanEvent]) -> Vocabulary:
    """What the names tell, where every dialect that is spoken is asked."""
    vocabulary = vocabulary_of(found, seen)
    return replace(vocabulary, telling=tuple(each for each in DIALECTS if each.name in vocabulary.spoken))


@given(attributes, events)
def test_a_dialect_that_is_not_asked_would_have_said_nothing(found: dict[str, Any], seen: list[SpanEvent]) -> None:
    """Whatever the names are, the reading is that of all dialects together."""
    with patch.object(dialects, "vocabulary_of", with_everybody):
        everybody = dialects.read("span", found, "", seen)
    assert dialects.read("span", found, "", seen) == everybody


@given(attributes)
def test_sections_hide_nothing(found: dict[str, Any]) -> None:
    """A dialect that is told of every section reads no more."""
    vocabulary = vocabulary_of(found)
    everything = frozenset(section for name in NAMES for section in vocabulary_of({name: ""}).sections)
    if vocabulary.spoken:
        narrow = dialects.Span("span", found, "", (), vocabulary.sections)
        wide = dialects.Span("span", found, "", (), everything)
        both = [
            reduce(merge_readings, [each.read(span) for each in vocabulary.telling], Reading())
            for span in (narrow, wide)
        ]
        for reading in both:
            reading.request = reading.request or msgspec.convert({"operation": "", "provider": ""}, dialects.Request)
            reading.response = reading.response or dialects.Response()
        assert both[0] == both[1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
parts = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "reasoning", "tool_call", "tool_call_response", "refusal", "blob"])},
    optional={
        "content": texts | st.none() | st.integers(),
        "name": texts,
        "id": texts,
        "arguments": json_values | st.sampled_from(['{"a": 1}', "[1", ""]),
        "response": json_values,
        "result": json_values,
        "signature": texts,
        "text": texts,
    },
)
spoken = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool", ""]), "parts": st.lists(parts | texts, max_size=3)},
    optional={
        "name": texts,
        "finish_reason": texts | st.none(),
        "content": texts,
        "thinking": texts,
        "tool_calls": st.just([{"id": "c", "function": {"name": "f", "arguments": "{}"}}]),
    },
)


@given(st.lists(spoken, max_size=4))
def test_messages_read_at_once_are_the_same(said: list[Any]) -> None:
    """Messages of the conventions are read as any others are."""
    text = msgspec.json.encode(said).decode()
    one_by_one = [message_of(each, "user") for each in plain(msgspec.json.decode(text))]
    assert messages_of(text, "user") == one_by_one


def test_usual_messages_are_read_at_once() -> None:
    """The shortcut is taken: a text, a thought, a call of a tool and what it gave back."""
    said = [
        {"role": "user", "parts": [{"type": "text", "content": "hi"}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": [1]}}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "rain"}]},
        {"role": "assistant", "parts": [{"type": "reasoning", "content": "hm"}], "finish_reason": "stop"},
    ]
    assert read_conventional(msgspec.json.encode(said).decode(), "user") == [message_of(each, "user") for each in said]


def test_deep_or_huge_values_are_cut_as_ever() -> None:
    """The bounds of what is kept hold, however it is read."""
    deep: Any = "end"
    for _ in range(40):
        deep = [deep]
    said = [{"role": "assistant", "parts": [{"type": "tool_call", "name": "f", "arguments": deep}]}]
    for value in (said, [{"role": "user", "parts": [{"type": "text", "content": "x"}] * 60_000}]):
        text = msgspec.json.encode(value).decode()
        one_by_one = [message_of(each, "user") for each in plain(msgspec.json.decode(text))]
        assert messages_of(text, "user") == one_by_one


def test_what_is_remembered_of_names_is_bounded() -> None:
    """Names that nobody repeats do not fill the memory."""
    from agentops.domain.dialects import vocabulary  # noqa: PLC0415 - its memory is looked at

    for number in range(3000):
        vocabulary_of({f"gen_ai.{number}.{index:0>800}": 1 for index in range(2)})
    remembered = sum(len(name) for names, _ in vocabulary._known for name in names)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the same
    assert remembered <= 2_000_000
