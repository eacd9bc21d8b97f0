"""The driver: whatever a library's callable hands back, one span covers it to its end."""

from __future__ import annotations

import inspect
import weakref
from types import CoroutineType
from typing import TYPE_CHECKING, Any, cast

from agentops.domain.foreign import at
from agentops.instrumentation.bodies import observe_reading
from agentops.instrumentation.call import begin
from agentops.instrumentation.deferred import defer
from agentops.instrumentation.emitter import emission_of
from agentops.instrumentation.entering import ENTER, HandingOut
from agentops.instrumentation.managers import ObservedManager
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


def settle(call: Call, outcome: Any) -> Any:
    """What the program gets for an outcome: the same, its iteration or awaiting observed, or read and done."""
    try:
        return _settle(call, outcome)
    except FAILURES as error:
        report("settling a call", error)
        return outcome


def _settle(call: Call, outcome: Any) -> Any:  # noqa: PLR0911 - one for each form that an outcome has
    reader = call.reader
    kind = cast("Any", type(outcome))
    if kind is CoroutineType:
        return _follow(call, outcome)
    if reader.attend is not None and reader.attend(outcome, emission_of(call.span, call.request)):
        weakref.finalize(outcome, call.finish_stream, complete=False)
        return outcome
    if reader.entered or (reader.deferred == ENTER and (hasattr(kind, "__enter__") or hasattr(kind, "__aenter__"))):
        return ObservedManager(outcome, call) if reader.entered else HandingOut(outcome, call, settle)
    if inspect.isawaitable(outcome):
        return ObservedAwaitable(outcome, call)
    part = outcome if reader.part is None else at(outcome, reader.part)
    if (
        (reader.iterator is not None and observe_inside(part, reader.iterator, call, outcome))
        or (reader.source is not None and observe_reading(part, reader.source, call, outcome))
        or (reader.deferred is not None and defer(outcome, reader.deferred, call, settle))
    ):
        return outcome
    if not reader.read_whole and (hasattr(kind, "__next__") or hasattr(kind, "__anext__")):
        return observe_whole(outcome, call)
    call.finish(outcome)
    return outcome


class ObservedAwaitable(Proxy):
    """A future or another awaitable that is no coroutine; the call goes on until it was awaited."""

    def __init__(self, wrapped: Any, call: Call) -> None:
        super().__init__(wrapped)
        self._self_call = call

    def __await__(self) -> Generator[Any, Any, Any]:
        return _follow(self._self_call, self.__wrapped__).__await__()
