"""The GenAI conventions of today and of yesterday, with and without content, on spans and in events."""

import json
from typing import Any

import pytest

from agentops.domain.dialects import Reading, read
from agentops.domain.genai import (
    Media,
    Message,
    Other,
    Reasoning,
    Refusal,
    Request,
    Response,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from agentops.domain.spans import SpanEvent, SpanKind

NOW = ("gen_ai", "gen_ai before 1.37")

INPUT = [
    {"role": "user", "parts": [{"type": "text", "content": "Weather in Graz?"}]},
    {
        "role": "assistant",
        "parts": [{"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Graz"}}],
    },
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "rain"}]},
]
OUTPUT = [
    {
        "role": "assistant",
        "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "It rains."}],
        "finish_reason": "stop",
    }
]
TOOLS = [{"type": "function", "name": "weather", "description": "d", "parameters": {"type": "object"}}]
CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.request.stop_sequences": ("a", "b"),
    "gen_ai.request.stream": True,
    "gen_ai.conversation.id": "conv-1",
    "gen_ai.response.id": "r1",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.finish_reasons": ("stop",),
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.cache_read.input_tokens": 60,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.reasoning.output_tokens": 5,
    "openai.response.service_tier": "default",
    "server.address": "api.openai.com",
    "server.port": 443,
}
READ = Reading(
    dialects=NOW,
    about=SpanKind.LLM,
    request=Request(
        operation="chat",
        provider="openai",
        model="gpt-4o",
        messages=[
            Message("system", [Text("Be brief.")]),
            Message("user", [Text("Weather in Graz?")]),
            Message("assistant", [ToolCall("weather", {"city": "Graz"}, "c1")]),
            Message("tool", [ToolResult("rain", "c1")]),
        ],
        tools=[Tool("weather", "d", {"type": "object"})],
        parameters={"temperature": 0.5, "stop_sequences": ["a", "b"]},
        stream=True,
        server_address="api.openai.com",
    ),
    response=Response(
        id="r1",
        model="gpt-4o-2024-08-06",
        messages=[Message("assistant", [Reasoning("hm"), Text("It rains.")], finish_reason="stop")],
        finish_reasons=["stop"],
        usage=Usage(input=40, cache_read=60, output=15, reasoning=5),
        service_tier="default",
    ),
    session_id="conv-1",
    attributes={
        "gen_ai.conversation.id": "conv-1",
        "openai.response.service_tier": "default",
        "server.address": "api.openai.com",
        "server.port": 443,
    },
)
CONTENT: dict[str, Any] = {
    "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
    "gen_ai.input.messages": INPUT,
    "gen_ai.output.messages": OUTPUT,
    "gen_ai.tool.definitions": TOOLS,
}


def test_content_as_json_in_strings_is_read() -> None:
    """Most languages write messages as JSON into string attributes."""
    assert read("chat gpt-4o", CALL | {name: json.dumps(value) for name, value in CONTENT.items()}) == READ


def test_content_as_structures_is_read_alike() -> None:
    """Where attributes may be structured they say the same."""
    assert read("chat gpt-4o", CALL | CONTENT) == READ


def test_content_in_the_details_event_is_read_alike() -> None:
    """Content may stand in an event instead of the span."""
    event = SpanEvent(name="gen_ai.client.inference.operation.details", time=1, attributes=CONTENT)
    assert read("chat gpt-4o", CALL, "", [event]) == READ


def test_the_native_span_of_anthropic_is_read() -> None:
    """The client of anthropic from 2.0 counts cached tokens into its input; the API said 12 of these 16."""
    found = {
        "gen_ai.provider.name": "anthropic",
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.usage.input_tokens": 16,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "gen_ai.usage.cache_write.input_tokens": 1,
    }
    assert read("anthropic.messages.create", found, "com.anthropic.sdk.python") == Reading(
        dialects=NOW,
        about=SpanKind.LLM,
        request=Request(operation="chat", provider="anthropic", model="claude-sonnet-4-5"),
        response=Response(usage=Usage(input=12, cache_read=3, cache_write=1, output=4)),
    )


def test_a_tool_call_is_read() -> None:
    """Arguments and result become input and output; what has no other place stays an attribute."""
    found = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "weather",
        "gen_ai.tool.call.id": "c1",
        "gen_ai.tool.call.arguments": '{"city": "Graz"}',
        "gen_ai.tool.call.result": "rain",
    }
    assert read("execute_tool weather", found) == Reading(
        dialects=NOW,
        about=SpanKind.TOOL,
        name="weather",
        input={"city": "Graz"},
        output="rain",
        attributes={
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "weather",
            "gen_ai.tool.call.id": "c1",
        },
    )


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("chat", SpanKind.LLM),
        ("generate_content", SpanKind.LLM),
        ("text_completion", SpanKind.LLM),
        ("embeddings", SpanKind.EMBEDDING),
        ("execute_tool", SpanKind.TOOL),
        ("invoke_agent", SpanKind.AGENT),
        ("create_agent", SpanKind.AGENT),
        ("invoke_workflow", SpanKind.WORKFLOW),
        ("retrieval", SpanKind.RETRIEVAL),
        ("plan", SpanKind.TASK),
        ("something_new", None),
    ],
)
def test_the_operation_says_what_a_span_is_about(operation: str, kind: SpanKind | None) -> None:
    """Every operation has its kind; an unknown one without a model has none."""
    reading = read(operation, {"gen_ai.operation.name": operation})
    assert reading is not None
    assert reading.about is kind


def test_an_agent_keeps_its_messages_as_input_and_output() -> None:
    """An agent's span is no model call: what it was told and said is its input and output."""
    reading = read("invoke_agent", {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.id": "a1"} | CONTENT)
    assert reading is not None
    assert (reading.kind, reading.agent_id, reading.request, reading.response) == (SpanKind.AGENT, "a1", None, None)
    assert reading.output == [
        {
            "role": "assistant",
            "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "It rains."}],
            "finish_reason": "stop",
        }
    ]
    assert [message["role"] for message in reading.input] == ["system", "user", "assistant", "tool"]


def test_parts_of_every_kind_are_read() -> None:
    """Known parts become values, inline media their size, and what has no word is kept as it came."""
    parts = [
        {"type": "refusal", "content": "no"},
        {"type": "server_tool_call", "name": "search", "id": "s", "arguments": "not json"},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "QUJDREVG"},
        {"type": "uri", "modality": "audio", "uri": "https://x/a.mp3"},
        {"type": "file", "file_id": "f1", "modality": "video"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x"}], "is_error": True},
        {"type": "hologram", "depth": 3},
        "bare",
    ]
    reading = read("chat", {"gen_ai.request.model": "m", "gen_ai.input.messages": [{"role": "user", "parts": parts}]})
    assert reading is not None
    assert reading.request is not None
    assert reading.request.messages == [
        Message(
            "user",
            [
                Refusal("no"),
                ToolCall("search", "not json", "s", server=True),
                Media("image", "image/png", size=6),
                Media("audio", uri="https://x/a.mp3"),
                Media("video", file_id="f1"),
                Media("image", size=3),
                ToolResult([{"type": "text", "text": "x"}], "t", is_error=True),
                Other("hologram", {"type": "hologram", "depth": 3}),
                Text("bare"),
            ],
        )
    ]


OLD: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "az.ai.openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.prompt_tokens": 3,
    "gen_ai.usage.completion_tokens": 2,
}
OLD_REQUEST = Request(
    operation="chat",
    provider="azure.ai.openai",
    model="gpt-4o",
    messages=[Message("system", [Text("Be brief.")]), Message("user", [Text("hi")])],
)
OLD_RESPONSE = Response(
    messages=[Message("assistant", [Text("yo"), ToolCall("f", {"a": 1}, "c1")], finish_reason="tool_calls")],
    finish_reasons=["tool_calls"],
    usage=Usage(input=3, output=2),
)
OLD_READ = Reading(dialects=NOW, about=SpanKind.LLM, request=OLD_REQUEST, response=OLD_RESPONSE)
CALLS = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}]


@pytest.mark.parametrize(
    "message", [{"content": "yo", "tool_calls": CALLS}, json.dumps({"content": "yo", "tool_calls": CALLS})]
)
def test_messages_in_events_are_read(message: object) -> None:
    """Until 1.36 each message was an event, the answer a `gen_ai.choice`."""
    seen = [
        SpanEvent(name="gen_ai.system.message", time=1, attributes={"content": "Be brief."}),
        SpanEvent(name="gen_ai.user.message", time=2, attributes={"content": "hi", "gen_ai.system": "az.ai.openai"}),
        SpanEvent(
            name="gen_ai.choice", time=3, attributes={"index": 0, "finish_reason": "tool_calls", "message": message}
        ),
    ]
    assert read("chat gpt-4o", OLD, "", seen) == OLD_READ


def test_content_events_of_the_first_age_are_read() -> None:
    """Before 1.28 prompt and completion were JSON in two events."""
    seen = [
        SpanEvent(
            name="gen_ai.content.prompt",
            time=1,
            attributes={
                "gen_ai.prompt": json.dumps(
                    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
                )
            },
        ),
        SpanEvent(
            name="gen_ai.content.completion",
            time=2,
            attributes={
                "gen_ai.completion": json.dumps(
                    [{"role": "assistant", "content": "yo", "tool_calls": CALLS, "finish_reason": "tool_calls"}]
                )
            },
        ),
    ]
    assert read("chat gpt-4o", OLD, "", seen) == OLD_READ


def test_numbered_messages_are_read_in_their_order() -> None:
    """Messages spelt over numbered attributes come in the order of their numbers, not of their names."""
    found = {f"gen_ai.prompt.{index}.content": str(index) for index in range(12)} | {"gen_ai.request.model": "m"}
    reading = read("chat", found)
    assert reading is not None
    assert reading.request is not None
    assert [message.text for message in reading.request.messages] == [str(index) for index in range(12)]


def test_a_bare_prompt_is_a_message_of_the_user() -> None:
    """Text completions had a text and nothing else."""
    reading = read(
        "completion", {"gen_ai.request.model": "m", "gen_ai.prompt": "Once", "gen_ai.completion": '{"a": 1}'}
    )
    assert reading is not None
    assert reading.request is not None
    assert reading.response is not None
    assert reading.request.messages == [Message("user", [Text("Once")])]
    assert reading.response.messages == [Message("assistant", [Other("dict", {"a": 1})])]
