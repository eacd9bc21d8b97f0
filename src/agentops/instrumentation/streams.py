"""Streams, observed where they are iterated: the program keeps the very object that the library made."""

from __future__ import annotations

import weakref
from functools import partial
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Self, cast

import wrapt
from opentelemetry.context.context import Context

from agentops.instrumentation.closing import watch_closing
from agentops.recording.context import leave, variable
from agentops.recording.guard import FAILURES, report

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from agentops.instrumentation.call import Call


class Iteration:
    """The iterator inside a stream; it stands in for the one it was made of.

    It does not know the stream, so that a stream the program drops is closed at once, as without us.
    """

    __slots__ = ("__weakref__", "_call", "_inner", "advancing")

    def __init__(self, inner: Any, call: Call) -> None:
        self._inner = inner
        self._call = call
        self.advancing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def leave(self) -> None:
        """It is iterated no further: not at its end, the call ends incomplete."""
        self._call.finish_stream(complete=False)

    def __del__(self) -> None:
        call = self._call
        if not call.ended:
            call.finish_stream(complete=False)


class SyncIteration(Iteration):
    """An iterator, observed."""

    __slots__ = ()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        call = self._call
        token = call.enter()
        self.advancing = True
        try:
            try:
                chunk = next(self._inner)
            finally:
                leave(token)
        except StopIteration:
            call.finish_stream(complete=True)
            raise
        except BaseException as error:
            call.fail(error)
            raise
        finally:
            self.advancing = False
        call.chunk(chunk)
        return chunk

    def close(self) -> None:
        """Close the iterator; a stream not read to its end ends incomplete."""
        try:
            self._inner.close()
        finally:
            self.leave()


class AsyncIteration(Iteration):
    """An async iterator, observed."""

    __slots__ = ()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        call = self._call
        token = call.enter()
        self.advancing = True
        try:
            try:
                chunk = await anext(self._inner)
            finally:
                leave(token)
        except StopAsyncIteration:
            call.finish_stream(complete=True)
            raise
        except BaseException as error:
            call.fail(error)
            raise
        finally:
            self.advancing = False
        call.chunk(chunk)
        return chunk

    async def aclose(self) -> None:
        """Close the iterator; a stream not read to its end ends incomplete."""
        try:
            await self._inner.aclose()
        finally:
            self.leave()


class BothIteration(SyncIteration, AsyncIteration):
    """An iterator that is also an async one, observed."""

    __slots__ = ()


def iterate(inner: Generator[Any, Any, Any], call: Call) -> Generator[Any, Any, Any]:
    """A generator, observed: what `SyncIteration` does to any iterator, at two thirds of its price.

    It first yields None, to be past its beginning: dropped before that, it would run no code of its own.
    """
    step: Callable[[], Any] = inner.__next__
    chunk: Any = None
    around: Context | None = None
    inside = Context()
    while True:
        try:
            yield chunk
        except GeneratorExit:  # closed or dropped
            try:
                inner.close()
            finally:
                call.finish_stream(complete=False)
            raise
        except BaseException as error:  # noqa: BLE001 - what is thrown in is for the inner one
            step = partial(inner.throw, error)
        here = variable.get()
        if here is not around:
            around, inside = here, call.step_in(here)
        token = variable.set(inside)
        try:
            try:
                chunk = step()
            finally:
                variable.reset(token)
        except StopIteration as end:
            call.finish_stream(complete=True)
            return end.value
        except BaseException as error:
            call.fail(error)
            raise
        step = inner.__next__
        if call.awaited:
            call.chunk(chunk)
            continue
        try:  # the rest of `chunk`, without the call
            call.folded = call.fold(call.folded, chunk)
        except FAILURES as error:
            report("reading a chunk", error)


def observe_inside(stream: Any, attribute: str, call: Call) -> bool:
    """Observe the iterator that a stream keeps in an attribute; False where it keeps none."""
    inner = getattr(stream, attribute, None)
    iteration: Any
    if type(inner) is GeneratorType:
        iteration = iterate(cast("Generator[Any, Any, Any]", inner), call)
        next(iteration)
    elif hasattr(inner, "__anext__"):
        iteration = AsyncIteration(inner, call)
    elif hasattr(inner, "__next__"):
        iteration = SyncIteration(inner, call)
    else:
        return False
    call.begin_stream(stream)
    setattr(stream, attribute, iteration)
    if call.reader.connection is not None:
        connection = getattr(stream, call.reader.connection, None)
        if connection is not None:
            watch_closing(connection, weakref.ref(iteration), call)
    return True


class ObservedStream(wrapt.BaseObjectProxy[Any]):
    """A stream that keeps no iterator inside: it passes for the library's own object, and is iterated through us."""

    def __init__(self, wrapped: Any, iteration: Any) -> None:
        super().__init__(wrapped)
        self._self_iteration = iteration

    def _self_leave(self) -> None:
        self._self_iteration.leave()


class ObservedIterator(ObservedStream):
    """A generator or iterator that is a stream."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        return self._self_iteration.__next__()

    def close(self) -> Any:
        """Close it; not read to its end, it ends incomplete."""
        wrapped: Any = self.__wrapped__
        try:
            return wrapped.close()
        finally:
            self._self_leave()

    def __enter__(self) -> Any:
        wrapped: Any = self.__wrapped__
        entered = wrapped.__enter__()
        return self if entered is wrapped else entered

    def __exit__(self, *error: object) -> Any:
        wrapped: Any = self.__wrapped__
        try:
            return wrapped.__exit__(*error)
        finally:
            self._self_leave()


class ObservedAsyncIterator(ObservedStream):
    """An async generator or iterator that is a stream."""

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[Any]:
        return self._self_iteration.__anext__()

    async def aclose(self) -> Any:
        """Close it; not read to its end, it ends incomplete."""
        wrapped: Any = self.__wrapped__
        try:
            return await wrapped.aclose()
        finally:
            self._self_leave()

    async def __aenter__(self) -> Any:
        wrapped: Any = self.__wrapped__
        entered = await wrapped.__aenter__()
        return self if entered is wrapped else entered

    async def __aexit__(self, *error: object) -> Any:
        wrapped: Any = self.__wrapped__
        try:
            return await wrapped.__aexit__(*error)
        finally:
            self._self_leave()


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
