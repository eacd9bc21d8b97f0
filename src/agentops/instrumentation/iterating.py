"""The iteration of a stream, observed chunk by chunk."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from opentelemetry.context.context import Context

from agentops.recording.context import get_context, leave, reset_context, set_context
from agentops.recording.guard import FAILURES, report

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from contextvars import Token

    from agentops.instrumentation.call import Call


@contextmanager
def leaving(call: Call) -> Generator[None]:
    """A stream is closed in the block, by the library on behalf of its call, which ends incomplete if it goes on.

    What the library puts back as it closes (a span that was current when it began) is put back here only.
    """
    token = None if call.ended else call.enter()
    try:
        yield
    finally:
        if token is not None:
            leave(token)
        call.finish_stream(complete=False)


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

    def _step_in(self) -> Token[Context]:
        """What runs from now on is the library's, on behalf of the call."""
        self.advancing = True
        return self._call.enter()

    def _step_out(self, token: Token[Context], error: BaseException | None = None) -> None:
        """A chunk came; or there was none, as the stream is at its end or has failed."""
        leave(token)
        if isinstance(error, (StopIteration, StopAsyncIteration)):
            self._call.finish_stream(complete=True)
        elif error is not None:
            self._call.fail(error)
        self.advancing = False

    def leaving(self) -> AbstractContextManager[None]:
        """It is closed in the block."""
        return leaving(self._call)

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
        token = self._step_in()
        try:
            chunk = next(self._inner)
        except BaseException as error:
            self._step_out(token, error)
            raise
        self._step_out(token)
        self._call.chunk(chunk)
        return chunk

    def close(self) -> None:
        """Close the iterator; a stream not read to its end ends incomplete."""
        with leaving(self._call):
            self._inner.close()


class AsyncIteration(Iteration):
    """An async iterator, observed."""

    __slots__ = ()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        token = self._step_in()
        try:
            chunk = await anext(self._inner)
        except BaseException as error:
            self._step_out(token, error)
            raise
        self._step_out(token)
        self._call.chunk(chunk)
        return chunk

    async def aclose(self) -> None:
        """Close the iterator; a stream not read to its end ends incomplete."""
        with leaving(self._call):
            await self._inner.aclose()


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
            with leaving(call):
                inner.close()
            raise
        except BaseException as error:  # noqa: BLE001 - what is thrown in is for the inner one
            step = partial(inner.throw, error)
        here = get_context()
        if here is not around:
            around, inside = here, call.step_in(here)
        token = set_context(inside)
        try:
            try:
                chunk = step()
            finally:
                reset_context(token)
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
