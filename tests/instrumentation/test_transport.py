"""What bridges tell of plain transport, and what calls itself opaque, as targets do."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import agentops
from agentops.domain.genai import AgentRequest, Operation, Request, ToolRequest
from agentops.domain.spans import SpanKind
from agentops.instrumentation.emitter import SpanEmitter
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.testing.recording import Recording

STATEMENT = ToolRequest(name="SELECT users")


def fetch(_address: str) -> "Rows":
    """Plain transport that gives back what can be iterated."""
    return ROWS


def look_up(work: Callable[[], Any]) -> Any:
    """A lookup that does something for it."""
    return work()


def exchange(work: Callable[[], Any]) -> Any:
    """A library's own exchange, with what the program does about it."""
    return work()


async def exchange_later(work: Callable[[], Any]) -> Any:
    """The same in a task."""
    return work()


class Rows:
    """A cursor: it can be iterated, and is no stream."""

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        raise StopIteration


ROWS = Rows()


def _read(arguments: Arguments) -> ToolRequest:
    return ToolRequest(name=str(arguments.args[0]))


_FETCH = Reader(read_request=_read, read_response=lambda _: None, read_whole=True)  # pyright: ignore[reportArgumentType] - nothing is read of it
_LOOK_UP = Reader(
    read_request=lambda _: ToolRequest(name="lookup"),
    read_response=lambda _: None,  # pyright: ignore[reportArgumentType] - the same
    kind=SpanKind.RETRIEVAL,
)


@pytest.fixture(name="recording")
def observe_transport(agentops_recording: Recording) -> Iterator[Recording]:
    """This module's own functions, observed."""
    targets = [
        Target(path=f"{__name__}:fetch", reader=_FETCH, outgoing=True, opaque=True),
        Target(path=f"{__name__}:look_up", reader=_LOOK_UP, opaque=True),
        Target(path=f"{__name__}:exchange", reader=lambda _: None, internal=True),
        Target(path=f"{__name__}:exchange_later", reader=lambda _: None, internal=True),
    ]
    with agentops_recording.observing.only([Instrumentation(library=__name__, targets=targets)]):
        yield agentops_recording


def outline(recording: Recording) -> list[str]:
    """The spans, below the session's."""
    return [line.strip() for line in recording.tree().splitlines()[1:]]


def test_what_comes_whole_is_read_at_once(recording: Recording) -> None:
    """A result that could be iterated is the very object, and the call has ended."""
    with agentops.span("work"):
        assert fetch("rows") is ROWS
        assert recording.span("rows").end is not None


def test_transport_is_part_of_an_opaque_lookup(recording: Recording) -> None:
    """What a lookup sends is not told a second time; what the program does in it on its own account is."""
    with agentops.span("work"):
        look_up(lambda: [fetch("by the lookup")])
        fetch("by the program")
    assert outline(recording) == ["task work", "retrieval lookup", "tool by the program"]


def test_transport_of_a_librarys_own_is_not_seen(recording: Recording) -> None:
    """Whoever waits for it; what the program does inside under a span of its own is."""

    def work() -> list[Any]:
        with agentops.span("about it"):
            return [fetch("by the program")]

    with agentops.span("work"):
        exchange(lambda: [fetch("by the library")])
        asyncio.run(exchange_later(lambda: [fetch("by the library")]))
        exchange(work)
        fetch("afterwards")
    assert outline(recording) == ["task work", "task about it", "tool by the program", "tool afterwards"]


def test_transport_of_no_session_is_not_seen(recording: Recording) -> None:
    """Neither a target's nor a bridge's: it starts no session."""
    fetch("by nobody")
    SpanEmitter("test").open(STATEMENT, outgoing=True).finish()
    assert recording.sessions() == []


def test_a_bridges_transport_is_part_of_a_model_call(agentops_recording: Recording) -> None:
    """A cache that a client asks is not the program's own work."""
    emitter = SpanEmitter("test")
    call = emitter.open(Request(operation=Operation.CHAT, provider="openai", model="gpt"))
    call.stay()
    emitter.open(STATEMENT, outgoing=True).finish()
    call.finish()
    emitter.open(STATEMENT, outgoing=True).finish()
    assert outline(agentops_recording) == ["llm chat gpt", "tool SELECT users"]


def test_what_an_opaque_emission_calls_is_itself(recording: Recording) -> None:
    """While it stays: the driver under an engine tells of the same statement."""
    emitter = SpanEmitter("test")
    with agentops.span("work"):
        statement = emitter.open(STATEMENT, opaque=True, outgoing=True)
        statement.stay()
        fetch("by the driver")
        emitter.open(STATEMENT, opaque=True).finish()
        statement.finish()
        fetch("by the program")
    assert outline(recording) == ["task work", "tool SELECT users", "tool by the program"]


def test_an_opaque_emission_is_known_again_by_what_it_is_recorded_as(recording: Recording) -> None:
    """A step that says its kind is the same call only inside one of that kind."""
    emitter = SpanEmitter("test")
    step = AgentRequest(name="step")
    with agentops.span("work"):
        outer = emitter.open(step, kind=SpanKind.WORKFLOW, opaque=True)
        outer.stay()
        emitter.open(step, kind=SpanKind.WORKFLOW, opaque=True).finish()
        emitter.open(step, opaque=True).finish()
        outer.finish()
    assert outline(recording) == ["task work", "workflow step", "agent step"]
