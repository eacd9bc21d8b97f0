"""Streams, observed where they are iterated: the program keeps the very object that the library made."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

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
    connection: Any, current: Callable[[], Advancing | None], call: Call, leave: Callable[[], None] | None = None
) -> None:
    """End the call when the connection is closed between two chunks, whoever closes it.

    While a chunk is being fetched the library closes it by itself, at the end or on errors.

    Args:
        connection: what is closed; it gets a `close` or `aclose` of its own for as long as the call goes on.
        current: gives who fetches chunks, None where nobody does any more.
        call: what ends.
        leave: ends it; as a stream that was left, if None.
    """
    watch = Watch(weakref.ref(connection), current, call, leave or (lambda: call.finish_stream(complete=False)))
    kind = cast("Any", type(connection))
    for name, replacement in (("close", watch.close), ("aclose", watch.aclose)):
        if hasattr(kind, name):
            vars(connection)[name] = replacement


class Advancing(Protocol):
    """Who fetches chunks."""

    advancing: bool


class Watch:
    """Stands in for a connection's closing methods; it does not keep the connection."""

    def __init__(
        self,
        connection: Callable[[], Any],
        current: Callable[[], Advancing | None],
        call: Call,
        leave: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._current = current
        self._call = call
        self._leave = leave

    def close(self) -> Any:
        """Close the connection, then end the call."""
        connection = self._connection()
        kind = cast("Any", type(connection))
        try:
            return None if connection is None else kind.close(connection)
        finally:
            self._closed()

    async def aclose(self) -> Any:
        """Close the connection, then end the call."""
        connection = self._connection()
        kind = cast("Any", type(connection))
        try:
            return None if connection is None else await kind.aclose(connection)
        finally:
            self._closed()

    def _closed(self) -> None:
        current = self._current()
        if not self._call.ended and current is not None and current.advancing:
            return
        connection = self._connection()
        for name in ("close", "aclose"):
            if connection is not None:
                vars(connection).pop(name, None)  # pyright: ignore[reportUnknownMemberType] - any object's
        if not self._call.ended:
            self._leave()


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
