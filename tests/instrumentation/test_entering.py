"""Results that are context managers: what they are entered as is observed, and leaving them ends the call."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from agentops.domain.genai import Operation, Request, Response
from agentops.domain.spans import SpanStatus
from agentops.instrumentation.observe import observe
from agentops.instrumentation.target import Reader, Target
from agentops.recording.context import current_span
from agentops.testing import Recording

READER = Reader(
    read_request=lambda _: Request(operation=Operation.CHAT, provider="p", model="m", stream=True),
    read_response=lambda whole: Response(output=whole if isinstance(whole, list) else whole.data),
    fold=lambda so_far, chunk: [*(so_far or []), chunk],
    iterator="data",
    deferred="__enter__",
)
WRAPPER = observe(Target(path="library:open_stream", reader=READER), "agentops.test")


@contextmanager
def open_stream(data: Any = None) -> Generator[Any]:
    """A stream for as long as it is open."""
    if data is ValueError:
        raise ValueError("no stream")
    yield SimpleNamespace(data=data or iter("abc"))


@asynccontextmanager
async def open_async_stream() -> AsyncGenerator[Any]:
    """The same, async."""

    async def letters() -> AsyncGenerator[str]:
        for letter in "abc":
            yield letter

    yield SimpleNamespace(data=letters())


def observed(opening: Any = open_stream, *args: Any) -> Any:
    """The context manager that the program gets."""
    return WRAPPER(opening, None, args, {})


def test_what_is_read_inside_is_recorded(agentops_recording: Recording) -> None:
    """The chunks of the stream, and the program is not inside the call between two of them."""
    with observed() as stream:
        assert [(chunk, current_span()) for chunk in stream.data] == [("a", None), ("b", None), ("c", None)]
    span = agentops_recording.span()
    assert (span.status, span.response and span.response.output) == (SpanStatus.OK, ["a", "b", "c"])


def test_leaving_early_ends_the_call(agentops_recording: Recording) -> None:
    """With what was read until then; an exception of the program's own is not the call's."""

    def read_and_fail() -> None:
        with observed() as stream:
            next(stream.data)
            raise KeyError

    with pytest.raises(KeyError):
        read_and_fail()
    span = agentops_recording.span()
    assert (span.status, span.response and span.response.output) == (SpanStatus.INCOMPLETE, ["a"])


def test_what_entering_raises_is_the_call_s_error(agentops_recording: Recording) -> None:
    """The library asks when it is entered."""
    with pytest.raises(ValueError, match="no stream"), observed(open_stream, ValueError):
        pass
    assert agentops_recording.span().status is SpanStatus.ERROR


def test_what_is_no_stream_is_the_result(agentops_recording: Recording) -> None:
    """A value instead of a stream is read as it is handed out."""
    with observed(open_stream, "whole") as result:
        assert result.data == "whole"
        assert agentops_recording.span().status is SpanStatus.OK


def test_one_that_is_never_entered_is_over_when_it_is_dropped(agentops_recording: Recording) -> None:
    """It is not left running."""
    observed()
    gc.collect()
    assert agentops_recording.span().status is SpanStatus.INCOMPLETE


def test_async_ones_are_recorded(agentops_recording: Recording) -> None:
    """Read to the end, and left early."""

    async def read(upto: str) -> None:
        async with observed(open_async_stream) as stream:
            async for chunk in stream.data:
                if chunk == upto:
                    break

    asyncio.run(read("z"))
    asyncio.run(read("b"))
    whole, part = agentops_recording.spans()
    assert (whole.status, whole.response and whole.response.output) == (SpanStatus.OK, ["a", "b", "c"])
    assert (part.status, part.response and part.response.output) == (SpanStatus.INCOMPLETE, ["a", "b"])
