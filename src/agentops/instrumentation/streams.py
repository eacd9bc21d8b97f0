"""Streams, observed where they are iterated: the program keeps the very object that the library made."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Self

import wrapt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from agentops.instrumentation.call import Call


class Iteration:
    """The iterator inside a stream; it stands in for the one it was made of.

    It does not know the stream, so that a stream the program drops is closed at once, as without us.
    """

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
        if "_call" in self.__dict__:
            self.leave()


class SyncIteration(Iteration):
    """An iterator, observed."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        call = self._call
        self.advancing = True
        try:
            with call.active():
                chunk = next(self._inner)
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

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        call = self._call
        self.advancing = True
        try:
            with call.active():
                chunk = await anext(self._inner)
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


def observe_inside(stream: Any, attribute: str, call: Call) -> bool:
    """Observe the iterator that a stream keeps in an attribute; False where it keeps none."""
    inner = getattr(stream, attribute, None)
    if hasattr(inner, "__anext__"):
        iteration: SyncIteration | AsyncIteration = AsyncIteration(inner, call)
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


def watch_closing(
    connection: Any, iteration: Callable[[], Iteration | None], call: Call, ended: Callable[[], None] | None = None
) -> None:
    """End the call as incomplete when the connection is closed between two chunks, whoever closes it.

    While a chunk is being fetched the library closes it by itself, at the end or on errors.
    """
    reference = weakref.ref(connection)

    def closed() -> None:
        current = iteration()
        if call.ended:
            forget()
        elif current is None or not current.advancing:
            forget()
            (ended or _leave_incomplete(call))()

    def forget() -> None:
        kept = reference()
        for name in ("close", "aclose"):
            if kept is not None:
                vars(kept).pop(name, None)

    def close() -> Any:
        kept = reference()
        try:
            return type(kept).close(kept) if kept is not None else None
        finally:
            closed()

    def aclose() -> Awaitable[Any]:
        return _aclose(reference(), closed)

    for name, replacement in (("close", close), ("aclose", aclose)):
        if hasattr(type(connection), name):
            vars(connection)[name] = replacement


async def _aclose(connection: Any, closed: Callable[[], None]) -> Any:
    try:
        return await type(connection).aclose(connection) if connection is not None else None
    finally:
        closed()


def _leave_incomplete(call: Call) -> Callable[[], None]:
    return lambda: call.finish_stream(complete=False)


class ObservedStream(wrapt.BaseObjectProxy):
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
        try:
            return self.__wrapped__.close()
        finally:
            self._self_leave()

    def __enter__(self) -> Any:
        entered = self.__wrapped__.__enter__()
        return self if entered is self.__wrapped__ else entered

    def __exit__(self, *error: object) -> Any:
        try:
            return self.__wrapped__.__exit__(*error)
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
        try:
            return await self.__wrapped__.aclose()
        finally:
            self._self_leave()

    async def __aenter__(self) -> Any:
        entered = await self.__wrapped__.__aenter__()
        return self if entered is self.__wrapped__ else entered

    async def __aexit__(self, *error: object) -> Any:
        try:
            return await self.__wrapped__.__aexit__(*error)
        finally:
            self._self_leave()


class ObservedBothWays(ObservedIterator, ObservedAsyncIterator):
    """A stream that may be iterated either way."""


def observe_whole(stream: Any, call: Call) -> Any:
    """A stand-in for a stream that is its own iterator, sync, async or both."""
    call.begin_stream(stream)
    is_sync, is_async = hasattr(type(stream), "__next__"), hasattr(type(stream), "__anext__")
    if is_sync and is_async:
        return ObservedBothWays(stream, BothIteration(stream, call))
    if is_sync:
        return ObservedIterator(stream, SyncIteration(stream, call))
    return ObservedAsyncIterator(stream, AsyncIteration(stream, call))
