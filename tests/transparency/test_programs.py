"""Random programs of generators, async generators and coroutines: decorated and plain, they leave the same trace."""

import asyncio
import contextvars
import os
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentops import decorators

EXAMPLES = 20_000 if os.environ.get("AGENTOPS_SOAK") else 100
Use = Callable[[Any], Any]
USES: tuple[Use, ...] = (decorators.tool, decorators.agent(), decorators.session)
KINDS: tuple[type[BaseException], ...] = (
    ValueError,
    KeyboardInterrupt,
    StopIteration,
    StopAsyncIteration,
    GeneratorExit,
    asyncio.CancelledError,
    RuntimeError,
)
variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)


@dataclass(frozen=True)
class Yield:
    """Give a value, note what comes back."""

    value: int


@dataclass(frozen=True)
class Raise:
    """Raise an exception."""

    kind: type[BaseException]


@dataclass(frozen=True)
class Return:
    """Return a value."""

    value: int | None


@dataclass(frozen=True)
class Set:
    """Note a context variable and set it."""

    value: int


@dataclass(frozen=True)
class Pause:
    """Give control to the event loop."""


@dataclass(frozen=True)
class Delegate:
    """Run a body as a generator of its own, decorated like the outermost."""

    body: "Body"


@dataclass(frozen=True)
class Try:
    """Run a body; catch kinds of exceptions, or none; clean up."""

    body: "Body"
    catches: tuple[type[BaseException], ...]
    handler: "Body"
    finally_: "Body"


Statement = Yield | Raise | Return | Set | Pause | Delegate | Try
Body = tuple[Statement, ...]

kinds = st.sampled_from(KINDS)
values = st.integers(0, 3)
simple: st.SearchStrategy[Statement] = st.one_of(
    st.builds(Yield, values),
    st.builds(Yield, values),
    st.builds(Raise, kinds),
    st.builds(Return, values | st.none()),
    st.builds(Set, values),
    st.builds(Pause),
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Statements that hold statements."""
    body = st.lists(inner, max_size=4).map(tuple)
    catches = st.sampled_from(((), (BaseException,), *((kind,) for kind in KINDS)))
    return st.builds(Delegate, body) | st.builds(Try, body, catches, body, body)


bodies: st.SearchStrategy[Body] = st.lists(st.recursive(simple, nested, max_leaves=12), max_size=6).map(tuple)
steps = st.lists(
    st.one_of(
        st.just(("next", None)),
        st.just(("next", None)),
        st.tuples(st.just("send"), values),
        st.tuples(st.just("throw"), kinds),
        st.just(("close", None)),
    ),
    max_size=8,
)
Steps = Sequence[tuple[str, Any]]
Log = list[Any]


class Done(Exception):  # noqa: N818 - it carries a result
    """How a nested statement returns from the whole body."""


def generator_of(body: Body, log: Log, use: Use) -> Generator[Any, Any, Any]:  # noqa: C901 - an interpreter
    """A body as a generator."""

    @use
    def program() -> Generator[Any, Any, Any]:
        try:
            yield from walk(body)
        except Done as done:
            return done.args[0]

    def walk(statements: Body) -> Generator[Any, Any, None]:  # noqa: C901 - a case each
        for statement in statements:
            match statement:
                case Yield(value):
                    log.append(("got", (yield value)))
                case Raise(kind):
                    raise kind("raised")
                case Return(value):
                    raise Done(value)
                case Set(value):
                    log.append(("saw", variable.get()))
                    variable.set(value)
                case Pause():
                    pass
                case Delegate(inner):
                    log.append(("result", (yield from generator_of(inner, log, use))))
                case Try(inner, catches, handler, finally_):
                    try:
                        yield from walk(inner)
                    except catches as error:
                        if isinstance(error, Done):
                            raise
                        log.append(("caught", shown(error)))
                        yield from walk(handler)
                    finally:
                        log.append(("leaving", shown(sys.exception())))
                        yield from walk(finally_)

    return program()


def shown(error: BaseException | None) -> Any:
    """An exception as a value that compares."""
    if error is None:
        return None
    return type(error).__name__, str(error), shown(error.__cause__), shown(error.__context__)


def attempt(log: Log, action: Callable[[], Any]) -> None:
    """Do it, and log how it went."""
    try:
        log.append(("gave", action()))
    except BaseException as error:  # noqa: BLE001 - every kind of exception is what this is about
        log.append(("out", shown(error), getattr(error, "value", None)))
        error.__traceback__ = None


def trace_of(body: Body, steps: Steps, use: Use) -> Log:
    """What a generator and its caller see."""
    log: Log = []

    def run() -> None:
        made: Any = generator_of(body, log, use)
        for step, value in steps:
            match step:
                case "next":
                    attempt(log, lambda: next(made))
                case "send":
                    attempt(log, lambda value=value: made.send(value))
                case "throw":
                    attempt(log, lambda value=value: made.throw(value("thrown")))
                case _:
                    attempt(log, made.close)
            log.append(("between", variable.get(), made.gi_running, made.gi_frame is None))
        attempt(log, made.close)

    contextvars.Context().run(run)
    return log


def plain(function: Any) -> Any:
    """No decorator."""
    return function


quick = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


# A random program may leave a generator whose clean-up raises: Python warns of it, decorated or not.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("use", USES)
@given(body=bodies, steps=steps)
@quick
def test_generators_leave_the_same_trace(use: Use, body: Body, steps: Steps) -> None:
    """Whatever they yield, catch, return and are sent."""
    assert trace_of(body, steps, use) == trace_of(body, steps, plain)


def async_generator_of(body: Body, log: Log, use: Use) -> AsyncGenerator[Any, Any]:  # noqa: C901 - as above
    """A body as an async generator."""

    @use
    async def program() -> AsyncGenerator[Any, Any]:
        walker = walk(body)
        sent: Any = None
        try:
            # An async generator has no `yield from`; this one passes everything on by hand.
            step: Any = walker.asend(None)
            while True:
                try:
                    item = await step
                except StopAsyncIteration:
                    return
                try:
                    sent = yield item
                    step = walker.asend(sent)
                except GeneratorExit:
                    await walker.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - every kind is passed on
                    step = walker.athrow(error)
        except Done:
            return

    async def walk(statements: Body) -> AsyncGenerator[Any, Any]:  # noqa: C901, PLR0912 - a case each
        for statement in statements:
            match statement:
                case Yield(value):
                    log.append(("got", (yield value)))
                case Raise(kind):
                    raise kind("raised")
                case Return():
                    raise Done
                case Set(value):
                    log.append(("saw", variable.get()))
                    variable.set(value)
                case Pause():
                    await asyncio.sleep(0)
                case Delegate(inner):
                    async for item in async_generator_of(inner, log, use):
                        log.append(("got", (yield item)))
                case Try(inner, catches, handler, finally_):
                    try:
                        async for item in walk(inner):
                            log.append(("got", (yield item)))
                    except catches as error:
                        if isinstance(error, Done):
                            raise
                        log.append(("caught", shown(error)))
                        async for item in walk(handler):
                            yield item
                    finally:
                        log.append(("leaving", shown(sys.exception())))
                        await asyncio.sleep(0)
                        for left in finally_:
                            log.append(("cleaning", type(left).__name__))

    return program()


async def attempt_async(log: Log, awaitable: Any) -> None:
    """Await it, and log how it went."""
    try:
        log.append(("gave", await awaitable))
    except BaseException as error:  # noqa: BLE001 - every kind of exception is what this is about
        log.append(("out", shown(error)))
        error.__traceback__ = None


async def drive(log: Log, body: Body, steps: Steps, use: Use) -> None:
    """Take an async generator through the steps, in one task."""
    made: Any = async_generator_of(body, log, use)
    for step, value in steps:
        match step:
            case "next":
                await attempt_async(log, anext(made))
            case "send":
                await attempt_async(log, made.asend(value))
            case "throw":
                await attempt_async(log, made.athrow(value("thrown")))
            case _:
                await attempt_async(log, made.aclose())
        log.append(("between", variable.get(), made.ag_running, made.ag_frame is None, turns[0]))
    await attempt_async(log, made.aclose())


turns = [0]


def run_loop(main: Callable[[], Any]) -> None:
    """Run on a fresh loop that counts its turns."""

    async def counted() -> None:
        loop = asyncio.get_running_loop()
        turns[0] = 0

        def count() -> None:
            turns[0] += 1
            handle[0] = loop.call_soon(count)

        handle = [loop.call_soon(count)]
        try:
            await main()
        finally:
            handle[0].cancel()

    contextvars.Context().run(asyncio.run, counted())


def async_trace_of(body: Body, steps: Steps, use: Use) -> Log:
    """What an async generator and its caller see, with the turns of the loop at every step.

    What generators see that are left over is left out: the loop closes them all at once, in no certain order
    (https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.shutdown_asyncgens).
    """
    log: Log = []
    seen: Log = []

    async def main() -> None:
        await drive(log, body, steps, use)
        seen.extend(log)

    run_loop(main)
    return seen


# A random program may leave an async generator whose clean-up awaits: Python warns of it, decorated or not.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("use", USES)
@given(body=bodies, steps=steps)
@quick
def test_async_generators_leave_the_same_trace(use: Use, body: Body, steps: Steps) -> None:
    """Whatever they yield, await, catch and are sent, in the same number of turns."""
    assert async_trace_of(body, steps, use) == async_trace_of(body, steps, plain)


async def walk_coroutine(body: Body, log: Log, use: Use) -> Any:  # noqa: C901 - as above
    """A body as a coroutine: what would be yielded is awaited."""

    @use
    async def program() -> Any:
        try:
            await walk(body)
        except Done as done:
            return done.args[0]
        return "end"

    async def walk(statements: Body) -> None:
        for statement in statements:
            match statement:
                case Yield() | Pause():
                    await asyncio.sleep(0)
                case Raise(kind):
                    raise kind("raised")
                case Return(value):
                    raise Done(value)
                case Set(value):
                    log.append(("saw", variable.get()))
                    variable.set(value)
                case Delegate(inner):
                    log.append(("result", await walk_coroutine(inner, log, use)))
                case Try(inner, catches, handler, finally_):
                    try:
                        await walk(inner)
                    except catches as error:
                        if isinstance(error, Done):
                            raise
                        log.append(("caught", shown(error)))
                        await walk(handler)
                    finally:
                        log.append(("leaving", shown(sys.exception())))
                        await walk(finally_)

    return await program()


def coroutine_trace_of(body: Body, cancel_after: int, timeout: bool, use: Use) -> Log:  # noqa: FBT001
    """What a coroutine and the one who cancels it see."""
    log: Log = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(0 if timeout else None):
            task = asyncio.create_task(guarded())
            for _ in range(cancel_after):
                await asyncio.sleep(0)
            log.append(("cancelling", task.cancel("by the caller"), loop.is_running()))
            await asyncio.wait([task])
            log.append(("cancelled", task.cancelled(), turns[0]))

    async def guarded() -> None:
        await attempt_async(log, walk_coroutine(body, log, use))

    async def attempt_main() -> None:
        await attempt_async(log, main())

    run_loop(attempt_main)
    return log


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("use", USES)
@given(body=bodies, cancel_after=st.integers(0, 5), timeout=st.booleans())
@quick
def test_coroutines_leave_the_same_trace(
    use: Use,
    body: Body,
    cancel_after: int,
    timeout: bool,  # noqa: FBT001
) -> None:
    """Whatever they await, raise and catch, and whenever they are cancelled or time out."""
    assert coroutine_trace_of(body, cancel_after, timeout, use) == coroutine_trace_of(
        body, cancel_after, timeout, plain
    )
