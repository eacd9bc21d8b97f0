"""Decorated coroutines and async generators: awaiting, cancelling, timeouts, and the event loop's turns."""

import asyncio
import contextlib
import contextvars
import gc
import inspect
import traceback
import types
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator
from typing import Any, NoReturn

import pytest

from agentops.recording import context

Decorate = Callable[[Any], Any]


class Thing:
    """An object that can be watched dying."""


class Turn:
    """An awaitable that gives control to the loop once, and counts how often it is stepped."""

    def __init__(self) -> None:
        self.steps = 0

    def __await__(self) -> Generator[Any, Any, str]:
        self.steps += 1
        yield
        return "turned"


async def turn() -> str:
    """Give control to the loop once."""
    return await Turn()


async def turns_of(awaitable: Awaitable[Any]) -> int:
    """How many turns of the loop an awaitable takes."""
    turns = 0
    going = True

    def count() -> None:
        nonlocal turns
        turns += 1
        if going:
            loop.call_soon(count)

    loop = asyncio.get_running_loop()
    loop.call_soon(count)
    await awaitable
    going = False
    await asyncio.sleep(0)
    return turns


async def test_a_coroutine_is_a_real_coroutine(decorate: Decorate) -> None:
    """By type and by every predicate; nothing runs before it is awaited."""
    started: list[int] = []

    @decorate
    async def work(value: int) -> int:
        started.append(1)
        await asyncio.sleep(0)
        return value

    made = work(3)
    assert started == []
    assert (type(made),) == (types.CoroutineType,)
    assert asyncio.iscoroutine(made)
    assert inspect.isawaitable(made)
    assert inspect.getcoroutinestate(made) == inspect.CORO_CREATED
    assert made.__qualname__ == work.__qualname__
    assert await made == 3
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        await made


async def test_a_coroutine_that_is_never_awaited_is_reported_as_ever(decorate: Decorate) -> None:
    """Python's own warning names the user's function."""

    @decorate
    async def forgotten() -> None:
        """Do nothing."""

    with pytest.warns(RuntimeWarning, match=r"coroutine '.*forgotten' was never awaited"):
        del [forgotten()][0]


async def test_a_function_that_hands_out_an_awaitable_hands_out_one(decorate: Decorate) -> None:
    """A coroutine stays a coroutine; a future or task is the very object."""

    @decorate
    def coroutine() -> Coroutine[Any, Any, str]:
        return turn()

    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    made = coroutine()
    assert (type(made),) == (types.CoroutineType,)
    assert await made == "turned"
    assert decorate(lambda: future)() is future
    future.set_result(1)


async def test_awaiting_takes_no_extra_turn_of_the_loop_and_no_extra_task(decorate: Decorate) -> None:
    """The scheduler does not notice."""
    tasks: list[Any] = []

    async def work() -> None:
        tasks.append((asyncio.current_task(), len(asyncio.all_tasks())))
        for _ in range(3):
            await asyncio.sleep(0)

    assert await turns_of(decorate(work)()) == await turns_of(work())
    assert tasks[0] == tasks[1]

    async def consume(make: Callable[[], AsyncIterator[int]]) -> None:
        async for _ in make():
            pass

    async def numbers() -> AsyncIterator[int]:
        for number in range(3):
            tasks.append((asyncio.current_task(), len(asyncio.all_tasks())))
            await asyncio.sleep(0)
            yield number

    assert await turns_of(consume(decorate(numbers))) == await turns_of(consume(numbers))
    assert len(set(tasks)) == 1


async def test_a_coroutine_without_a_pause_finishes_at_its_first_step(decorate: Decorate) -> None:
    """As a plain one does, so that eager code stays eager."""

    @decorate
    async def quick() -> int:
        return 5

    with pytest.raises(StopIteration) as stop:
        quick().send(None)
    assert stop.value.value == 5


async def test_exceptions_come_out_of_coroutines_as_they_were_raised(decorate: Decorate) -> None:
    """The same object, cause, no context, and the user's frames last."""
    cause = OSError()
    error = LookupError()

    async def inner() -> NoReturn:
        await asyncio.sleep(0)
        raise error from cause

    @decorate
    async def outer() -> NoReturn:
        await inner()
        raise AssertionError

    with pytest.raises(LookupError) as caught:
        await outer()
    assert caught.value is error
    assert error.__cause__ is cause
    assert [frame.name for frame in traceback.extract_tb(error.__traceback__)][-2:] == ["outer", "inner"]


async def test_cancellation_reaches_the_body_and_comes_out(decorate: Decorate) -> None:
    """The body cleans up, the task counts as cancelled, the message is kept."""
    events: list[str] = []

    @decorate
    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            events.append(str(error))
            raise
        finally:
            events.append("cleaned")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel("enough")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert events == ["enough", "cleaned"]


async def test_a_body_that_refuses_cancellation_is_not_cancelled(decorate: Decorate) -> None:
    """It goes on, and its result counts."""

    @decorate
    async def stubborn() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "stayed"
        return "slept"

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "stayed"


async def test_timeouts_work_inside_and_around(decorate: Decorate) -> None:
    """`asyncio.timeout` and `wait_for` end what takes too long, and only that."""

    @decorate
    async def inside() -> str:
        try:
            async with asyncio.timeout(0):
                await asyncio.sleep(60)
        except TimeoutError:
            return "timed out"
        return "slept"

    @decorate
    async def slow() -> None:
        await asyncio.sleep(60)

    @decorate
    async def numbers() -> AsyncIterator[int]:
        yield 1
        await asyncio.sleep(60)

    assert await inside() == "timed out"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await slow()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow(), 0)
    found: list[int] = []

    async def consume() -> None:
        async with asyncio.timeout(0.01):
            async for number in numbers():
                found.append(number)  # noqa: PERF401 - what was found before the timeout

    with pytest.raises(TimeoutError):
        await consume()
    assert found == [1]


async def test_task_groups_gather_decorated_work(decorate: Decorate) -> None:
    """One failure cancels the others and comes out in a group."""
    error = ValueError()

    @decorate
    async def fail() -> NoReturn:
        await asyncio.sleep(0)
        raise error

    @decorate
    async def wait() -> None:
        await asyncio.sleep(60)

    async def gather() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(wait())
            group.create_task(fail())

    with pytest.raises(ExceptionGroup) as caught:
        await gather()
    assert caught.value.exceptions == (error,)


async def test_context_variables_set_in_a_coroutine_are_seen_after(decorate: Decorate) -> None:
    """Within one task, as ever."""
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)

    @decorate
    async def work() -> None:
        await asyncio.sleep(0)
        variable.set(variable.get() + 1)

    await work()
    await work()
    assert variable.get() == 2
    before = dict(contextvars.copy_context())
    await work()
    assert {**before, variable: 3} == dict(contextvars.copy_context())


async def test_an_async_generator_is_a_real_one(decorate: Decorate) -> None:
    """By type and by every predicate; the first step runs it."""
    started: list[int] = []

    @decorate
    async def numbers() -> AsyncIterator[int]:
        started.append(1)
        yield 1

    made = numbers()
    assert started == []
    assert (type(made),) == (types.AsyncGeneratorType,)
    assert inspect.isasyncgen(made)
    assert isinstance(made, AsyncGenerator)
    assert made.__qualname__ == numbers.__qualname__
    assert await anext(made) == 1
    assert await anext(made, "end") == "end"
    assert made.ag_frame is None


async def test_an_async_generators_protocol_passes(decorate: Decorate) -> None:
    """`asend`, `athrow` and `aclose` reach the body with the very objects."""
    events: list[Any] = []

    @decorate
    async def echo(value: Any) -> AsyncGenerator[Any, Any]:
        try:
            while True:
                try:
                    value = yield value
                except ValueError as error:
                    events.append(error)
                    value = "caught"
        finally:
            await asyncio.sleep(0)
            events.append("cleaned")

    made = echo(1)
    thing, error = Thing(), ValueError()
    assert await anext(made) == 1
    assert await made.asend(thing) is thing
    assert await made.athrow(error) == "caught"
    await made.aclose()
    await made.aclose()
    assert events == [error, "cleaned"]
    assert events[0] is error
    with pytest.raises(StopAsyncIteration):
        await anext(made)
    unstarted = echo(1)
    await unstarted.aclose()
    assert len(events) == 2
    with pytest.raises(TypeError, match="can't send non-None value to a just-started async generator"):
        await echo(1).asend(3)


async def test_errors_come_out_of_async_generators_as_they_were_raised(decorate: Decorate) -> None:
    """Raised inside or thrown in."""

    @decorate
    async def failing() -> AsyncGenerator[int]:
        yield 1
        raise error

    error, thrown = KeyError(), KeyboardInterrupt()
    made = failing()
    await anext(made)
    with pytest.raises(KeyError) as caught:
        await anext(made)
    assert caught.value is error
    assert error.__context__ is None
    assert traceback.extract_tb(error.__traceback__)[-1].name == "failing"
    made = failing()
    await anext(made)
    with pytest.raises(KeyboardInterrupt) as out:
        await made.athrow(thrown)
    assert out.value is thrown
    assert thrown.__context__ is None


async def test_an_async_generator_that_ignores_closing_is_reported_as_ever(decorate: Decorate) -> None:
    """Python's own RuntimeError."""

    @decorate
    async def stubborn() -> AsyncGenerator[int]:
        while True:
            try:
                yield 1
            except GeneratorExit:
                yield 2
                return

    made = stubborn()
    await anext(made)
    with pytest.raises(RuntimeError, match="async generator ignored GeneratorExit"):
        await made.aclose()


async def test_async_context_managers_over_decorated_generators(decorate: Decorate) -> None:
    """`asynccontextmanager` enters, catches and leaves."""
    events: list[str] = []

    @contextlib.asynccontextmanager
    @decorate
    async def room(name: str) -> AsyncIterator[str]:
        events.append("in")
        try:
            yield name
        except ValueError:
            events.append("caught")
        finally:
            await asyncio.sleep(0)
            events.append("out")

    async with room("one") as name:
        assert name == "one"
    async with room("two"):
        raise ValueError
    error = KeyError()
    with pytest.raises(KeyError) as caught:
        async with room("three"):
            raise error
    assert caught.value is error
    assert events == ["in", "out", "in", "caught", "out", "in", "out"]


async def test_a_consumer_that_is_cancelled_closes_its_stream(decorate: Decorate) -> None:
    """The body sees the cancellation where it waits."""
    events: list[str] = []

    @decorate
    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            events.append("cancelled")
            raise
        finally:
            events.append("cleaned")

    async def consume() -> None:
        async for _ in numbers():
            pass

    task = asyncio.create_task(consume())
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["cancelled", "cleaned"]


async def test_items_may_be_taken_by_different_tasks(decorate: Decorate) -> None:
    """Each step in a task and context of its own, closed in another."""

    @decorate
    async def numbers() -> AsyncGenerator[int]:
        for number in range(5):
            await asyncio.sleep(0)
            yield number

    made = numbers()
    found = [await asyncio.create_task(take(made)) for _ in range(3)]
    await asyncio.create_task(close(made))
    assert found == [0, 1, 2]
    interleaved = [numbers(), numbers()]
    assert [await anext(each) for _ in range(2) for each in interleaved] == [0, 0, 1, 1]
    for each in interleaved:
        await each.aclose()


async def take(made: AsyncIterator[Any]) -> Any:
    """The next item."""
    return await anext(made)


async def close(made: AsyncGenerator[Any]) -> None:
    """Close it."""
    await made.aclose()


async def test_a_dropped_async_generator_is_closed_by_the_loop(decorate: Decorate) -> None:
    """Its clean-up is awaited by the event loop's hook, and what it held is freed."""
    cleaned = asyncio.Event()

    @decorate
    async def numbers(thing: Thing) -> AsyncIterator[Any]:
        try:
            while True:
                yield thing
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    thing = Thing()
    watched = weakref.ref(thing)
    made = numbers(thing)
    await anext(made)
    del thing, made
    gc.collect()
    await asyncio.wait_for(cleaned.wait(), 10)
    await asyncio.sleep(0)
    gc.collect()
    assert watched() is None


async def test_nothing_is_kept_alive_by_a_coroutine(decorate: Decorate) -> None:
    """Arguments and result are freed with their last user."""

    @decorate
    async def work(thing: Thing) -> Thing:
        await asyncio.sleep(0)
        return Thing()

    thing = Thing()
    result = await work(thing)
    watched = [weakref.ref(thing), weakref.ref(result)]
    del thing, result
    assert [ref() for ref in watched] == [None, None]


async def test_between_items_nothing_of_ours_is_current(decorate: Decorate) -> None:
    """What the consumer does is not inside the stream's span."""
    before = context.current_span()

    @decorate
    async def numbers() -> AsyncIterator[Any]:
        for _ in range(3):
            await asyncio.sleep(0)
            yield context.current_span()

    inside = [(span, context.current_span()) async for span in numbers()]
    assert {id(outside) for _, outside in inside} == {id(before)}
    assert len({id(span) for span, _ in inside}) == 1
    assert inside[0][0] is not before


async def test_awaiting_costs_at_most_two_frames(decorate: Decorate) -> None:
    """Counted on the stack of the body."""

    async def depth() -> int:
        return sum(1 for _ in traceback.walk_stack(inspect.currentframe()))

    assert 0 <= await decorate(depth)() - await depth() <= 2


async def test_coroutines_may_be_driven_by_hand(decorate: Decorate) -> None:
    """`send`, `throw` and `close`, as event loops that are not asyncio do."""
    events: list[Any] = []

    @types.coroutine
    def ask(question: str) -> Generator[Any, Any, Any]:
        return (yield question)

    @decorate
    async def talk() -> str:
        try:
            events.append(await ask("name?"))
            return await ask("more?")
        except GeneratorExit:
            events.append("closed")
            raise

    made = talk()
    assert made.send(None) == "name?"
    assert made.send("Ada") == "more?"
    error = ValueError()
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - it is compared by identity
        made.throw(error)
    assert caught.value is error
    closed = talk()
    closed.send(None)
    closed.close()
    assert events == ["Ada", "closed"]
