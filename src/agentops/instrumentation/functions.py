"""Observed functions: the same function to everybody who looks, calls or pickles, recorded in the form given.

Functions, coroutines, generators and async generators each become a function of their own kind; a plain function that
hands out a coroutine is observed until that coroutine ends.
"""

from __future__ import annotations

import functools
import inspect
from types import CoroutineType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from agentops.instrumentation.direct import observe_directly
from agentops.instrumentation.forms import SpanForm
from agentops.recording.capture import SIZE_LIMIT, encode

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator

    from agentops.instrumentation.forms import Form

Observation = TypeVar("Observation")

_CACHE_METHODS = ("cache_info", "cache_clear", "cache_parameters")
"""What `functools.lru_cache` puts on functions, and not into their dictionaries."""


def observe_function(function: Callable[..., Any], form: Form[Observation]) -> Callable[..., Any]:
    """The function, each call of it observed in the form."""
    if inspect.isasyncgenfunction(function):
        wrapper = _observe_async_generator(function, form)
    elif inspect.isgeneratorfunction(function):
        wrapper = _observe_generator(function, form)
    elif inspect.iscoroutinefunction(function):
        wrapper = _observe_coroutine(function, form)
    else:
        wrapper = _observe_plain(function, form)
    observed = functools.update_wrapper(wrapper, function)
    if not inspect.isfunction(function):
        for name in _CACHE_METHODS:
            if hasattr(function, name):
                setattr(observed, name, getattr(function, name))
    return observed


def _observe_plain(function: Callable[..., Any], form: Form[Any]) -> Callable[..., Any]:
    if type(form) is SpanForm:
        return observe_directly(function, form, _follow)
    begin, finish, fail = form.begin, form.finish, form.fail

    def observed(*args: Any, **kwargs: Any) -> Any:
        observation = begin(args, kwargs)
        if observation is None:
            return function(*args, **kwargs)
        try:
            result: Any = function(*args, **kwargs)
        except BaseException as error:
            fail(observation, error)
            raise
        if type(result) is CoroutineType:
            form.pause(observation)
            return _follow(cast("Coroutine[Any, Any, Any]", result), form, observation)
        finish(observation, result)
        return result

    return observed


async def _follow(coroutine: Coroutine[Any, Any, Any], form: Form[Any], observation: Any) -> Any:
    form.resume(observation)
    try:
        result = await coroutine
    except BaseException as error:
        form.fail(observation, error)
        raise
    form.finish(observation, result)
    return result


def _observe_coroutine(function: Callable[..., Any], form: Form[Any]) -> Callable[..., Any]:
    begin, finish, fail = form.begin, form.finish, form.fail

    async def observed(*args: Any, **kwargs: Any) -> Any:
        observation = begin(args, kwargs)
        if observation is None:
            return await function(*args, **kwargs)
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            fail(observation, error)
            raise
        finish(observation, result)
        return result

    return observed


def _observe_generator(function: Callable[..., Any], form: Form[Any]) -> Callable[..., Any]:
    def observed(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        observation = form.begin(args, kwargs)
        if observation is None:
            unobserved: Generator[Any, Any, Any] = function(*args, **kwargs)
            return (yield from unobserved)
        items, passing, value = Items(), list[Any](), None
        try:
            inner = function(*args, **kwargs)
            step = inner.send
            while True:
                passing.append(step(value))
                value = None
                items.add(passing[0])
                form.pause(observation)
                try:
                    step, value = inner.send, (yield passing.pop())
                except BaseException as error:  # noqa: BLE001 - whatever is thrown in goes on to the generator
                    step, value = inner.throw, error
                form.resume(observation)
        except StopIteration as stop:
            form.finish(observation, items.result(stop.value))
            return stop.value
        except BaseException as error:
            _give_up(form, observation, items, error)
            raise
        finally:
            value = None  # an exception that was thrown in refers to this frame

    return observed


def _observe_async_generator(function: Callable[..., Any], form: Form[Any]) -> Callable[..., Any]:
    async def observed(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        begun = form.begin(args, kwargs)
        observing, observation = (UNOBSERVED, None) if begun is None else (form, begun)
        items, passing, value = Items(), list[Any](), None
        try:
            inner = function(*args, **kwargs)
            step = inner.asend
            while True:
                passing.append(await step(value))
                value = None
                items.add(passing[0])
                observing.pause(observation)
                try:
                    step, value = inner.asend, (yield passing.pop())
                except BaseException as error:  # noqa: BLE001 - whatever is thrown in goes on to the generator
                    step, value = inner.athrow, error
                observing.resume(observation)
        except StopAsyncIteration:
            observing.finish(observation, items.result(None))
        except BaseException as error:
            _give_up(observing, observation, items, error)
            raise
        finally:
            value = None  # an exception that was thrown in refers to this frame

    return observed


def _give_up(form: Form[Any], observation: Any, items: Items, error: BaseException) -> None:
    """A generator came to no end of its own: it was closed, or it failed."""
    if isinstance(error, GeneratorExit):
        form.abandon(observation, items.result(None))
    else:
        form.fail(observation, error)


class Items:
    """What a generator gave, as far as it is worth keeping: the first `LIMIT` items, encoded as they came."""

    LIMIT = 1_000

    __slots__ = ("_kept", "_room", "count")

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[msgspec.Raw] = []
        self._room = SIZE_LIMIT

    def add(self, item: Any) -> None:
        """Note one item."""
        self.count += 1
        if self._room > 0 and self.count <= self.LIMIT:
            data = encode(item)
            self._room -= len(data)
            self._kept.append(msgspec.Raw(data))

    def result(self, returned: Any) -> Any:
        """What came out: the items, and what was returned where something was."""
        items: list[Any] = [*self._kept]
        if self.count > len(items):
            items.append({"$cut": self.count - len(items)})
        return items if returned is None else {"items": items, "return": returned}


class Unobserved:
    """The form of a call that is not observed."""

    def pause(self, observation: None) -> None:
        """Nothing to step out of."""

    def resume(self, observation: None) -> None:
        """Nothing to step back into."""

    def finish(self, observation: None, result: Any) -> None:
        """Nothing ends."""

    def fail(self, observation: None, error: BaseException) -> None:
        """Nothing fails."""

    def abandon(self, observation: None, result: Any) -> None:
        """Nothing is left."""


UNOBSERVED: Any = Unobserved()
