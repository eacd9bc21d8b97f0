"""The conformance kit over the built-in plugins, with the real clients and the loopback provider."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from anthropic import Anthropic, AsyncAnthropic
from groq import AsyncGroq, Groq
from openai import AsyncOpenAI, OpenAI
from together import AsyncTogether, Together

from agentops.instrumentation.target import Instrumentation
from agentops.testing import Provider, ToolCall, Turn, Usage, conformance
from agentops.testing.conformance import Case, Expected, Probe, Situation

ANSWER = Turn(
    "One two three four.",
    reasoning="Count slowly.",
    tool_calls=[ToolCall(name="look", arguments={"at": "map"})],
    usage=Usage(input=3, cache_read=4, output=5, reasoning=6),
)
MESSAGES: list[Any] = [{"role": "user", "content": "Count to four."}]
RUNNING: dict[str, Provider] = {}


def prepare(situation: Situation) -> None:
    """Tell the provider of the running test."""
    conformance.answering(RUNNING["provider"], ANSWER)(situation)


def made(client: Callable[..., Any], address: str) -> Callable[[], Any]:
    """Makes clients of the running test's provider."""
    return lambda: client(base_url=getattr(RUNNING["provider"], address), api_key="k", max_retries=0)


def plugin(name: str) -> Instrumentation:
    """What a built-in plugin observes."""
    return import_module(f"agentops_plugins.{name}").INSTRUMENTATION


def chat(client: Any, **settings: Any) -> Any:
    """A chat completion, in the words of OpenAI and all who speak like it."""
    return client.chat.completions.create(model="gpt-4o", messages=MESSAGES, **settings)


def respond(client: Any, **settings: Any) -> Any:
    """A response."""
    return client.responses.create(model="gpt-4o", input="Count to four.", **settings)


def write(client: Any, **settings: Any) -> Any:
    """A message."""
    return client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=MESSAGES, **settings)


def said_in_chat(chunk: Any) -> str | None:
    """The text in a chunk of a chat completion."""
    return chunk.choices[0].delta.content if chunk.choices else None


def said_in_response(event: Any) -> str | None:
    """The text in an event of a response."""
    return event.delta if event.type == "response.output_text.delta" else None


def said_in_message(event: Any) -> str | None:
    """The text in an event of a message."""
    return getattr(event.delta, "text", None) if event.type == "content_block_delta" else None


CHAT = Probe(
    name="openai chat",
    instrumentation=plugin("openai"),
    client=made(OpenAI, "openai_url"),
    aclient=made(AsyncOpenAI, "openai_url"),
    call=chat,
    stream=partial(chat, stream=True, stream_options={"include_usage": True}),
    text_of=said_in_chat,
    prepare=prepare,
    expected=Expected(name="chat gpt-4o", model="gpt-4o", text=ANSWER.text, usage=ANSWER.usage),
)
RESPONSES = replace(
    CHAT,
    name="openai responses",
    call=respond,
    stream=partial(respond, stream=True),
    text_of=said_in_response,
)
MESSAGE = replace(
    CHAT,
    name="anthropic messages",
    instrumentation=plugin("anthropic"),
    client=made(Anthropic, "anthropic_url"),
    aclient=made(AsyncAnthropic, "anthropic_url"),
    call=write,
    stream=partial(write, stream=True),
    text_of=said_in_message,
    expected=replace(CHAT.expected, name="chat claude-haiku-4-5", model="claude-haiku-4-5"),
)
GROQ = replace(
    CHAT,
    name="groq chat",
    instrumentation=plugin("groq"),
    client=made(Groq, "groq_url"),
    aclient=made(AsyncGroq, "groq_url"),
    stream=partial(chat, stream=True),
)
TOGETHER = replace(
    GROQ,
    name="together chat",
    instrumentation=plugin("together"),
    client=made(Together, "together_url"),
    aclient=made(AsyncTogether, "together_url"),
)
PROBES = (CHAT, RESPONSES, MESSAGE, GROQ, TOGETHER)


@pytest.fixture(autouse=True)
def provider() -> Iterator[Provider]:
    """The provider that the clients of this test talk to."""
    with Provider() as started:
        RUNNING["provider"] = started
        yield started


@pytest.mark.parametrize("case", [case for probe in PROBES for case in conformance.cases(probe)], ids=str)
def test_a_built_in_plugin_keeps_the_contract(case: Case) -> None:
    """In every situation the call is recorded once, whole, and unnoticed by the program."""
    case.check()
