"""The driver: whatever a library's callable hands back, one span covers it to its end."""

from __future__ import annotations

import inspect
import weakref
from functools import lru_cache
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops.domain.foreign import at
from agentops.instrumentation.bodies import observe_reading
from agentops.instrumentation.call import begin
from agentops.instrumentation.deferred import defer
from agentops.instrumentation.emitter import emission_of
from agentops.instrumentation.managers import ENTER, HandingOut, ObservedManager
from agentops.instrumentation.messages import carry
from agentops.instrumentation.proxy import Proxy
from agentops.instrumentation.streams import observe_inside, observe_whole
from agentops.instrumentation.target import Arguments
from agentops.recording.context import leave
from agentops.recording.guard import FAILURES, report

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from agentops.instrumentation.call import Call
    from agentops.instrumentation.target import Target

CO_COROUTINE = inspect.CO_COROUTINE


def observe(target: Target, source: str) -> Callable[[Any, Any, tuple[Any, ...], dict[str, Any]], Any]:
    """The wrapper, as wrapt calls it, that records every call of a target; `source` is the instrumentation scope."""

    def observed(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        code = getattr(wrapped, "__code__", None)
        if code is not None and code.co_flags & CO_COROUTINE:
            return _observe_coroutine(target, source, wrapped, instance, args, kwargs)
        call = begin(target, Arguments(instance, args, kwargs), source=source)
        if call is None:
            return wrapped(*args, **kwargs)
        token = call.enter()
        try:
            try:
                outcome = wrapped(*args, **kwargs)
            finally:
                leave(token)
        except BaseException as error:
            call.fail(error)
            raise
        return settle(call, outcome)

    is_plain = target.departs is None and target.arrives is None and not target.internal
    return observed if is_plain else carry(target, observed)


async def _observe_coroutine(  # noqa: PLR0913, PLR0917 - wrapt's four, and what to observe
    target: Target, source: str, wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    call = begin(target, Arguments(instance, args, kwargs), source=source)
    if call is None:
        return await wrapped(*args, **kwargs)
    return await _follow(call, wrapped(*args, **kwargs))


async def _follow(call: Call, awaitable: Any) -> Any:
    token = call.enter()
    try:
        try:
            outcome = await awaitable
        finally:
            leave(token)
    except BaseException as error:
        call.fail(error)
        raise
    return settle(call, outcome)


def settle(call: Call, outcome: Any) -> Any:  # noqa: PLR0911 - one for each form that an outcome has
    """What the program gets for an outcome: the same, its iteration or awaiting observed, or read and done."""
    reader = call.reader
    kind: Any = type(outcome)  # pyright: ignore[reportUnknownVariableType] - a cast costs a call
    if kind is CoroutineType:
        return _follow(call, outcome)
    try:
        if reader.attend is not None and reader.attend(outcome, emission_of(call.span, call.request)):
            weakref.finalize(outcome, call.finish_stream, complete=False)
            return outcome
        if reader.entered:
            return ObservedManager(outcome, call)
        form = _form_of(kind)
        if reader.deferred == ENTER and form.is_manager:
            return HandingOut(outcome, call, settle)
        if form.is_awaitable or (kind is GeneratorType and inspect.isawaitable(outcome)):
            return ObservedAwaitable(outcome, call)
        part = outcome if reader.part is None else at(outcome, reader.part)
        if (
            (reader.iterator is not None and observe_inside(part, reader.iterator, call, outcome))
            or (reader.source is not None and observe_reading(part, reader.source, call, outcome))
            or (reader.deferred is not None and defer(outcome, reader.deferred, call, settle))
        ):
            return outcome
        if form.is_iterator and not reader.read_whole:
            return observe_whole(outcome, call)
    except FAILURES as error:
        report("settling a call", error)
        return outcome
    call.finish(outcome)
    return outcome


class _Form(NamedTuple):
    """What can be done with the objects of a class."""

    is_awaitable: bool
    is_iterator: bool
    is_manager: bool


@lru_cache(maxsize=512)
def _form_of(kind: type) -> _Form:
    """Asked of each class once: to say no, a model of pydantic's runs Python code."""
    return _Form(
        is_awaitable=hasattr(kind, "__await__"),
        is_iterator=hasattr(kind, "__next__") or hasattr(kind, "__anext__"),
        is_manager=hasattr(kind, "__enter__") or hasattr(kind, "__aenter__"),
    )


class ObservedAwaitable(Proxy):
    """A future or another awaitable that is no coroutine; the call goes on until it was awaited."""

    def __init__(self, wrapped: Any, call: Call) -> None:
        super().__init__(wrapped)
        self._self_call = call

    def __await__(self) -> Generator[Any, Any, Any]:
        return _follow(self._self_call, self.__wrapped__).__await__()
