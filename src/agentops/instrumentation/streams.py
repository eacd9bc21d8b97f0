"""Streams, observed where they are iterated: the program keeps the very object that the library made."""

from __future__ import annotations

import weakref
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Self, cast

from agentops.domain.foreign.reading import attribute as stored
from agentops.instrumentation.closing import watch_closing
from agentops.instrumentation.decoding import Carrier, observe_decoding
from agentops.instrumentation.iterating import AsyncIteration, BothIteration, SyncIteration, iterate
from agentops.instrumentation.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator
    from contextlib import AbstractContextManager

    from agentops.instrumentation.call import Call


def observe_inside(stream: Any, attribute: str, call: Call, result: Any) -> bool:
    """Observe the iterator that a stream, part of a result, keeps in an attribute; False where it keeps none."""
    inner = stored(stream, attribute)
    carrier = call if call.reader.decode is None else Carrier.of(call)
    iteration: Any
    if type(inner) is GeneratorType:
        iteration = iterate(cast("Generator[Any, Any, Any]", inner), carrier)
        next(iteration)
    elif hasattr(inner, "__anext__"):
        iteration = AsyncIteration(inner, carrier)
    elif hasattr(inner, "__next__"):
        iteration = SyncIteration(inner, carrier)
    else:
        return False
    if call.reader.decode is not None:
        observe_decoding(stream, call.reader.decode, call)
    call.begin_stream(result)
    setattr(stream, attribute, iteration)
    if call.reader.connection is not None:
        connection = getattr(stream, call.reader.connection, None)
        if connection is not None:
            watch_closing(connection, weakref.ref(iteration), call)
    return True


class ObservedStream(Proxy):
    """A stream that keeps no iterator inside: it passes for the library's own object, and is iterated through us."""

    def __init__(self, wrapped: Any, iteration: Any) -> None:
        super().__init__(wrapped)
        self._self_iteration = iteration

    def _self_leaving(self) -> AbstractContextManager[None]:
        return self._self_iteration.leaving()


class ObservedIterator(ObservedStream):
    """A generator or iterator that is a stream."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        return self._self_iteration.__next__()

    def close(self) -> Any:
        """Close it; not read to its end, it ends incomplete."""
        wrapped: Any = self.__wrapped__
        with self._self_leaving():
            return wrapped.close()

    def __enter__(self) -> Any:
        wrapped: Any = self.__wrapped__
        entered = wrapped.__enter__()
        return self if entered is wrapped else entered

    def __exit__(self, *error: object) -> Any:
        wrapped: Any = self.__wrapped__
        with self._self_leaving():
            return wrapped.__exit__(*error)


class ObservedAsyncIterator(ObservedStream):
    """An async generator or iterator that is a stream."""

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[Any]:
        return self._self_iteration.__anext__()

    async def aclose(self) -> Any:
        """Close it; not read to its end, it ends incomplete."""
        wrapped: Any = self.__wrapped__
        with self._self_leaving():
            return await wrapped.aclose()

    async def __aenter__(self) -> Any:
        wrapped: Any = self.__wrapped__
        entered = await wrapped.__aenter__()
        return self if entered is wrapped else entered

    async def __aexit__(self, *error: object) -> Any:
        wrapped: Any = self.__wrapped__
        with self._self_leaving():
            return await wrapped.__aexit__(*error)


class ObservedBothWays(ObservedIterator, ObservedAsyncIterator):
    """A stream that may be iterated either way."""


def observe_whole(stream: Any, call: Call) -> Any:
    """A stand-in for a stream that is its own iterator, sync, async or both."""
    call.begin_stream(stream)
    kind = cast("Any", type(stream))
    is_sync, is_async = hasattr(kind, "__next__"), hasattr(kind, "__anext__")
    if is_sync and is_async:
        return ObservedBothWays(stream, BothIteration(stream, call))
    if is_sync:
        return ObservedIterator(stream, SyncIteration(stream, call))
    return ObservedAsyncIterator(stream, AsyncIteration(stream, call))
