"""Decorated methods of every kind, in either order with Python's own decorators."""

import functools
import inspect
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Self

import pytest

Decorate = Callable[[Any], Any]


def unchanged(function: Any) -> Any:
    """No decorator."""
    return function


def make(decorate: Decorate) -> Any:  # noqa: C901 - a class with many short methods
    """A class with a decorated method of every kind."""

    class Kinds:
        """One of everything."""

        def __init__(self, base: int) -> None:
            self.base = base

        @decorate
        def method(self, value: int = 1) -> int:
            """Add."""
            return self.base + value

        @classmethod
        @decorate
        def class_over(cls, value: int) -> tuple[type, int]:
            """Say the class."""
            return cls, value

        @decorate
        @classmethod
        def class_under(cls, value: int) -> tuple[type, int]:
            """Say the class."""
            return cls, value

        @staticmethod
        @decorate
        def static_over(value: int) -> int:
            """Give it back."""
            return value

        @decorate
        @staticmethod
        def static_under(value: int) -> int:
            """Give it back."""
            return value

        @property
        @decorate
        def property_over(self) -> int:
            """The base."""
            return self.base

        @decorate
        @property
        def property_under(self) -> int:
            """The base."""
            return self.base

        @property_over.setter
        def property_over(self, value: int) -> None:
            self.base = value

        @functools.cached_property
        @decorate
        def cached(self) -> list[int]:
            """A list, made once."""
            return [self.base]

        @decorate
        def generator(self, count: int) -> Iterator[int]:
            """Numbers."""
            for number in range(count):
                yield self.base + number

        @decorate
        async def coroutine(self, value: int) -> int:
            """Add."""
            return self.base + value

        @decorate
        async def async_generator(self, count: int) -> AsyncIterator[int]:
            """Numbers."""
            for number in range(count):
                yield self.base + number

        @functools.singledispatchmethod
        @decorate
        def dispatched(self, value: Any) -> str:
            """By kind."""
            return "any"

        @dispatched.register
        @decorate
        def _(self, value: int) -> str:
            return f"int {self.base}"

        partial = functools.partialmethod(method, 10)

        @decorate
        def __call__(self, value: int) -> int:
            return self.base * value

        @decorate
        def __enter__(self) -> Any:
            return self

        @decorate
        def __exit__(self, *_: object) -> bool:
            return True

        @decorate
        def __getitem__(self, key: int) -> int:
            return key

    return Kinds


async def test_methods_of_every_kind_answer_as_before(decorate: Decorate) -> None:
    """Bound to instances, to classes, to nothing."""
    kinds = make(decorate)
    one = kinds(1)
    assert (one.method(), one.method(2), one.method(value=3), kinds.method(one, 4)) == (2, 3, 4, 5)
    assert one.class_over(1) == kinds.class_over(1) == one.class_under(1) == kinds.class_under(1) == (kinds, 1)
    assert one.static_over(1) == kinds.static_over(1) == one.static_under(1) == kinds.static_under(1) == 1
    assert (one.property_over, one.property_under) == (1, 1)
    one.property_over = 5
    assert one.property_under == 5
    assert one.cached is one.cached
    assert list(one.generator(2)) == [5, 6]
    assert await one.coroutine(1) == 6
    assert [number async for number in one.async_generator(2)] == [5, 6]
    assert (one.dispatched(""), one.dispatched(1)) == ("any", "int 5")
    assert one.partial() == 15
    assert one(2) == 10
    assert one[7] == 7
    with one as entered:
        assert entered is one
        raise ValueError


async def test_methods_are_inherited_and_overridden(decorate: Decorate) -> None:
    """`super()` finds the decorated method above, class methods get the class below."""
    kinds = make(decorate)

    class Below(kinds):
        """A subclass."""

        @decorate
        def method(self, value: int = 1) -> int:
            """Add and double."""
            above: Any = super()
            return above.method(value) * 2

        async def coroutine(self, value: int) -> int:
            """Add and double."""
            above: Any = super()
            return await above.coroutine(value) * 2

    below = Below(1)
    assert below.method(2) == 6
    assert await below.coroutine(2) == 6
    assert below.class_over(1) == below.class_under(1) == (Below, 1)


def test_methods_are_inspected_as_before(decorate: Decorate) -> None:
    """Signatures, kinds and documentation, through the class and through an instance."""
    plain, observed = make(unchanged), make(decorate)
    names: list[str] = list(plain.__dict__)
    for name in names:
        if name.startswith("__") and name != "__call__":
            continue
        before: Any = inspect.getattr_static(plain, name)
        after: Any = inspect.getattr_static(observed, name)
        assert type(after) is type(before), name
        if type(before) not in {property, functools.cached_property, functools.singledispatchmethod}:
            for ours, theirs in ((observed, plain), (observed(1), plain(1))):
                assert inspect.signature(getattr(ours, name)) == inspect.signature(getattr(theirs, name)), name
                assert type(getattr(ours, name)) is type(getattr(theirs, name)), name
        assert inspect.getdoc(after) == inspect.getdoc(before), name


def test_a_bound_method_refers_to_its_object_alone(decorate: Decorate) -> None:
    """`__self__`, `__func__`, comparison and weak references work; nothing else keeps the object alive."""
    kinds = make(decorate)
    one = kinds(1)
    assert one.method.__self__ is one
    assert one.method.__func__ is kinds.method
    assert one.method == one.method
    weak = weakref.WeakMethod(one.method)
    method = weak()
    assert method is not None
    assert method(1) == 2
    one.method(1)
    del one, method
    assert weak() is None


def test_deleting_an_object_calls_its_decorated_finaliser(decorate: Decorate) -> None:
    """`__del__` runs once, at once."""
    gone: list[int] = []

    class Mortal:
        """Something that says goodbye."""

        @decorate
        def __del__(self) -> None:
            gone.append(1)

    Mortal()
    assert gone == [1]


def test_a_decorated_new_and_init_make_objects(decorate: Decorate) -> None:
    """Construction by hand."""

    class Made:
        """Something with a `__new__`."""

        @decorate
        def __new__(cls, value: int) -> Self:
            return super().__new__(cls)

        @decorate
        def __init__(self, value: int) -> None:
            self.value = value

    made = Made(3)
    assert type(made) is Made
    assert made.value == 3
    with pytest.raises(TypeError, match="value"):
        Made()
