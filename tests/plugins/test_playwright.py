"""The plugin for `playwright`: what is done with a page is a tool call; with a real browser where there is one."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import agentops
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops_plugins.playwright import INSTRUMENTATION

pytest.importorskip("playwright")
sync_api: Any = pytest.importorskip("playwright.sync_api")
async_api: Any = pytest.importorskip("playwright.async_api")

PAGE = "data:text/html,<title>Sea</title><input id=password><input id=name><button onclick=\"document.title='Low'\">Ebb"
ARGUMENTS = ["--no-sandbox"]
"""Tests may run as root."""


@pytest.fixture(name="recording")
def observe_playwright() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


class Told:
    """The library's inside of a page or an element: it says what it was told to do."""

    _loop = None
    _dispatcher_fiber = None
    url = "https://sea.example/?secret=1"

    def __init__(self, selector: str | None = None) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        if selector is not None:
            self._selector = selector

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        async def act(**given: Any) -> Any:
            self.told.append((name, given))
            if name == "hover":
                raise ValueError("there is nothing")
            return "They come and go." if name == "inner_text" else None

        return act


def page(told: Told) -> Any:
    """The library's own page around it."""
    return async_api.Page(told)


def test_what_is_done_with_a_page_is_a_tool_call(recording: Recording) -> None:
    """By its method, with where and what; the address without values."""
    told = Told()
    with agentops.span("work"):
        assert asyncio.run(page(told).inner_text("p", timeout=9)) == "They come and go."
    (span,) = recording.spans()[1:]
    assert (span.kind, span.name, span.output) == (SpanKind.TOOL, "page.inner_text", "They come and go.")
    assert span.input == {"selector": "p", "timeout": 9}
    assert span.attributes == {"url.full": "https://sea.example/?secret=REDACTED"}
    assert told.told[0][1]["selector"] == "p"


def test_addresses_are_kept_without_values(recording: Recording) -> None:
    """Of what is asked for too."""
    asyncio.run(page(Told()).goto("https://user:pass@sea.example/?key=1"))
    assert recording.span().input == {"url": "https://sea.example/?key=REDACTED"}


def test_passwords_are_not_kept(recording: Recording) -> None:
    """What is typed where a password belongs, in a page or into an element; the page gets it."""
    told = Told()
    asyncio.run(page(told).fill("input[type=password]", "hunter2"))
    asyncio.run(async_api.Locator(Told("#Password")).fill("hunter2"))
    asyncio.run(page(told).fill("#name", "Ada"))
    assert [span.input for span in recording.spans()] == [
        {"selector": "input[type=password]", "value": "[redacted]"},
        {"selector": "#Password", "value": "[redacted]"},
        {"selector": "#name", "value": "Ada"},
    ]
    assert told.told[0][1]["value"] == "hunter2"


def test_a_failure_is_an_error(recording: Recording) -> None:
    """As the library says it."""
    with pytest.raises(ValueError, match="nothing"):
        asyncio.run(page(Told()).hover("p"))
    assert recording.span().status is SpanStatus.ERROR


def browser_path(library: Any) -> str | None:
    """A browser: the library's own, or the system's."""
    own = library.chromium.executable_path
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    return own if Path(own).exists() else next(filter(None, map(shutil.which, names)), None)


def test_a_real_page_is_driven(recording: Recording) -> None:
    """Each step once, with the status of what was loaded and the very objects of the library."""
    with sync_api.sync_playwright() as library:
        path = browser_path(library)
        if path is None:
            pytest.skip("there is no browser")
        browser = library.chromium.launch(executable_path=path, args=ARGUMENTS)
        with agentops.span("work"):
            driven = browser.new_page()
            driven.goto(PAGE)
            driven.fill("#name", "Ada")
            driven.locator("button").click()
            assert driven.title() == "Low"
            assert isinstance(driven.screenshot(), bytes)
        browser.close()
    names = [span.name for span in recording.spans()[1:]]
    assert names == ["page.goto", "page.fill", "locator.click", "page.screenshot"]
    assert recording.spans()[-1].output["$type"] == "bytes"


async def _drive() -> None:
    async with async_api.async_playwright() as library:
        path = browser_path(library)
        if path is None:
            pytest.skip("there is no browser")
        browser = await library.chromium.launch(executable_path=path, args=ARGUMENTS)
        driven = await browser.new_page()
        await driven.goto(PAGE)
        await driven.locator("button").click()
        await browser.close()


def test_a_real_page_is_driven_without_waiting(recording: Recording) -> None:
    """Async pages are the same."""
    asyncio.run(_drive())
    assert [span.name for span in recording.spans()] == ["page.goto", "locator.click"]
