"""Streams whose iterator gives frames that a method of theirs makes chunks of."""

from __future__ import annotations

import inspect
import weakref
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from agentops.instrumentation.call import Call


class Carrier:
    """A call as the iteration of its frames sees it: what they carry is told of further out."""

    awaited: Final = True

    def __init__(self, call: Call) -> None:
        self._call = call

    @classmethod
    def of(cls, call: Call) -> Call:
        """It stands in for the call."""
        return cast("Call", cls(call))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def chunk(self, frame: Any) -> None:
        """A frame came; it is decoded yet."""


def observe_decoding(stream: Any, method: str, call: Call) -> None:
    """Take what a stream's method makes of frames for the call's chunks, and what it raises for the stream's end."""
    decode = getattr(cast("Any", type(stream)), method)
    held = weakref.ref(stream)

    def observed(frame: Any) -> Any:
        try:
            chunk = decode(held(), frame)
        except BaseException as error:
            call.fail(error)
            raise
        if inspect.isawaitable(chunk):
            return _decoded(chunk, call)
        call.chunk(chunk)
        return chunk

    vars(stream)[method] = observed


async def _decoded(decoding: Awaitable[Any], call: Call) -> Any:
    try:
        chunk = await decoding
    except BaseException as error:
        call.fail(error)
        raise
    call.chunk(chunk)
    return chunk
