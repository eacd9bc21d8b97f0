"""Exchanges with the loopback provider: how each is made, what the provider says and what is recorded of it."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from agentops.domain.genai import (
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    Response,
    Text,
    Tool,
    ToolCall,
    Usage,
)
from agentops.domain.spans import ErrorInfo
from agentops.testing.provider import Fault, Turn

QUESTION = "What is the weather in Paris?"
PICTURE = "data:image/png;base64,iVBORw0KGgo="
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
USAGE = Usage(input=20, cache_read=5, output=9, reasoning=4)
ASKED = Message("user", [Text(QUESTION)])
TOOL = Tool("weather", "Looks it up.", SCHEMA)
ASKING = Turn(
    "Let me look.",
    reasoning="Paris is a city.",
    tool_calls=[ToolCall("weather", {"city": "Paris"}, "call_1"), ToolCall("weather", {"city": "Lyon"}, "call_2")],
    usage=USAGE,
)
ASKED_FOR: list[Part] = [
    ToolCall("weather", {"city": "Paris"}, "call_1"),
    ToolCall("weather", {"city": "Lyon"}, "call_2"),
]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One exchange: how it is made, what the provider says and what is recorded of it.

    Attributes:
        plugin: the library.
        name: of its file.
        method: where the call is made.
        given: what it is called with.
        turn: what the provider says.
        messages: what was asked, as recorded.
        response: what was answered, as recorded.
        tools: what was offered, as recorded.
        error: how it failed, as recorded.
    """

    plugin: str
    name: str
    method: str
    given: dict[str, Any]
    turn: Turn
    messages: list[Message]
    response: Response | None
    tools: list[Tool] = field(default_factory=list[Tool])
    error: ErrorInfo | None = None

    def make_client(self, kind: str, address: str) -> Any:
        """A client of either kind."""
        library = pytest.importorskip(self.plugin)
        name = {"openai": "OpenAI"}.get(self.plugin, self.plugin.title())
        root = f"{address}/v1" if self.plugin == "openai" else address
        cls = getattr(library, f"Async{name}" if kind == "async" else name)
        return cls(base_url=root, api_key="any", max_retries=0)

    def call(self, client: Any) -> Any:
        """Make the call."""
        method = client
        for part in self.method.split("."):
            method = getattr(method, part)
        return method(**self.given)


def chat(plugin: str, name: str, turn: Turn, response: Response | None, **given: Any) -> Case:
    """A chat about the weather."""
    return Case(
        plugin=plugin,
        name=name,
        method="chat.completions.create",
        given={"model": "gpt-x", "messages": [{"role": "user", "content": QUESTION}], **given},
        turn=turn,
        messages=[ASKED],
        response=response,
        tools=[TOOL] if "tools" in given else [],
    )


def chat_answer(parts: list[Part], reason: str = "stop", usage: Usage | None = USAGE, **more: Any) -> Response:
    """What a chat says."""
    return Response(
        id="chatcmpl-loopback000001",
        model="gpt-x",
        messages=[Message("assistant", parts, finish_reason=reason)],
        finish_reasons=[reason],
        usage=usage,
        request_id="req_loopback000001",
        **more,
    )


OFFERED = {"type": "function", "function": {"name": "weather", "description": "Looks it up.", "parameters": SCHEMA}}
THOUGHT_ASKING: list[Part] = [Reasoning("Paris is a city."), Text("Let me look."), *ASKED_FOR]
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}
SUNNY = Turn("Sunny, 21 degrees.", usage=USAGE)
SAID_SUNNY: list[Part] = [Text("Sunny, 21 degrees.")]

OPENAI_CHAT = [
    chat("openai", "chat", SUNNY, chat_answer(SAID_SUNNY, service_tier="default"), temperature=0.5),
    chat("openai", "chat-stream", SUNNY, chat_answer(SAID_SUNNY), **STREAMED),
    chat("openai", "chat-stream-without-usage", SUNNY, chat_answer(SAID_SUNNY, usage=None), stream=True),
    chat(
        "openai",
        "chat-tools",
        ASKING,
        chat_answer(THOUGHT_ASKING, "tool_calls", service_tier="default"),
        tools=[OFFERED],
    ),
    chat("openai", "chat-tools-stream", ASKING, chat_answer(THOUGHT_ASKING, "tool_calls"), tools=[OFFERED], **STREAMED),
    chat(
        "openai",
        "chat-refusal-stream",
        Turn(refusal="I will not.", usage=USAGE),
        chat_answer([Refusal("I will not.")]),
        **STREAMED,
    ),
    chat(
        "openai",
        "chat-choices-stream",
        Turn("Sunny.", alternatives=["Rain."], usage=USAGE),
        Response(
            id="chatcmpl-loopback000001",
            model="gpt-x",
            messages=[
                Message("assistant", [Text("Sunny.")], finish_reason="stop"),
                Message("assistant", [Text("Rain.")], finish_reason="stop"),
            ],
            finish_reasons=["stop", "stop"],
            usage=USAGE,
            request_id="req_loopback000001",
        ),
        n=2,
        **STREAMED,
    ),
    Case(
        plugin="openai",
        name="chat-error",
        method="chat.completions.create",
        given={
            "model": "gpt-x",
            "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]}],
        },
        turn=Turn(fault=Fault.refused(429, message="Slow down.")),
        messages=[Message("user", [Media("image", mime_type="image/png", size=8)])],
        response=None,
        error=ErrorInfo(
            type="openai.RateLimitError",
            message="Slow down.",
            status_code=429,
            code="rate_limit_exceeded",
            request_id="req_loopback000001",
        ),
    ),
]


def spoken(name: str, turn: Turn, parts: list[Part], **given: Any) -> Case:
    """A response about the weather."""
    return Case(
        plugin="openai",
        name=name,
        method="responses.create",
        given={"model": "gpt-x", "instructions": "Be brief.", "input": QUESTION, **given},
        turn=turn,
        messages=[Message("system", [Text("Be brief.")]), ASKED],
        response=Response(
            id="resp_loopback000001",
            model="gpt-x",
            messages=[Message("assistant", parts, finish_reason="completed")],
            finish_reasons=["completed"],
            usage=USAGE,
            request_id="req_loopback000001",
            service_tier="default",
        ),
        tools=[TOOL] if "tools" in given else [],
    )


OFFERED_FLAT = {"type": "function", "name": "weather", "description": "Looks it up.", "parameters": SCHEMA}
OPENAI_OTHERS = [
    spoken("responses", SUNNY, SAID_SUNNY, max_output_tokens=50),
    spoken("responses-stream", SUNNY, SAID_SUNNY, stream=True),
    spoken("responses-tools", ASKING, THOUGHT_ASKING, tools=[OFFERED_FLAT]),
    spoken("responses-tools-stream", ASKING, THOUGHT_ASKING, tools=[OFFERED_FLAT], stream=True),
    Case(
        plugin="openai",
        name="embeddings",
        method="embeddings.create",
        given={"model": "embed-x", "input": ["Paris", "Lyon"], "dimensions": 8},
        turn=Turn(usage=Usage(input=2)),
        messages=[],
        response=Response(
            model="embed-x",
            usage=Usage(input=2),
            output={"count": 2, "dimensions": 8},
            request_id="req_loopback000001",
        ),
    ),
]


def message(name: str, turn: Turn, response: Response | None, **given: Any) -> Case:
    """A message about the weather."""
    return Case(
        plugin="anthropic",
        name=name,
        method="messages.create",
        given={
            "model": "claude-x",
            "max_tokens": 100,
            "system": "Be brief.",
            "messages": [{"role": "user", "content": QUESTION}],
            **given,
        },
        turn=turn,
        messages=[Message("system", [Text("Be brief.")]), ASKED],
        response=response,
        tools=[TOOL] if "tools" in given else [],
    )


def message_answer(parts: list[Part], reason: str, usage: Usage) -> Response:
    """What a message says."""
    return Response(
        id="msg_loopback000001",
        model="claude-x",
        messages=[Message("assistant", parts, finish_reason=reason)],
        finish_reasons=[reason],
        usage=usage,
        request_id="req_loopback000001",
    )


OFFERED_HERE = {"name": "weather", "description": "Looks it up.", "input_schema": SCHEMA}
CACHED = Usage(input=20, cache_read=5, cache_write=3, output=9)
THOUGHT: list[Part] = [Reasoning("Paris is a city.", "bG9vcGJhY2s="), Text("Let me look."), *ASKED_FOR]
ANSWERED = message_answer(SAID_SUNNY, "end_turn", CACHED)
ASKING_BACK = message_answer(THOUGHT, "tool_use", USAGE)
CACHED_TURN = Turn("Sunny, 21 degrees.", usage=CACHED)
ANTHROPIC = [
    message("messages", CACHED_TURN, ANSWERED),
    message("messages-stream", CACHED_TURN, ANSWERED, stream=True),
    message("messages-tools", ASKING, ASKING_BACK, tools=[OFFERED_HERE]),
    message("messages-tools-stream", ASKING, ASKING_BACK, tools=[OFFERED_HERE], stream=True),
    replace(
        message("messages-error", Turn(fault=Fault.refused(529, message="Overloaded.")), None),
        error=ErrorInfo(
            type="anthropic.OverloadedError",
            message="Overloaded.",
            status_code=529,
            code="overloaded_error",
            request_id="req_loopback000001",
        ),
    ),
    Case(
        plugin="anthropic",
        name="count-tokens",
        method="messages.count_tokens",
        given={"model": "claude-x", "messages": [{"role": "user", "content": QUESTION}]},
        turn=Turn(usage=Usage(input=12)),
        messages=[ASKED],
        response=Response(output={"input_tokens": 12}, request_id="req_loopback000001"),
    ),
]
UNNAMED = chat_answer(THOUGHT_ASKING, "tool_calls", service_tier="default")
UNNAMED.request_id = None  # these clients keep no headers beside a parsed answer
COMPATIBLE = [
    case
    for plugin, streamed_usage in (("groq", USAGE), ("together", None))
    for case in (
        chat(plugin, "chat-tools", ASKING, UNNAMED, tools=[OFFERED]),
        chat(
            plugin,
            "chat-tools-stream",
            ASKING,
            chat_answer(THOUGHT_ASKING, "tool_calls", usage=streamed_usage),
            tools=[OFFERED],
            stream=True,
        ),
    )
]
CASES = [*OPENAI_CHAT, *OPENAI_OTHERS, *ANTHROPIC, *COMPATIBLE]
