"""Decorated functions as others look at them: inspection, pickling, and the decorators of other people."""

import abc
import contextlib
import copy
import doctest
import functools
import importlib
import inspect
import pickle
import sys
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints
from unittest import mock

import pytest

Decorate = Callable[[Any], Any]
T = typing.TypeVar("T")


def plain(first: int, /, second: "str" = "x", *rest: float, named: list[T] | None = None, **more: Any) -> dict[str, T]:
    """What it does."""
    return {}


def generator(count: int) -> Iterator[int]:
    """Give numbers."""
    yield from range(count)


async def coroutine(value: int) -> int:
    """Give the value."""
    return value


async def async_generator(count: int) -> AsyncIterator[int]:
    """Give numbers."""
    for number in range(count):
        yield number


def hands_out_coroutine(value: int) -> Awaitable[int]:
    """Give an awaitable."""
    return coroutine(value)


FUNCTIONS = (plain, generator, coroutine, async_generator, hands_out_coroutine)
PREDICATES = (
    inspect.isfunction,
    inspect.isroutine,
    inspect.ismethod,
    inspect.isbuiltin,
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
    inspect.isawaitable,
    inspect.isabstract,
    callable,
)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_inspection_answers_the_same(decorate: Decorate, function: Callable[..., Any]) -> None:
    """What `inspect` and `typing` say of the function, they say of the decorated one."""
    observed = decorate(function)
    assert type(observed) is type(function)
    assert [predicate(observed) for predicate in PREDICATES] == [predicate(function) for predicate in PREDICATES]
    assert inspect.signature(observed) == inspect.signature(function)
    assert get_type_hints(observed) == get_type_hints(function)
    assert inspect.getdoc(observed) == inspect.getdoc(function)
    assert inspect.getsource(observed) == inspect.getsource(function)
    assert inspect.getfile(inspect.unwrap(observed)) == __file__
    for name in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__"):
        assert getattr(observed, name) == getattr(function, name)
    assert inspect.unwrap(observed) is function


def test_attributes_of_the_function_are_kept(decorate: Decorate) -> None:
    """What others hung on the function hangs on the decorated one, and more can be hung there."""

    def work() -> None:
        """Do nothing."""

    vars(work)["schema"] = {"type": "object"}
    observed = decorate(work)
    assert observed.schema == {"type": "object"}
    observed.more = 1
    assert vars(observed)["more"] == 1


SHOP = '''
"""A module of a program."""
import asyncio, functools
from transparency_uses import use

@use
def double(value):
    """Twice the value.

    >>> double(2)
    4
    """
    return value * 2

@use
def count(limit):
    yield from range(limit)

@use
async def wait(value):
    return value

@use
async def stream(limit):
    for number in range(limit):
        yield number

@use
class Basket:
    """What somebody wants.

    >>> Basket([1]).total()
    1
    """
    def __init__(self, prices):
        self.prices = prices
    def total(self):
        """The sum.

        >>> Basket([1, 2]).total()
        3
        """
        return sum(self.prices)
    @classmethod
    @use
    def empty(cls):
        return cls([])
    @staticmethod
    @use
    def unit():
        return "EUR"
    class Inner:
        @use
        def deep(self):
            return "deep"
'''


@pytest.fixture
def shop(decorate: Decorate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A program's module whose functions and class are decorated."""
    uses = ModuleType("transparency_uses")
    vars(uses)["use"] = decorate
    monkeypatch.setitem(sys.modules, "transparency_uses", uses)
    (tmp_path / "transparency_shop.py").write_text(SHOP)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield importlib.import_module("transparency_shop")
    del sys.modules["transparency_shop"]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_what_is_decorated_is_pickled_by_reference(shop: Any, protocol: int) -> None:
    """Functions, methods, classes and instances come back as themselves or as equals."""
    for each in (shop.double, shop.count, shop.wait, shop.stream, shop.Basket):
        assert pickle.loads(pickle.dumps(each, protocol)) is each
    basket = pickle.loads(pickle.dumps(shop.Basket([1, 2]), protocol))
    assert type(basket) is shop.Basket
    assert vars(basket) == {"prices": [1, 2]}
    if protocol >= 4:
        for each in (shop.Basket.total, shop.Basket.unit, shop.Basket.Inner.deep):
            assert pickle.loads(pickle.dumps(each, protocol)) is each
        assert pickle.loads(pickle.dumps(shop.Basket.empty, protocol))().prices == []
        assert pickle.loads(pickle.dumps(basket.total, protocol))() == 3


def test_what_is_decorated_is_copied_as_it_would_be_plain(shop: Any) -> None:
    """Functions and classes are their own copies; instances are copied by value."""
    for each in (shop.double, shop.count, shop.Basket):
        assert copy.copy(each) is copy.deepcopy(each) is each
    basket = shop.Basket([1])
    copied = copy.deepcopy(basket)
    assert copied.prices == [1]
    assert copied.prices is not basket.prices
    assert copied.total() == 1


def test_doctests_are_found_and_pass(shop: Any) -> None:
    """In functions, classes and methods."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for test in finder.find(shop, "shop") if test.examples]
    assert {test.name for test in found} == {"shop.double", "shop.Basket", "shop.Basket.total"}
    runner = doctest.DocTestRunner(verbose=False)
    for test in found:
        runner.run(test)
    assert (runner.failures, runner.tries) == (0, 3)


def test_functools_wraps_over_and_under(decorate: Decorate) -> None:
    """Another decorator may stand above or below."""

    def twice(function: Callable[[int], int]) -> Callable[[int], int]:
        @functools.wraps(function)
        def wrapper(value: int) -> int:
            return function(value) * 2

        return wrapper

    @twice
    @decorate
    @twice
    def work(value: int) -> int:
        return value + 1

    assert work(1) == 8
    assert list(inspect.signature(work).parameters) == ["value"]


def test_lru_cache_over_and_under(decorate: Decorate) -> None:
    """A cache above calls once; a cache below keeps its methods."""
    calls: list[int] = []

    def work(value: int) -> int:
        calls.append(value)
        return value

    above: Any = functools.lru_cache(decorate(work))
    assert [above(1), above(1)] == [1, 1]
    assert calls == [1]
    below = decorate(functools.lru_cache(work))
    assert [below(2), below(2)] == [2, 2]
    assert calls == [1, 2]
    below.cache_clear()
    assert below.cache_info().currsize == 0
    assert below(2) == 2
    assert calls == [1, 2, 2]


def test_partial_over_and_under(decorate: Decorate) -> None:
    """A partial of a decorated function, and a decorated partial."""

    def work(first: int, second: int, *, third: int = 0) -> tuple[int, int, int]:
        return first, second, third

    assert functools.partial(decorate(work), 1, third=3)(2) == (1, 2, 3)
    assert decorate(functools.partial(work, 1, third=3))(2) == (1, 2, 3)


def test_callables_without_a_name_may_be_decorated(decorate: Decorate) -> None:
    """Objects with `__call__`, builtins, lambdas and bound methods."""

    class Adder:
        """An object that is called."""

        def __call__(self, value: int) -> int:
            return value + 1

        def add(self, value: int) -> int:
            """The same as a method."""
            return value + 1

    assert decorate(Adder())(1) == 2
    assert decorate(Adder().add)(1) == 2
    assert decorate(len)([1, 2]) == 2
    assert decorate(lambda: 2)() == 2


def test_singledispatch_over_and_under(decorate: Decorate) -> None:
    """Dispatch reads the annotations of decorated implementations, and a decorated dispatcher still registers."""

    @functools.singledispatch
    @decorate
    def show(value: Any) -> str:
        return "any"

    @show.register
    @decorate
    def _(value: int) -> str:
        return "int"

    @show.register(str)
    @decorate
    def _(value: str) -> str:
        return "str"

    assert [show(1), show("x"), show(None)] == ["int", "str", "any"]
    observed = decorate(show)
    assert observed(1) == "int"
    observed.register(bytes, repr)
    assert observed(b"") == "b''"


def test_context_managers_over_and_under(decorate: Decorate) -> None:
    """A decorated generator may be a context manager, and what `contextmanager` made may be decorated."""

    @contextlib.contextmanager
    @decorate
    def over(value: int) -> Generator[int]:
        events.append("in")
        try:
            yield value
        except ValueError:
            events.append("caught")
        finally:
            events.append("out")

    events: list[str] = []
    with over(1) as value:
        assert value == 1
    with over(2):
        raise ValueError
    error = KeyError()
    with pytest.raises(KeyError) as caught, over(3):
        raise error
    assert caught.value is error
    assert events == ["in", "out", "in", "caught", "out", "in", "out"]
    under = decorate(inspect.unwrap(over) and contextlib.contextmanager(generator_of_one))
    with under() as one:
        assert one == 1


def generator_of_one() -> Generator[int]:
    """Give one."""
    yield 1


def test_an_autospec_knows_the_signature(decorate: Decorate) -> None:
    """Mocks made after decorated functions refuse wrong calls."""
    spec, plain_spec = mock.create_autospec(decorate(coroutine)), mock.create_autospec(coroutine)
    assert inspect.iscoroutinefunction(spec) == inspect.iscoroutinefunction(plain_spec)
    function = mock.create_autospec(decorate(plain), return_value=3)
    assert function(1, named=[]) == 3
    with pytest.raises(TypeError):
        function()


def test_a_mock_may_be_decorated(decorate: Decorate) -> None:
    """A stand-in in the program's own tests."""
    stand_in = mock.Mock(return_value=5, __name__="stand_in")
    assert decorate(stand_in)(1, a=2) == 5
    stand_in.assert_called_once_with(1, a=2)
    assert stand_in.mock_calls == [mock.call(1, a=2)]


def test_abstract_methods_stay_abstract(decorate: Decorate) -> None:
    """In either order, classes that lack them cannot be made, those that have them can."""

    class Base(abc.ABC):
        """Something abstract."""

        @abc.abstractmethod
        @decorate
        def over(self) -> int: ...

        @decorate
        @abc.abstractmethod
        def under(self) -> int: ...

    class Concrete(Base):
        """Something concrete."""

        def over(self) -> int:
            """Give one."""
            return 1

        def under(self) -> int:
            """Give two."""
            return 2

    base: Any = Base
    assert base.__abstractmethods__ == {"over", "under"}
    with pytest.raises(TypeError, match="abstract"):
        base()
    assert (Concrete().over(), Concrete().under()) == (1, 2)


def test_decorators_may_be_stacked(decorate: Decorate) -> None:
    """On one function, each calls the next."""

    @decorate
    @decorate
    def work(value: int) -> int:
        """Add one."""
        return value + 1

    assert work(1) == 2
    assert work.__name__ == "work"
    assert list(inspect.signature(work).parameters) == ["value"]


def test_overloads_and_final_are_kept(decorate: Decorate) -> None:
    """What typing hangs on functions stays there."""

    def work() -> int:
        """Give one."""
        return 1

    marked: Any = typing.final
    assert decorate(marked(work)).__final__ is True


@pytest.mark.parametrize("nonsense", [3, "text and more", None, object()])
def test_what_cannot_be_decorated_is_refused_at_once(decorate: Decorate, nonsense: Any) -> None:
    """A number is no function, and that is said where it is written."""
    from agentops import decorators  # noqa: PLC0415 - only here by name

    with pytest.raises(TypeError, match="functions and classes"):
        decorators.task()(nonsense)
