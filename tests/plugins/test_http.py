"""HTTP exchanges of the program itself: where they went and how they ended, never what was in them."""

import io
from typing import Any
from urllib.parse import urlsplit

import pytest

from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing.provider import Page, Provider, Script
from agentops_plugins._http import redacted

KNOWLEDGE = Script(
    knowledge={"tides": Page("Tides", "They come and go."), "lost": Page("Service Unavailable", "Rebuilt.", status=503)}
)
LIBRARIES = ["requests", "httpx", "httpx2"]
every_library = pytest.mark.parametrize("library", LIBRARIES)


@pytest.fixture(name="knowledge")
def serve_knowledge() -> Any:
    """A server that knows two pages."""
    with Provider(KNOWLEDGE) as provider:
        yield provider


@every_library
def test_an_exchange_is_a_tool_call(library: str, flight: Any, knowledge: Provider) -> None:
    """Method, host and path name it; credentials and values of the query are nowhere in it."""
    http = pytest.importorskip(library)
    address = knowledge.url.replace("http://", "http://user:secret@")
    response = http.get(f"{address}/knowledge", params={"q": "tides", "key": "secret"})
    assert response.json()["pages"][0]["title"] == "Tides"
    span, shown = flight.span, f"{knowledge.url}/knowledge?q=REDACTED&key=REDACTED"
    assert (span.kind, span.status, span.name) == (SpanKind.TOOL, SpanStatus.OK, "GET 127.0.0.1/knowledge")
    assert span.input == {"method": "GET", "url": shown}
    assert span.output == {"status_code": 200}
    assert span.attributes == {
        "http.request.method": "GET",
        "url.full": shown,
        "server.address": "127.0.0.1",
        "server.port": urlsplit(knowledge.url).port,
        "http.response.status_code": 200,
    }


@every_library
def test_a_bad_status_is_a_failure_but_no_error_of_the_session(library: str, flight: Any, knowledge: Provider) -> None:
    """Whoever makes an exception of it is counted; the exchange itself came back."""
    response = pytest.importorskip(library).get(f"{knowledge.url}/knowledge?q=lost")
    assert response.status_code == 503
    span = flight.span
    assert (span.status, span.error.message, span.counted_error) == (
        SpanStatus.ERROR,
        "503 Service Unavailable",
        False,
    )
    assert flight.trace.analytics.errors == 0


@every_library
def test_a_failed_exchange_is_an_error(library: str, flight: Any) -> None:
    """The program gets its exception, the span its name."""
    http = pytest.importorskip(library)
    with pytest.raises(Exception, match=r".") as raised:
        http.get("http://nowhere.invalid/")
    span = flight.span
    assert span.status is SpanStatus.ERROR
    assert span.error.type.endswith(raised.type.__qualname__)


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
async def test_an_async_exchange_is_a_tool_call(library: str, flight: Any, knowledge: Provider) -> None:
    """The async client is observed as the sync one."""
    http = pytest.importorskip(library)
    async with http.AsyncClient() as client:
        response = await client.get(f"{knowledge.url}/knowledge?q=tides")
    assert response.status_code == 200
    assert (flight.span.name, flight.span.status) == ("GET 127.0.0.1/knowledge", SpanStatus.OK)


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_a_streamed_body_is_the_programs(library: str, flight: Any, knowledge: Provider) -> None:
    """The exchange ends with its headers; the body is read by the program alone."""
    http = pytest.importorskip(library)
    with http.stream("GET", f"{knowledge.url}/knowledge?q=tides") as response:
        assert not response.is_stream_consumed
        assert flight.span.status is SpanStatus.OK
        assert b"Tides" in response.read()


def test_a_streamed_body_of_requests_is_the_programs(flight: Any, knowledge: Provider) -> None:
    """The same for `requests.get(stream=True)`."""
    requests = pytest.importorskip("requests")
    with requests.get(f"{knowledge.url}/knowledge?q=tides", stream=True) as response:
        assert flight.span.status is SpanStatus.OK
        assert b"Tides" in b"".join(response.iter_content())


def test_redirects_are_one_exchange(flight: Any) -> None:
    """`requests` follows redirects by calling itself; that is one call of the program."""
    requests = pytest.importorskip("requests")
    adapters = pytest.importorskip("requests.adapters")

    class Redirecting(adapters.BaseAdapter):  # type: ignore[misc, name-defined]
        """Sends every request for `/` to `/there`."""

        def send(self, request: Any, **_settings: Any) -> Any:
            """Answer without a network."""
            response = requests.Response()
            response.request, response.url = request, request.url
            response.raw = io.BytesIO()
            response.status_code = 200 if request.url.endswith("/there") else 302
            response.headers["location"] = "/there"
            return response

        def close(self) -> None:
            """Nothing is open."""

    with requests.Session() as session:
        session.mount("http://", Redirecting())
        assert session.get("http://example.com/").status_code == 200
    assert flight.span.name == "GET example.com/"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://example.com/path", "https://example.com/path"),
        ("https://user:pass@example.com:8443/a?b=c&d=#e", "https://example.com:8443/a?b=REDACTED&d=REDACTED"),
        ("https://token@example.com/", "https://example.com/"),
        ("https://[::1]:80/a", "https://[::1]:80/a"),
        ("", ""),
    ],
)
def test_addresses_are_shown_without_secrets(address: str, shown: str) -> None:
    """User, password, fragment and the values of the query go; the keys stay."""
    assert redacted(urlsplit(address)) == shown
