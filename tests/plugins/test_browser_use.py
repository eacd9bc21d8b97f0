"""The plugin for `browser_use`: agents, and the actions that they take."""

import asyncio
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops_plugins.browser_use import INSTRUMENTATION

pytest.importorskip("browser_use")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the library and of what it brings along


@pytest.fixture(name="recording")
def observe_browser_use() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


@pytest.fixture(name="registry")
def make_registry() -> Any:
    """The actions of an agent: one that notes something, one that fails."""
    try:
        registry: Any = import_module("browser_use.tools.registry.service").Registry()
    except ImportError:
        registry = import_module("browser_use.controller.registry.service").Registry()
    result: Any = import_module("browser_use.agent.views").ActionResult

    @registry.action("Note something")
    async def note(text: str) -> Any:  # pyright: ignore[reportUnusedFunction] - the registry calls it
        return result(extracted_content=f"noted {text}")

    @registry.action("Fail")
    async def fail(text: str) -> Any:  # pyright: ignore[reportUnusedFunction] - as above
        return result(error=f"cannot {text}")

    return registry


def test_an_action_is_a_tool_call(recording: Recording, registry: Any) -> None:
    """By its name, with its parameters and what it found."""
    outcome = asyncio.run(registry.execute_action("note", {"text": "tides"}))
    span = recording.span()
    assert outcome.extracted_content == "noted tides"
    assert (span.kind, span.name) == (SpanKind.TOOL, "note")
    assert (span.input, span.output) == ({"text": "tides"}, "noted tides")


def test_an_action_that_fails_is_an_error_although_nothing_is_raised(recording: Recording, registry: Any) -> None:
    """The agent is told, and so is the span."""
    asyncio.run(registry.execute_action("fail", {"text": "swim"}))
    span = recording.span()
    assert span.status is SpanStatus.ERROR
    assert span.error is not None
    assert span.error.message == "cannot swim"


def test_secrets_are_kept_by_their_names(recording: Recording, registry: Any) -> None:
    """What stands for them is what the model wrote; the action gets them."""
    secrets = {"word": "hunter2"}
    outcome = asyncio.run(registry.execute_action("note", {"text": "<secret>word</secret>"}, sensitive_data=secrets))
    span = recording.span()
    assert "hunter2" in outcome.extracted_content
    assert span.input == {"text": "<secret>word</secret>"}


def test_an_agent_is_seen_with_its_task(recording: Recording) -> None:
    """From the beginning of its run; one that cannot begin fails."""
    kind: Any = import_module("browser_use.agent.service").Agent
    agent = kind.__new__(kind)
    agent.task = "Look at the sea"
    with pytest.raises(AttributeError):
        asyncio.run(agent.run())
    span = recording.span()
    assert (span.kind, span.name, span.input) == (SpanKind.AGENT, "browser_use.Agent", "Look at the sea")
    assert span.status is SpanStatus.ERROR
