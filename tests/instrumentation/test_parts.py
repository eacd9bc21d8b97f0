"""Results that hold a stream or a body beside other things: the program reads it, and the record what it read."""

import gc
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from types import ModuleType
from typing import Any

import pytest

from agentops.domain.genai import Message, Operation, Request, Response, Text
from agentops.domain.spans import SpanStatus
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.testing import Recording, record


class Frames:
    """A stream whose iterator gives frames, of which it makes chunks."""

    def __init__(self, frames: list[str]) -> None:
        self._frames = iter(frames)

    def __iter__(self) -> Iterator[str]:
        for frame in self._frames:
            yield self._decode(frame)

    def _decode(self, frame: str) -> str:
        if frame == "broken":
            raise ValueError(frame)
        return frame.upper()


class Slotted:
    """What gives bytes, and takes no attributes; read to its end it gives nothing."""

    __slots__ = ("_bytes",)

    def __init__(self, data: bytes) -> None:
        self._bytes = BytesIO(data)

    def read(self, amount: int = -1) -> bytes:
        """Give so many bytes, or all."""
        return self._bytes.read(amount)

    def readinto(self, buffer: Any) -> int:
        """Give as many bytes as go in."""
        return self._bytes.readinto(buffer)

    def close(self) -> None:
        """Give no more."""
        self._bytes.close()


class Later(Slotted):
    """The same, to be awaited."""

    __slots__ = ()

    async def read(self, amount: int = -1) -> bytes:  # pyright: ignore[reportIncompatibleMethodOverride] - as aiohttp
        """Give so many bytes, or all."""
        return self._bytes.read(amount)


class Body:
    """A body that is read from somewhere."""

    def __init__(self, source: Any) -> None:
        self.source = source


def answer(held: Any) -> dict[str, Any]:
    """What the library gives: the stream or body, and its number."""
    return {"id": "one", "body": held}


def fold(so_far: str | None, chunk: str | bytes) -> str:
    """All that was said."""
    return (so_far or "") + (chunk.decode() if isinstance(chunk, bytes) else chunk)


def read_request(_: Arguments) -> Request:
    """A call of a model."""
    return Request(operation=Operation.CHAT, provider="maker")


def read_response(said: Any) -> Response:
    """What was said, or the number alone where a result was no stream."""
    return read_number(said) if isinstance(said, dict) else Response(messages=[Message("assistant", [Text(said)])])


def read_number(result: Any) -> Response:
    """What stands beside the body."""
    return Response(id=result["id"])


READ = Reader(read_request=read_request, read_response=read_response, fold=fold, begin=read_number, part="body")
FRAMES = replace(READ, iterator="_frames", decode="_decode")
BYTES = replace(READ, source=("inner.source", "source"))


def choose(arguments: Arguments) -> Reader:
    """By what is handed out."""
    return FRAMES if isinstance(arguments.get("held", 0), Frames) else BYTES


@pytest.fixture(name="maker")
def library(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A library with one function."""
    module = ModuleType("maker")
    vars(module)["answer"] = answer
    monkeypatch.setitem(sys.modules, "maker", module)
    return module


@pytest.fixture(name="recording")
def recorded(maker: Any) -> Iterator[Recording]:
    """Records its calls."""
    seen = Instrumentation(library="maker", targets=[Target(path="maker:answer", reader=choose)])
    with record(plugins=False, strict=True) as recording, recording.observing.only([seen]):
        yield recording


def said(recording: Recording) -> tuple[SpanStatus | str, str | None, str]:
    """How the call ended, its number and what was said."""
    span = recording.span()
    response = span.response or Response()
    return span.status, response.id, "".join(message.text for message in response.messages)


def test_chunks_are_what_the_stream_makes_of_frames(maker: Any, recording: Recording) -> None:
    """The stream beside the number is the very object, and the number is known."""
    frames = Frames(["a", "b"])
    given = maker.answer(frames)
    assert given["body"] is frames
    assert list(given["body"]) == ["A", "B"]
    assert said(recording) == (SpanStatus.OK, "one", "AB")


def test_a_frame_that_is_an_error_ends_the_call(maker: Any, recording: Recording) -> None:
    """At once, with what came before it."""
    frames = maker.answer(Frames(["a", "broken", "c"]))["body"]
    with pytest.raises(ValueError, match="broken"):
        list(frames)
    assert said(recording) == (SpanStatus.ERROR, "one", "A")


def test_a_stream_that_is_left_may_be_taken_up(maker: Any, recording: Recording) -> None:
    """It goes on where it stopped; forgotten, it is incomplete."""
    frames = maker.answer(Frames(["a", "b", "c"]))["body"]
    assert [next(iter(frames)), next(iter(frames))] == ["A", "B"]
    assert recording.span().status is SpanStatus.RUNNING
    del frames
    gc.collect()
    assert said(recording) == (SpanStatus.INCOMPLETE, "one", "AB")


@pytest.mark.parametrize("amount", [None, -1])
def test_a_body_is_read_by_the_program_alone(amount: int | None, maker: Any, recording: Recording) -> None:
    """Until it does the call goes on; what it gets is what was there."""
    body = maker.answer(Body(Slotted(b"said")))["body"]
    assert recording.span().status is SpanStatus.RUNNING
    assert body.source.read(*([] if amount is None else [amount])) == b"said"
    assert said(recording) == (SpanStatus.OK, "one", "said")
    assert body.source.read() == b""


def test_portions_are_put_together(maker: Any, recording: Recording) -> None:
    """Nothing more to read is the end; a source may lie deeper."""
    body = Body(None)
    vars(body)["inner"] = Body(Slotted(b"said"))
    source = maker.answer(body)["body"].inner.source
    buffer = bytearray(3)
    assert (source.read(1), source.readinto(buffer), bytes(buffer)) == (b"s", 3, b"aid")
    assert recording.span().status is SpanStatus.RUNNING
    assert source.readinto(buffer) == 0
    assert said(recording) == (SpanStatus.OK, "one", "said")


def test_a_body_that_is_closed_is_incomplete(maker: Any, recording: Recording) -> None:
    """With what was read."""
    body = maker.answer(Body(Slotted(b"said")))["body"]
    assert body.source.read(2) == b"sa"
    body.source.close()
    assert said(recording) == (SpanStatus.INCOMPLETE, "one", "sa")


async def test_a_body_may_be_awaited(maker: Any, recording: Recording) -> None:
    """In portions, too."""
    source = maker.answer(Body(Later(b"said")))["body"].source
    assert [await source.read(3), await source.read(3), await source.read(3)] == [b"sai", b"d", b""]
    assert said(recording) == (SpanStatus.OK, "one", "said")


@pytest.mark.parametrize("held", [None, Body(None), 5])
def test_a_body_of_another_kind_is_a_value(held: Any, maker: Any, recording: Recording) -> None:
    """There is nothing to wait for."""
    assert maker.answer(held)["body"] is held
    assert said(recording) == (SpanStatus.OK, "one", "")
