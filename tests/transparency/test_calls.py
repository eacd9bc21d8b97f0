"""Calls of decorated functions: what goes in, what comes out, and what is left behind."""

import contextvars
import gc
import inspect
import io
import itertools
import sys
import traceback
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError as FutureCancelled
from typing import Any, NoReturn

import pytest

Decorate = Callable[[Any], Any]


class Thing:
    """An object that can be watched dying."""


def frames_between(decorate: Decorate, *, decorated: bool) -> int:
    """How deep the stack is inside a function, from the line that calls it."""

    def depth() -> int:
        return sum(1 for _ in traceback.walk_stack(inspect.currentframe()))

    here = sum(1 for _ in traceback.walk_stack(inspect.currentframe()))
    return (decorate(depth) if decorated else depth)() - here


def _never(*_: Any) -> NoReturn:
    raise SystemExit("code of the program's object ran")


never: Any = _never
never_asked: Any = property(_never)


class Evil:
    """An object none of whose code may run: each attempt is an error that nobody could expect."""

    __repr__ = __str__ = __bytes__ = __format__ = __dir__ = __iter__ = __len__ = __bool__ = never
    __getattr__ = __hash__ = __eq__ = __lt__ = __call__ = __index__ = __int__ = __float__ = never
    __reduce_ex__ = __reduce__ = __copy__ = __deepcopy__ = __getstate__ = __sizeof__ = never
    keys = items = dict = model_dump = to_dict = to_json = json = __json__ = __html__ = never
    __array__ = __dataclass_fields__ = __attrs_attrs__ = __struct_fields__ = never_asked
    __class__ = __dict__ = never_asked  # pyright: ignore[reportIncompatibleMethodOverride] - that it is wrong is the point


class EvilMeta(type):
    """A metaclass whose classes answer nothing."""

    __instancecheck__ = __subclasscheck__ = __repr__ = __call__ = never


class EvilDict(dict[Any, Any]):
    """A dictionary with code of its own."""

    __iter__ = __len__ = __getitem__ = keys = items = values = get = __repr__ = never


class EvilStr(str):
    """A string with code of its own."""

    __slots__ = ()
    __str__ = __repr__ = __len__ = __iter__ = __hash__ = __eq__ = encode = __format__ = __getitem__ = never


class EvilList(list[Any]):
    """A list with code of its own."""

    __iter__ = __len__ = __getitem__ = __repr__ = __reversed__ = never


class EvilInt(int):
    """A number with code of its own."""

    __str__ = __repr__ = __index__ = __int__ = __hash__ = __eq__ = __bool__ = never


def cyclic() -> list[Any]:
    """A list that contains itself."""
    value: list[Any] = []
    value.append(value)
    return value


def deep(levels: int = 100_000) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


AWKWARD: dict[str, Callable[[], Any]] = {
    "nan": lambda: [float("nan"), float("inf"), -0.0],
    "huge integer": lambda: 10**5000,
    "lone surrogate": lambda: {"\ud800": "\udfff text"},
    "cyclic": cyclic,
    "deep": deep,
    "keys of every kind": lambda: {1: 1, None: 2, (3, 4): 3, b"x": 4, 5.5: 5},
    "bytes": lambda: [b"\xff\x00", bytearray(b"\xfe"), memoryview(b"x")],
    "sets": lambda: {frozenset({1}), "x"},
    "wide": lambda: list(range(100_000)),
    "large": lambda: "x" * (64 << 20),
    "large bytes": lambda: bytes(64 << 20),
    "class": lambda: Thing,
    "evil": Evil,
    "evil class": lambda: EvilMeta("Cursed", (), {}),
    "evil dict": lambda: EvilDict(a=1),
    "evil str": lambda: EvilStr("x"),
    "evil list": lambda: EvilList([1]),
    "evil int": lambda: EvilInt(3),
    "evil inside": lambda: {"a": [Evil(), (EvilStr("x"), EvilInt(1))], "b": EvilDict(c=Evil())},
    "module": lambda: sys,
    "exception": lambda: ValueError(Evil()),
}


@pytest.mark.parametrize("awkward", AWKWARD)
def test_every_object_goes_in_and_comes_out_itself(decorate_some: Decorate, awkward: str) -> None:
    """By position, by name and as the result, it is the very object; none of its code runs."""
    value = AWKWARD[awkward]()
    seen: list[bool] = []

    @decorate_some
    def give_back(first: Any, *rest: Any, named: Any, **others: Any) -> Any:
        seen.append(all(each is value for each in (first, *rest, named, *others.values())))
        return first

    assert give_back(value, value, named=value, other=value) is value
    assert seen == [True]


@pytest.mark.parametrize("awkward", AWKWARD)
def test_every_object_may_be_raised_with(decorate_some: Decorate, awkward: str) -> None:
    """An exception that holds anything comes out as the very object, its arguments untouched."""
    value = AWKWARD[awkward]()
    error = LookupError(value)

    @decorate_some
    def fail() -> NoReturn:
        raise error

    with pytest.raises(LookupError) as caught:
        fail()
    assert caught.value is error
    assert error.args[0] is value


def test_arguments_are_not_consumed(decorate: Decorate) -> None:
    """Iterators, generators, files and ranges arrive as full as they were given."""

    def numbers() -> Iterator[int]:
        yield from (1, 2, 3)

    @decorate
    def read(iterator: Any, generator: Any, file: Any, mapped: Any) -> Any:
        return list(iterator), list(generator), file.read(), list(mapped)

    file = io.StringIO("text")
    result = read(iter([1, 2]), numbers(), file, mapped=map(str, [1]))
    assert result == ([1, 2], [1, 2, 3], "text", ["1"])


def test_results_are_not_consumed(decorate: Decorate) -> None:
    """An iterator that is handed out has lost nothing."""

    @decorate
    def give() -> Any:
        return iter([1, 2]), io.BytesIO(b"ab"), itertools.count()

    iterator, file, count = give()
    assert (next(iterator), file.read(), next(count)) == (1, b"ab", 0)


def test_an_iterator_handed_out_stays_itself(decorate: Decorate) -> None:
    """Also where the iterator is the result."""
    made = iter([1, 2])

    @decorate
    def give() -> Any:
        return made

    assert give() is made


def test_nothing_is_kept_alive(decorate: Decorate) -> None:
    """After the call nobody but the caller refers to arguments and result."""

    @decorate
    def work(given: Any, *, named: Any) -> Any:
        return Thing()

    given, named = Thing(), Thing()
    result = work(given, named=named)
    watched = [weakref.ref(each) for each in (given, named, result)]
    del given, named, result
    assert [ref() for ref in watched] == [None] * 3


def test_nothing_is_kept_alive_by_an_exception(decorate: Decorate) -> None:
    """Once the exception is gone, so is everything that it held; the garbage collector is not needed."""

    @decorate
    def fail(given: Any) -> NoReturn:
        raise ValueError

    gc.disable()
    try:
        given = Thing()
        watched = weakref.ref(given)
        try:
            fail(given)
        except ValueError as error:
            error.__traceback__ = None
        del given
        assert watched() is None
    finally:
        gc.enable()


class Farewell(BaseException):
    """An exception that is no Exception."""


class Fussy(Exception):  # noqa: N818 - it is no error of anybody's
    """An exception that cannot be shown, copied, or compared."""

    __str__ = __repr__ = __reduce__ = __eq__ = __hash__ = __bool__ = never


ERRORS: tuple[Callable[[], BaseException], ...] = (
    ValueError,
    KeyboardInterrupt,
    lambda: SystemExit(3),
    GeneratorExit,
    lambda: StopIteration(5),
    lambda: StopAsyncIteration(6),
    FutureCancelled,
    Farewell,
    Fussy,
    lambda: ExceptionGroup("several", [ValueError(1), ExceptionGroup("more", [KeyError(2)])]),
    lambda: BaseExceptionGroup("worse", [KeyboardInterrupt(), ValueError()]),
    RecursionError,
    MemoryError,
    lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"),
    lambda: AssertionError(cyclic()),
)


@pytest.mark.parametrize("make", ERRORS)
def test_exceptions_come_out_as_they_were_raised(decorate: Decorate, make: Callable[[], BaseException]) -> None:
    """The same object with its cause, context, notes and arguments; the user's frames are the last of the traceback."""
    cause, error = OSError("cause"), make()
    error.add_note("a note")
    arguments = error.args

    def inner() -> NoReturn:
        raise error from cause

    @decorate
    def outer() -> NoReturn:
        inner()
        raise AssertionError

    with pytest.raises(BaseException) as caught:  # noqa: PT011 - every kind of exception is what this is about
        outer()
    assert caught.value is error
    assert error.__cause__ is cause
    assert error.__notes__ == ["a note"]
    assert error.args is arguments
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert names[-2:] == ["outer", "inner"]
    assert names.count("outer") == names.count("inner") == 1


def test_the_context_of_an_exception_is_the_programs(decorate: Decorate) -> None:
    """An exception raised while another is handled has that one as its context, and a fresh one has none."""

    @decorate
    def fail() -> NoReturn:
        raise KeyError

    with pytest.raises(KeyError) as alone:
        fail()
    assert alone.value.__context__ is None
    outer = ValueError()
    try:
        raise outer
    except ValueError:
        with pytest.raises(KeyError) as nested:
            fail()
    assert nested.value.__context__ is outer


def test_the_exception_being_handled_is_seen_inside(decorate: Decorate) -> None:
    """`sys.exception` and a bare `raise` inside work as without us."""

    @decorate
    def reraise() -> NoReturn:
        raise  # noqa: PLE0704 - what is being handled is the caller's

    error = ValueError()
    caught: list[BaseException] = []
    try:
        try:
            raise error
        except ValueError:
            reraise()
    except ValueError as again:
        caught.append(again)
    assert caught[0] is error
    assert sys.exc_info() == (None, None, None)


def test_a_wrong_call_fails_as_it_does_plain(decorate: Decorate) -> None:
    """The TypeError is Python's own, word for word."""

    def work(first: int, *, named: int) -> None:
        """Do nothing."""

    observed = decorate(work)
    calls: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
        ((), {}),
        ((1,), {}),
        ((1, 2), {"named": 3}),
        ((1,), {"named": 2, "other": 3}),
        ((1,), {"first": 1, "named": 2}),
    )
    for args, kwargs in calls:
        with pytest.raises(TypeError) as plain:
            work(*args, **kwargs)
        with pytest.raises(TypeError) as ours:
            observed(*args, **kwargs)
        assert str(ours.value) == str(plain.value)


@pytest.mark.parametrize(
    "name", ["self", "cls", "args", "kwargs", "name", "session", "wrapped", "function", "tags", "input"]
)
def test_no_argument_name_is_taken(decorate: Decorate, name: str) -> None:
    """Whatever the parameters are called, they are the function's."""
    scope: dict[str, Any] = {}
    exec(f"def work({name}, *, cost=None, **rest): return {name}, cost, rest", scope)
    observed = decorate(scope["work"])
    assert observed(1, cost=2, version=3) == (1, 2, {"version": 3})
    assert observed(**{name: 1}, model=2) == (1, None, {"model": 2})


def test_context_variables_set_inside_are_seen_after(decorate: Decorate) -> None:
    """The function runs in the caller's context, and what it sets there stays."""
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)

    @decorate
    def work() -> int:
        before = variable.get()
        variable.set(before + 1)
        return before

    token = variable.set(5)
    assert (work(), variable.get(), work(), variable.get()) == (5, 6, 6, 7)
    variable.reset(token)


def test_no_context_variable_of_ours_is_left_behind(decorate: Decorate) -> None:
    """After the call the context holds what it held before."""

    @decorate
    def work() -> None:
        """Do nothing."""

    def measure() -> bool:
        work()
        before = dict(contextvars.copy_context())
        work()
        return dict(contextvars.copy_context()) == before

    assert contextvars.copy_context().run(measure)


def test_a_call_costs_at_most_two_frames(decorate: Decorate) -> None:
    """Recursion that fits plain fits with two thirds of its depth gone, not worse."""
    extra = frames_between(decorate, decorated=True) - frames_between(decorate, decorated=False)
    assert 0 <= extra <= 2


def test_endless_recursion_ends_as_recursion(decorate_some: Decorate) -> None:
    """The RecursionError comes out, and the next call works."""

    @decorate_some
    def descend(level: int) -> int:
        return descend(level + 1) if level >= 0 else level

    with pytest.raises(RecursionError):
        descend(0)
    assert descend(-1) == -1


def test_a_function_may_call_itself(decorate: Decorate) -> None:
    """Nested calls of one function each have their own arguments and results."""

    @decorate
    def factorial(number: int) -> int:
        return 1 if number < 2 else number * factorial(number - 1)

    assert factorial(20) == 2432902008176640000


def test_mutable_defaults_and_closures_are_the_functions_own(decorate: Decorate) -> None:
    """State that a function keeps stays where it keeps it."""
    count = 0

    @decorate
    def work(value: int, seen: list[int] = []) -> list[int]:  # noqa: B006 - the shared default is the point
        nonlocal count
        count += 1
        seen.append(value)
        return seen

    assert work(1) is work(2)
    assert work(3, seen=[9]) == [9, 3]
    assert count == 3


def test_standard_streams_and_the_random_generator_are_left_alone(
    decorate: Decorate, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed and no random number is drawn."""
    import random  # noqa: PLC0415 - the module whose state is looked at

    @decorate
    def work() -> int:
        return 1

    state = random.getstate()
    work()
    assert random.getstate() == state
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_calls_are_really_recorded(recorded: Callable[[], list[Any]]) -> None:
    """What this suite finds transparent is not absent."""
    from agentops import decorators  # noqa: PLC0415 - only here by name

    @decorators.tool
    def work(value: int) -> int:
        return value + 1

    work(1)
    assert [(record.name, record.input, record.output) for record in recorded() if record.end] == [
        ("work", {"value": 1}, 2)
    ]
