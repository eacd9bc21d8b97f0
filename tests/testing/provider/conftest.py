"""Clients of the real libraries, pointed at a provider on this machine."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest
from anthropic import Anthropic
from openai import OpenAI

from agentops.testing.provider import Provider, ReceivedRequest, Script, Turn

Says = Script | Sequence[Turn] | Callable[[ReceivedRequest], Turn]


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """What is entered here is closed when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def provide(closing: ExitStack) -> Callable[..., Provider]:
    """Start a provider that says this."""

    def start(*turns: Turn, script: Says | None = None) -> Provider:
        return closing.enter_context(Provider(turns if script is None else script, clock=lambda: 1_700_000_000.5))

    return start


@pytest.fixture
def openai_for(closing: ExitStack) -> Callable[..., OpenAI]:
    """An OpenAI client of a provider, without retries unless asked for."""

    def connect(provider: Provider, *, retries: int = 0, timeout: float = 10) -> OpenAI:
        client = OpenAI(base_url=provider.openai_url, api_key="k", max_retries=retries, timeout=timeout)
        return closing.enter_context(client)

    return connect


@pytest.fixture
def anthropic_for(closing: ExitStack) -> Callable[..., Anthropic]:
    """An Anthropic client of a provider, without retries unless asked for."""

    def connect(provider: Provider, *, retries: int = 0, timeout: float = 10) -> Anthropic:
        client = Anthropic(base_url=provider.anthropic_url, api_key="k", max_retries=retries, timeout=timeout)
        return closing.enter_context(client)

    return connect
