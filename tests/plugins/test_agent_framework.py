"""What is read of `agent-framework`, on stand-ins; `tests/frameworks` runs the library itself."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stand_ins import Put, record, told

import agentops
from agentops.testing import Recording
from agentops_plugins import agent_framework


class Stream:
    """A stream of `agent-framework`, which whoever has it may read or finish."""

    def __init__(self, error: Exception | None = None) -> None:
        self._updates: list[Any] = []
        self._stream_error = error
        self._over: list[Callable[[], None]] = []
        self._around: list[Callable[[], contextlib.AbstractContextManager[None]]] = []

    def with_cleanup_hook(self, hook: Callable[[], None]) -> None:
        """What to call when it is over."""
        self._over.append(hook)

    def with_pull_context_manager(self, make: Callable[[], contextlib.AbstractContextManager[None]]) -> None:
        """What to enter when it works."""
        self._around.append(make)

    def finish(self) -> None:
        """Read it to its end."""
        with self._around[0](), agentops.span("model"):
            self._updates += [record(text="lar"), record(text="ge")]
        self._over[0]()


@pytest.fixture(name="framework")
def stand_in_for_agent_framework(agentops_recording: Recording, put: Put) -> Iterator[type]:
    """Its agent, observed."""

    class Agent:
        name = "ann"

        def run(self, _messages: Any, *, stream: bool = False, error: Exception | None = None) -> Any:
            return Stream(error) if stream else self._whole()

        async def _whole(self) -> Any:
            call = sys.modules["agent_framework._tools"].FunctionTool()
            await call.invoke(context=record(arguments={"city": "Paris"}), tool_call_id="c1")
            return record(text="large")

    class FunctionTool:
        name = "population"

        async def invoke(self, **_given: Any) -> Any:
            return [record(text="2100000")]

    put("agent_framework._agents", {"Agent": Agent})
    put("agent_framework._tools", {"FunctionTool": FunctionTool})
    with agentops_recording.observing.only([agent_framework.INSTRUMENTATION]), agentops.session("session"):
        yield Agent


def test_messages_are_read_as_their_texts(agentops_recording: Recording, framework: type) -> None:
    """Messages are read as their texts."""
    asyncio.run(framework().run([record(text="How large?"), record(text="")]))
    assert told(agentops_recording) == [
        ("agent", "ann", ["How large?"], "large", None),
        ("tool", "population", {"city": "Paris"}, "2100000", None),
    ]


def test_a_streamed_run_ends_as_its_stream_does(agentops_recording: Recording, framework: type) -> None:
    """What the library does for the stream is part of the run, whoever reads it; it ends as the stream does."""
    framework().run("How large?", stream=True).finish()
    framework().run("How small?", stream=True, error=LookupError("lost")).finish()
    assert agentops_recording.tree().splitlines()[1:] == [
        "  agent ann",
        "    task model",
        "  agent ann [error] LookupError: lost",
        "    task model",
    ]
    assert agentops_recording.spans("agent")[0].output == "large"
