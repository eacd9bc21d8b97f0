"""Decorated generators: the whole protocol, for the caller and for the generator."""

import contextlib
import contextvars
import gc
import inspect
import traceback
import types
import weakref
from collections.abc import Callable, Generator, Iterator
from typing import Any, NoReturn

import pytest

from agentops.recording import context

Decorate = Callable[[Any], Any]


class Thing:
    """An object that can be watched dying."""


def echo(first: Any) -> Generator[Any, Any, Any]:
    """Give back what is sent, until None is sent."""
    value = first
    while value is not None:
        value = yield value
    return "done"


def test_it_is_a_real_generator(decorate: Decorate) -> None:
    """By type and by every predicate; nothing runs before the first `next`."""
    started: list[int] = []

    @decorate
    def numbers() -> Iterator[int]:
        started.append(1)
        yield 1

    made = numbers()
    assert started == []
    assert (type(made),) == (types.GeneratorType,)
    assert inspect.isgenerator(made)
    assert isinstance(made, Generator)
    assert inspect.getgeneratorstate(made) == inspect.GEN_CREATED
    assert made.__name__ == "numbers"
    assert made.__qualname__ == numbers.__qualname__
    assert next(made) == 1
    assert inspect.getgeneratorstate(made) == inspect.GEN_SUSPENDED
    assert made.gi_frame is not None
    assert not made.gi_running
    assert next(made, "end") == "end"
    assert inspect.getgeneratorstate(made) == inspect.GEN_CLOSED
    assert made.gi_frame is None


def test_sent_values_thrown_errors_and_the_return_value_pass(decorate: Decorate) -> None:
    """The objects themselves go in and out."""
    made = decorate(echo)(1)
    thing = Thing()
    assert next(made) == 1
    assert made.send(thing) is thing
    with pytest.raises(StopIteration) as stop:
        made.send(None)
    assert stop.value.value == "done"
    with pytest.raises(StopIteration) as again:
        next(made)
    assert again.value.value is None


def test_starting_with_a_value_fails_as_ever(decorate: Decorate) -> None:
    """Python's own TypeError."""
    made = decorate(echo)(1)
    with pytest.raises(TypeError, match="can't send non-None value to a just-started generator"):
        made.send(5)


def test_thrown_errors_are_the_very_objects(decorate: Decorate) -> None:
    """Caught inside, answered, or passed on; also those that are no Exception."""

    @decorate
    def catching() -> Generator[Any]:
        for _ in range(3):
            try:
                yield "waiting"
            except BaseException as error:  # noqa: BLE001 - every kind is what this is about
                seen.append(error)

    seen: list[BaseException] = []
    errors = [ValueError(), KeyboardInterrupt(), StopIteration(3)]
    made = catching()
    next(made)
    assert [made.throw(errors[0]), made.throw(errors[1])] == ["waiting"] * 2
    with pytest.raises(StopIteration):
        made.throw(errors[2])
    assert [given is got for given, got in zip(errors, seen, strict=True)] == [True] * 3


def test_errors_that_come_out_keep_the_users_frames(decorate: Decorate) -> None:
    """Raised inside or thrown in, the last frames are the user's."""

    def inner() -> NoReturn:
        raise error

    @decorate
    def failing() -> Iterator[int]:
        yield 1
        inner()

    error = KeyError()
    made = failing()
    next(made)
    with pytest.raises(KeyError) as caught:
        next(made)
    assert caught.value is error
    assert error.__context__ is None
    assert [frame.name for frame in traceback.extract_tb(error.__traceback__)][-2:] == ["failing", "inner"]
    thrown = OSError()
    made = failing()
    next(made)
    with pytest.raises(OSError) as out:  # noqa: PT011 - it is compared by identity
        made.throw(thrown)
    assert out.value is thrown
    assert thrown.__context__ is None


def test_a_stop_iteration_raised_inside_becomes_a_runtime_error_as_ever(decorate: Decorate) -> None:
    """PEP 479 holds, with its cause."""
    error = StopIteration(1)

    @decorate
    def wrong() -> Iterator[int]:
        yield 1
        raise error

    made = wrong()
    next(made)
    with pytest.raises(RuntimeError, match="generator raised StopIteration") as caught:
        next(made)
    assert caught.value.__cause__ is error


def test_closing_reaches_the_generator(decorate: Decorate) -> None:
    """`close` runs the generator's own clean-up, once; before the start it runs nothing."""
    events: list[str] = []

    @decorate
    def careful() -> Iterator[int]:
        events.append("start")
        try:
            yield 1
        except GeneratorExit:
            events.append("closing")
            raise
        finally:
            events.append("cleaned")

    made = careful()
    next(made)
    made.close()
    made.close()
    unstarted = careful()
    unstarted.close()
    assert next(unstarted, None) is None
    assert events == ["start", "closing", "cleaned"]


def test_a_generator_that_ignores_closing_is_reported_as_ever(decorate: Decorate) -> None:
    """Python's own RuntimeError."""

    @decorate
    def stubborn() -> Iterator[int]:
        while True:
            try:
                yield 1
            except GeneratorExit:
                yield 2
                return

    made = stubborn()
    next(made)
    with pytest.raises(RuntimeError, match="generator ignored GeneratorExit"):
        made.close()


def test_an_error_while_closing_comes_out(decorate: Decorate) -> None:
    """The clean-up's own exception."""
    error = ValueError()

    @decorate
    def broken() -> Iterator[int]:
        try:
            yield 1
        finally:
            raise error

    made = broken()
    next(made)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - it is compared by identity
        made.close()
    assert caught.value is error


def test_a_dropped_generator_is_cleaned_up_at_once(decorate: Decorate) -> None:
    """Reference counting is enough, and nothing that it held lives on."""
    events: list[str] = []

    @decorate
    def careful(thing: Thing) -> Iterator[Any]:
        try:
            while True:
                yield thing
        finally:
            events.append("cleaned")

    gc.disable()
    try:
        thing = Thing()
        watched = weakref.ref(thing)
        made = careful(thing)
        next(made)
        del thing, made
        assert events == ["cleaned"]
        assert watched() is None
    finally:
        gc.enable()


def test_nothing_is_kept_alive_between_items(decorate: Decorate) -> None:
    """An item belongs to who took it, what was sent to the body, and an error that was thrown in to who caught it."""

    @decorate
    def things() -> Generator[Thing | None, Any]:
        yield Thing()
        while True:
            with contextlib.suppress(ValueError):
                yield None

    gc.disable()
    try:
        made = things()
        thing, sent, error = next(made), Thing(), ValueError(Thing())
        watched = [weakref.ref(thing), weakref.ref(sent), weakref.ref(error.args[0])]
        made.send(sent)
        made.throw(error)
        error.__traceback__ = None
        del thing, sent, error
        assert [ref() for ref in watched] == [None] * 3
    finally:
        gc.enable()


def test_an_error_that_passes_through_is_freed_with_its_last_user(decorate: Decorate) -> None:
    """Thrown in and out again, it is in no cycle with a frame of ours."""
    gc.disable()
    try:
        made, error = decorate(echo)(1), KeyError(Thing())
        watched = weakref.ref(error.args[0])
        next(made)
        with contextlib.suppress(KeyError):
            made.throw(error)
        del made, error
        assert watched() is None
    finally:
        gc.enable()


def test_delegation_goes_both_ways(decorate: Decorate) -> None:
    """`yield from` a decorated generator, and inside one."""

    @decorate
    def outer(first: Any) -> Generator[Any, Any, Any]:
        inner: Generator[Any, Any, Any] = decorate(echo)(first)
        return (yield from inner), "outer"

    made = outer(1)
    assert [next(made), made.send(2)] == [1, 2]
    with pytest.raises(StopIteration) as stop:
        made.send(None)
    assert stop.value.value == ("done", "outer")


def test_one_that_is_running_cannot_be_entered(decorate: Decorate) -> None:
    """Python's own ValueError."""

    @decorate
    def reentrant() -> Iterator[Any]:
        yield next(made)

    made = reentrant()
    with pytest.raises(ValueError, match="generator already executing"):
        next(made)


def test_it_runs_in_the_context_of_who_asks_for_the_next_item(decorate: Decorate) -> None:
    """Context variables that are set between items are seen, and those set inside are seen outside."""
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)

    @decorate
    def look() -> Iterator[int]:
        while True:
            yield variable.get()
            variable.set(variable.get() * 10)

    def walk() -> list[int]:
        made = look()
        found = [next(made)]
        variable.set(3)
        found.append(next(made))
        found.append(variable.get())
        return found

    assert contextvars.copy_context().run(walk) == [0, 30, 30]


def test_items_may_be_taken_in_different_contexts(decorate: Decorate) -> None:
    """Each `next` in a context of its own, interleaved with others, closed in yet another."""
    made, other = decorate(echo)(1), decorate(echo)(10)
    assert contextvars.Context().run(next, made) == 1
    assert contextvars.copy_context().run(next, other) == 10
    assert contextvars.Context().run(made.send, 2) == 2
    contextvars.Context().run(other.close)
    contextvars.copy_context().run(made.close)


def test_between_items_nothing_of_ours_is_current(decorate: Decorate) -> None:
    """What the caller does between items is not inside the generator's span."""
    before = context.current_span()
    inside: list[Any] = []

    @decorate
    def look() -> Iterator[int]:
        for number in range(3):
            inside.append(context.current_span())
            yield number

    for _ in look():
        assert context.current_span() is before
    assert context.current_span() is before
    assert len(set(map(id, inside))) == 1
    assert inside[0] is not before


def test_the_body_sees_the_stack_of_its_caller_at_most_two_deeper(decorate: Decorate) -> None:
    """Per item."""

    def depth() -> Iterator[int]:
        yield len(inspect.stack(0))

    assert 0 <= next(decorate(depth)()) - next(depth()) <= 2


def test_endless_generators_stay_lazy(decorate: Decorate) -> None:
    """Nobody asks for more than the caller does, and memory stays flat."""
    asked: list[int] = []

    @decorate
    def endless() -> Iterator[int]:
        number = 0
        while True:
            asked.append(number)
            yield number
            number += 1

    made = endless()
    assert [next(made) for _ in range(3)] == [0, 1, 2]
    assert asked == [0, 1, 2]


def test_a_dropped_generator_ends_its_span(recorded: Callable[[], list[Any]]) -> None:
    """Closed from outside or dropped, exhausted or failed: each span ends once."""
    from agentops import decorators  # noqa: PLC0415 - only here by name

    numbers = decorators.task(echo)
    list(numbers(None))
    closed = numbers(1)
    next(closed)
    closed.close()
    dropped = numbers(2)
    next(dropped)
    del dropped
    failed = numbers(3)
    next(failed)
    with pytest.raises(ValueError, match="thrown"):
        failed.throw(ValueError("thrown"))
    ended = [(record.input, str(record.status)) for record in recorded() if record.end]
    assert ended == [
        ({"first": None}, "ok"),
        ({"first": 1}, "incomplete"),
        ({"first": 2}, "incomplete"),
        ({"first": 3}, "error"),
    ]
