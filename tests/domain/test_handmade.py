"""What is recognised of model calls that programs make by their own means."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops.domain.genai import Message, Request, Response, Text, Tool, ToolCall, Usage
from agentops.domain.handmade import request_of, response_of, response_of_items, usage_of

CHAT = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-2024-08-06",
    "choices": [{"message": {"role": "assistant", "content": "Paris."}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "prompt_tokens_details": {"cached_tokens": 40},
        "completion_tokens_details": {"reasoning_tokens": 30},
    },
}
ANSWERS: dict[str, tuple[Any, Response]] = {
    "chat completions": (
        CHAT,
        Response(
            id="chatcmpl-1",
            model="gpt-4o-2024-08-06",
            messages=[Message("assistant", [Text("Paris.")], finish_reason="stop")],
            finish_reasons=["stop"],
            usage=Usage(input=60, cache_read=40, output=20, reasoning=30),
        ),
    ),
    "completions": (
        {"choices": [{"text": "Paris.", "finish_reason": "length"}], "usage": {"prompt_tokens": 1}},
        Response(
            messages=[Message("assistant", [Text("Paris.")], finish_reason="length")],
            finish_reasons=["length"],
            usage=Usage(input=1),
        ),
    ),
    "a tool call": (
        {
            "choices": [
                {"message": {"tool_calls": [{"id": "c1", "function": {"name": "find", "arguments": '{"x": 1}'}}]}}
            ]
        },
        Response(messages=[Message("assistant", [ToolCall("find", {"x": 1}, "c1")])]),
    ),
    "messages": (
        {
            "id": "msg_1",
            "model": "claude-x",
            "content": [{"type": "text", "text": "Paris."}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 10, "cache_read_input_tokens": 4, "output_tokens": 5},
        },
        Response(
            id="msg_1",
            model="claude-x",
            messages=[Message("assistant", [Text("Paris.")], finish_reason="end_turn")],
            finish_reasons=["end_turn"],
            usage=Usage(input=10, cache_read=4, output=5),
        ),
    ),
    "responses": (
        {
            "output": [
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Paris."}]}
            ],
            "usage": {"input_tokens": 10, "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 2}},
        },
        Response(
            messages=[Message("assistant", [Text("Paris.")])],
            usage=Usage(input=10, output=3, reasoning=2),
        ),
    ),
    "gemini": (
        {
            "modelVersion": "gemini-x",
            "candidates": [{"content": {"role": "model", "parts": [{"text": "Paris."}]}}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 3, "thoughtsTokenCount": 2},
        },
        Response(
            model="gemini-x",
            messages=[Message("model", [Text("Paris.")])],
            usage=Usage(input=10, output=3, reasoning=2),
        ),
    ),
    "ollama": (
        {
            "model": "llama3",
            "message": {"role": "assistant", "content": "Paris."},
            "prompt_eval_count": 10,
            "eval_count": 3,
        },
        Response(model="llama3", messages=[Message("assistant", [Text("Paris.")])], usage=Usage(input=10, output=3)),
    ),
    "what one writes oneself": (
        {"content": "Paris.", "usage": {"input_tokens": 1, "output_tokens": 2}, "cost": 0.25},
        Response(messages=[Message("assistant", [Text("Paris.")])], usage=Usage(input=1, output=2), cost="0.25"),
    ),
    "a text": ("Paris.", Response(messages=[Message("assistant", [Text("Paris.")])])),
    "a text that looks like JSON": ('["a"]', Response(messages=[Message("assistant", [Text('["a"]')])])),
}


@dataclass
class Answer:
    """A result of a class of one's own."""

    text: str
    usage: Any


@pytest.mark.parametrize("shape", ANSWERS)
def test_answers_of_providers_are_recognised(shape: str) -> None:
    """As they come over the wire."""
    given, expected = ANSWERS[shape]
    assert response_of(given) == expected


def test_answers_may_be_objects() -> None:
    """Data classes, namespaces and models are read as what they hold."""
    expected = Response(messages=[Message("assistant", [Text("Paris.")])], usage=Usage(input=1, output=2))
    usage = SimpleNamespace(prompt_tokens=1, completion_tokens=2)
    assert response_of(Answer("Paris.", usage)) == expected
    assert response_of(SimpleNamespace(text="Paris.", usage=usage)) == expected


@pytest.mark.parametrize("result", [None, 3, [1, 2], {"score": 0.5}, object(), {"choices": []}, b"bytes"])
def test_what_is_no_answer_is_not_made_one(result: object) -> None:
    """Neither a text nor tokens are invented."""
    assert response_of(result) is None


def test_properties_of_unknown_classes_are_not_run() -> None:
    """Reading a result runs no code of the program."""

    class Trap:
        @property
        def usage(self) -> object:
            raise AssertionError("looked at")

    assert response_of(Trap()) is None


def test_arguments_are_known_by_their_names() -> None:
    """Messages, a system prompt, tools and the model; the others are the call's settings."""
    tools = [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}]
    arguments = {
        "messages": [{"role": "user", "content": "Where?"}],
        "system": "Be brief.",
        "tools": tools,
        "model": "gpt-4o",
        "temperature": 0.5,
        "seed": None,
    }
    assert request_of(arguments) == Request(
        operation="chat",
        provider="",
        model="gpt-4o",
        messages=[Message("system", [Text("Be brief.")]), Message("user", [Text("Where?")])],
        tools=[Tool("find", None, {"type": "object"})],
        parameters={"temperature": 0.5},
    )


def test_a_prompt_is_what_the_user_said() -> None:
    """A text is one message, even where it looks like JSON."""
    assert request_of({"prompt": "{}"}, "gpt-4o") == Request(
        operation="chat", provider="", model="gpt-4o", messages=[Message("user", [Text("{}")])]
    )


def test_other_arguments_are_no_messages() -> None:
    """A function that calls its parameter otherwise has arguments, and no prompt."""
    assert request_of({"question": "Where?"}) == Request(operation="chat", provider="")


def test_pieces_are_put_together() -> None:
    """Texts, and chunks of the providers' streams; the last usage is the call's."""
    assert response_of_items(["Par", "is."]) == Response(messages=[Message("assistant", [Text("Paris.")])])
    chunks: list[Any] = [
        {"model": "gpt-4o", "choices": [{"delta": {"role": "assistant"}}]},
        {"choices": [{"delta": {"content": "Par"}}]},
        {"choices": [{"delta": {"content": "is."}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
    ]
    assert response_of_items(chunks) == Response(
        model="gpt-4o",
        messages=[Message("assistant", [Text("Paris.")], finish_reason="stop")],
        finish_reasons=["stop"],
        usage=Usage(input=3, output=2),
    )
    assert response_of_items([1, 2]) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["usage", "choices", "message", "content", "prompt_tokens", "output", "delta", "messages", "prompt"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(VALUES)
def test_reading_never_fails(value: Any) -> None:
    """Whatever goes in and comes out, tokens are counts and the rest is as it was."""
    response_of(value)
    response_of_items([value])
    usage = usage_of(value)
    assert usage is None or (usage.total or 0) >= 0
    request_of({"prompt": value, "messages": value, "tools": value, "system": value, "model": value})
