"""Generators inside streams, observed: whoever iterates them gets what the library's own would have given."""

import gc
from collections.abc import Generator
from types import GeneratorType
from typing import Any

import pytest
import wrapt

from agentops.domain.genai import Operation, Request, Response
from agentops.domain.spans import SpanRecord, SpanStatus
from agentops.instrumentation.observe import observe
from agentops.instrumentation.target import Reader, Target
from agentops.recording.context import current_span
from agentops.testing import Recording

READER = Reader(
    read_request=lambda _: Request(operation=Operation.CHAT, provider="p", model="m", stream=True),
    read_response=lambda whole: Response(output=whole),
    fold=lambda so_far, chunk: [*(so_far or []), chunk],
    begin=lambda _: Response(request_id="r", output="none"),
    has_content=lambda chunk: chunk != "role",
    iterator="iterator",
    connection="connection",
)


class Connection:
    """What a stream releases when it is closed."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        """Release it."""
        self.closed = True


class Stream:
    """A library's stream, which keeps a generator."""

    def __init__(self) -> None:
        self.connection = Connection()
        self.inside: list[bool] = []
        self.iterator: Generator[str, Any, str] = chunks(self.connection, self.inside)


def chunks(connection: Connection, inside: list[bool]) -> Generator[str, Any, str]:
    """Three chunks; an error thrown in becomes one, and at the end the connection is closed."""
    try:
        for chunk in ("role", "a", "b"):
            inside.append(current_span() is not None)
            try:
                yield chunk
            except ValueError as error:
                yield str(error)
        return "over"
    finally:
        connection.close()


@pytest.fixture
def stream(agentops_recording: Recording) -> Stream:
    """What an observed call gave."""
    del agentops_recording
    make = wrapt.FunctionWrapper(Stream, observe(Target(path="m:f", reader=READER), "m"))
    return make()


def span_of(recording: Recording) -> SpanRecord:
    """The call, which has ended."""
    (span,) = recording.spans("llm")
    assert span.end is not None
    return span


def test_a_generator_stays_a_generator(stream: Stream, agentops_recording: Recording) -> None:
    """Its chunks and what it returns are the inner one's; each chunk is fetched inside the call, used outside."""
    kind: type = type(stream.iterator)
    assert kind is GeneratorType
    assert [next(stream.iterator) for _ in range(3)] == ["role", "a", "b"]
    assert current_span() is None
    with pytest.raises(StopIteration) as end:
        next(stream.iterator)
    assert (end.value.value, stream.inside, stream.connection.closed) == ("over", [True] * 3, True)
    span = span_of(agentops_recording)
    assert span.status is SpanStatus.OK
    assert span.response == Response(request_id="r", output=["role", "a", "b"])
    assert span.first_token is not None


def test_what_is_thrown_in_reaches_the_inner_one(stream: Stream, agentops_recording: Recording) -> None:
    """It may handle it, and the call goes on; what it does not handle ends the call."""
    next(stream.iterator)
    assert stream.iterator.throw(ValueError("mended")) == "mended"
    with pytest.raises(KeyError):
        stream.iterator.throw(KeyError("lost"))
    span = span_of(agentops_recording)
    assert (span.status, span.response) == (SpanStatus.ERROR, Response(request_id="r", output=["role", "mended"]))


def test_a_stream_closed_by_its_connection_ends_incomplete(stream: Stream, agentops_recording: Recording) -> None:
    """Between two chunks it is the program that closes; what comes after is not recorded."""
    assert [next(stream.iterator), next(stream.iterator)] == ["role", "a"]
    stream.connection.close()
    assert next(stream.iterator) == "b"
    span = span_of(agentops_recording)
    assert (span.status, span.response) == (SpanStatus.INCOMPLETE, Response(request_id="r", output=["role", "a"]))


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("close", [False, True])
def test_a_stream_left_is_closed_and_ends_incomplete(
    stream: Stream, agentops_recording: Recording, *, begun: bool, close: bool
) -> None:
    """Closed or dropped, before its first chunk or after it."""
    connection = stream.connection
    chunk = next(stream.iterator) if begun else None
    if close:
        stream.iterator.close()
    del stream.iterator
    gc.collect()
    assert connection.closed == begun  # a generator that has not begun has nothing to clean up
    span = span_of(agentops_recording)
    assert span.status is SpanStatus.INCOMPLETE
    assert span.response == Response(request_id="r", output=[chunk] if begun else "none")
