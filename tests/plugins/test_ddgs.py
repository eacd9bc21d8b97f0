"""The plugin for `ddgs`: a search by way of many engines is one tool call."""

from collections.abc import Iterator
from typing import Any

import pytest

from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, cases
from agentops_plugins.ddgs import INSTRUMENTATION

ddgs: Any = pytest.importorskip("ddgs")
implementation: Any = pytest.importorskip("ddgs.ddgs")

FOUND = [{"title": "Tides", "href": "https://sea.example", "body": "They come and go."}]


class Search:
    """A client whose engines find the same for everything, and nothing for nothing."""

    def __init__(self) -> None:
        self.client = ddgs.DDGS()
        name = "_search_sync" if hasattr(self.client, "_search_sync") else "_search"
        setattr(self.client, name, self.search)

    def search(self, _category: str, query: str, *_: Any, **__: Any) -> Any:
        """What is found: the network is not asked."""
        if query == "nothing":
            raise ddgs.exceptions.DDGSException("No results found.")
        return FOUND


@pytest.fixture(name="recording")
def observe_ddgs() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


PROBE = Probe(
    name="ddgs",
    instrumentation=INSTRUMENTATION,
    client=lambda: Search().client,
    call=lambda client: client.text("tides", max_results=3),
    expected=Expected(kind=SpanKind.TOOL, name="ddgs.text", output=FOUND),
)


@pytest.mark.parametrize("case", cases(PROBE), ids=str)
def test_ddgs_conforms(case: Case) -> None:
    """One span for a search, and the program notices nothing."""
    case.check()


@pytest.mark.parametrize("method", ["text", "images", "news", "videos"])
def test_a_search_is_a_tool_call(recording: Recording, method: str) -> None:
    """By its method, with what was asked by name."""
    assert getattr(Search().client, method)("tides", max_results=3) == FOUND
    span = recording.span()
    assert (span.kind, span.name) == (SpanKind.TOOL, f"ddgs.{method}")
    assert span.input == {"query": "tides", "max_results": 3}


def test_finding_nothing_is_an_error(recording: Recording) -> None:
    """As the library has it."""
    with pytest.raises(ddgs.exceptions.DDGSException):
        Search().client.text("nothing")
    assert recording.span().status is SpanStatus.ERROR
