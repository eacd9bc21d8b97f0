"""The conformance kit over the built-in plugins, with the real clients and the loopback provider."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from anthropic import Anthropic, AsyncAnthropic
from openai import AsyncOpenAI, OpenAI

from agentops.testing import Provider, ToolCall, Turn, Usage, conformance
from agentops.testing.conformance import Case, Expected, Probe, Situation

ANSWER = Turn(
    "One two three four.",
    reasoning="Count slowly.",
    tool_calls=[ToolCall(name="look", arguments={"at": "map"})],
    usage=Usage(input=3, cache_read=4, output=5, reasoning=6),
)
MESSAGES: list[Any] = [{"role": "user", "content": "Count to four."}]
ADDRESSES: dict[str, str] = {}


def openai() -> OpenAI:
    """A sync client of the provider."""
    return OpenAI(base_url=ADDRESSES["openai"], api_key="k", max_retries=0)


def async_openai() -> AsyncOpenAI:
    """An async one."""
    return AsyncOpenAI(base_url=ADDRESSES["openai"], api_key="k", max_retries=0)


def anthropic() -> Anthropic:
    """A sync client of the provider."""
    return Anthropic(base_url=ADDRESSES["anthropic"], api_key="k", max_retries=0)


def async_anthropic() -> AsyncAnthropic:
    """An async one."""
    return AsyncAnthropic(base_url=ADDRESSES["anthropic"], api_key="k", max_retries=0)


def prepare(situation: Situation) -> None:
    """Tell the provider of the running test."""
    PREPARE[0](situation)


PREPARE: list[Any] = []

CHAT = Probe(
    name="openai chat",
    instrumentation=import_module("agentops_plugins.openai").INSTRUMENTATION,
    client=openai,
    aclient=async_openai,
    call=lambda client: client.chat.completions.create(model="gpt-4o", messages=MESSAGES),
    stream=lambda client: client.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    ),
    text_of=lambda chunk: chunk.choices[0].delta.content if chunk.choices else None,
    prepare=prepare,
    expected=Expected(name="chat gpt-4o", model="gpt-4o", text=ANSWER.text, usage=ANSWER.usage),
)
RESPONSES = Probe(
    name="openai responses",
    instrumentation=CHAT.instrumentation,
    client=openai,
    aclient=async_openai,
    call=lambda client: client.responses.create(model="gpt-4o", input="Count to four."),
    stream=lambda client: client.responses.create(model="gpt-4o", input="Count to four.", stream=True),
    text_of=lambda event: event.delta if event.type == "response.output_text.delta" else None,
    prepare=prepare,
    expected=CHAT.expected,
)
MESSAGE = Probe(
    name="anthropic messages",
    instrumentation=import_module("agentops_plugins.anthropic").INSTRUMENTATION,
    client=anthropic,
    aclient=async_anthropic,
    call=lambda client: client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=MESSAGES),
    stream=lambda client: client.messages.create(
        model="claude-haiku-4-5", max_tokens=64, messages=MESSAGES, stream=True
    ),
    text_of=lambda event: getattr(event.delta, "text", None) if event.type == "content_block_delta" else None,
    prepare=prepare,
    expected=Expected(name="chat claude-haiku-4-5", model="claude-haiku-4-5", text=ANSWER.text, usage=ANSWER.usage),
)


@pytest.fixture(autouse=True)
def provider() -> Iterator[Provider]:
    """The provider that the clients of this test talk to."""
    with Provider() as started:
        ADDRESSES.update(openai=started.openai_url, anthropic=started.anthropic_url)
        PREPARE[:] = [conformance.answering(started, ANSWER)]
        yield started


@pytest.mark.parametrize(
    "case", [case for probe in (CHAT, RESPONSES, MESSAGE) for case in conformance.cases(probe)], ids=str
)
def test_a_built_in_plugin_keeps_the_contract(case: Case) -> None:
    """In every situation the call is recorded once, whole, and unnoticed by the program."""
    case.check()
