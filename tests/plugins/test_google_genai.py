"""`google.genai`: the Gemini API and Vertex AI, its loops, the functions it calls, what is no conversation."""

import asyncio
import gc
from collections.abc import Iterator
from typing import Any

import pytest

from agentops.domain.genai import (
    Media,
    Message,
    Operation,
    Reasoning,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording
from agentops.testing.conformance import Case, Expected, Probe, answering, cases
from agentops.testing.provider import Fault, Provider, Turn
from agentops_plugins.google_genai import INSTRUMENTATION

genai = pytest.importorskip("google.genai")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of aiohttp, and of models that grew old

QUESTION = "What is the weather in Paris?"
USAGE = Usage(input=20, cache_read=5, output=9, reasoning=4)
ANSWER = Turn("Sunny, 21 degrees.", reasoning="Paris is a city.", usage=USAGE)
GENERATE: dict[str, Any] = {"model": "gemini-x", "contents": QUESTION}


def make_client(provider: Provider, **given: Any) -> Any:
    """A client of the loopback provider."""
    return genai.Client(api_key="any", http_options={"base_url": provider.gemini_url}, **given)


class Async:
    """An async client that is closed with its sockets, whatever the version can do."""

    def __init__(self, provider: Provider) -> None:
        self.client = make_client(provider)
        self.models = self.client.aio.models

    async def __aenter__(self) -> "Async":
        return self

    async def __aexit__(self, *error: object) -> None:
        api: Any = self.client._api_client  # noqa: SLF001 - the oldest version has no other way
        if hasattr(self.client.aio, "aclose"):
            await self.client.aio.aclose()
        elif getattr(api, "_async_httpx_client", None) is not None:
            await api._async_httpx_client.aclose()  # noqa: SLF001 - the same
        self.client._api_client._httpx_client.close()  # noqa: SLF001 - the same


def text_of(chunk: Any) -> str:
    """The text that a chunk brings."""
    parts = chunk.candidates[0].content.parts or []
    return "".join(part.text or "" for part in parts if not part.thought)


RUNNING: dict[str, Provider] = {}
PROBE = Probe(
    name="google-genai",
    instrumentation=INSTRUMENTATION,
    client=lambda: make_client(RUNNING["provider"]),
    aclient=lambda: Async(RUNNING["provider"]),
    call=lambda client: client.models.generate_content(**GENERATE),
    stream=lambda client: client.models.generate_content_stream(**GENERATE),
    prepare=lambda situation: answering(RUNNING["provider"], ANSWER)(situation),
    text_of=text_of,
    expected=Expected(name="generate_content gemini-x", model="gemini-x", text=ANSWER.text, usage=USAGE),
)


@pytest.fixture(autouse=True)
def provider(loopback_provider: Provider) -> Provider:
    """The provider that the clients of this test talk to."""
    RUNNING["provider"] = loopback_provider
    return loopback_provider


@pytest.mark.parametrize("case", cases(PROBE), ids=str)
def test_google_genai_conforms(case: Case) -> None:
    """One span, ended once, that says what the program received; the program notices nothing."""
    case.check()
