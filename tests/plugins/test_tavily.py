"""The plugin for `tavily`: searches and what is read of the web, each seen once."""

import asyncio
from collections.abc import Iterator
from inspect import signature
from typing import Any

import pytest
from loopback import answering

from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, Situation, cases
from agentops_plugins import httpx as transport
from agentops_plugins import requests as other_transport
from agentops_plugins.tavily import INSTRUMENTATION

tavily: Any = pytest.importorskip("tavily")
httpx: Any = pytest.importorskip("httpx")

FOUND = {"query": "tides", "answer": "They come and go.", "results": [{"title": "Tides", "score": 0.9}]}
ANSWERS: dict[str, Any] = {}
ADDRESS: dict[str, str] = {}


@pytest.fixture(autouse=True)
def serve() -> Iterator[None]:
    """A service that knows of the tides."""
    ANSWERS.clear()
    ANSWERS["/search"] = FOUND
    with answering(ANSWERS) as address:
        ADDRESS["it"] = address
        yield


@pytest.fixture(name="recording")
def observe_tavily() -> Iterator[Recording]:
    """What the plugin sees, and what those of its transport would."""
    plugins = [INSTRUMENTATION, *transport.INSTRUMENTATIONS, other_transport.INSTRUMENTATION]
    with record(plugins=False, strict=True) as opened, opened.observing.only(plugins):
        yield opened


def client(name: str = "TavilyClient") -> Any:
    """A client of the service."""
    cls, address = getattr(tavily, name), ADDRESS["it"]
    if "api_base_url" in signature(cls).parameters:
        return cls(api_key="tvly-any", api_base_url=address)
    older = cls(api_key="tvly-any")
    older.base_url = address
    older._client_creator = lambda: httpx.AsyncClient(base_url=address)
    return older


def prepare(situation: Situation) -> None:
    """A service that refuses, or knows."""
    if situation is Situation.REFUSES:
        ANSWERS.clear()
    else:
        ANSWERS["/search"] = FOUND


PROBE = Probe(
    name="tavily",
    instrumentation=INSTRUMENTATION,
    client=client,
    aclient=lambda: client("AsyncTavilyClient"),
    call=lambda each: each.search("tides", max_results=3),
    prepare=prepare,
    expected=Expected(kind=SpanKind.TOOL, name="tavily.search", output=FOUND),
)


@pytest.mark.parametrize("case", [case for case in cases(PROBE) if case.situation is not Situation.HANGS], ids=str)
def test_tavily_conforms(case: Case) -> None:
    """One span for a search, that says what the program received; the program notices nothing."""
    case.check()


def test_a_search_is_one_tool_call(recording: Recording) -> None:
    """With what was asked by name; the request that it sends is no call of its own."""
    assert client().search("tides", max_results=3) == FOUND
    span = recording.span()
    assert (span.kind, span.name, span.output) == (SpanKind.TOOL, "tavily.search", FOUND)
    assert span.input == {"query": "tides", "max_results": 3}


@pytest.mark.filterwarnings("ignore:qna_search is deprecated")
def test_what_arranges_a_search_is_one_call(recording: Recording) -> None:
    """Whatever it calls for that, and whatever it sends."""
    assert client().qna_search("tides") == FOUND["answer"]
    assert [span.name for span in recording.spans()] == ["tavily.qna_search"]


def test_async_searches_are_the_same(recording: Recording) -> None:
    """One span each."""

    async def search() -> Any:
        each = client("AsyncTavilyClient")
        try:
            return await each.search("tides")
        finally:
            if hasattr(each, "close"):
                await each.close()

    assert asyncio.run(search()) == FOUND
    assert recording.span().name == "tavily.search"


def test_a_refusal_is_an_error(recording: Recording) -> None:
    """The library's own exception."""
    ANSWERS.clear()
    with pytest.raises(Exception, match="refused") as raised:
        client().extract(["https://sea.example"])
    span = recording.span()
    assert (span.name, span.status) == ("tavily.extract", SpanStatus.ERROR)
    assert span.error is not None
    assert span.error.type.endswith(raised.type.__qualname__)
