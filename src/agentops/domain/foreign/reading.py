"""Single values out of other people's objects, by where they stand in them."""

from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, Final, cast

Key = str | int

UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    ReferenceError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What computed attributes of foreign classes raise, by family."""

_COUNT_LIMIT: Final = 2**63 - 1


def at(value: Any, *path: Key) -> Any:
    """What lies under a path of keys, attribute names and list positions; None where it breaks off.

    Stored data is read first and without running the object's code; a property only where nothing is stored.
    """
    for key in path:
        kind = type(value)  # pyright: ignore[reportUnknownVariableType] - a cast costs a call for every step
        if kind is dict:
            value = value.get(key)
        elif kind is list or kind is tuple:
            value = _item(value, key)
        elif value is None:
            return None
        else:
            value = _member(value, key)
    return value


def text(value: Any, *path: Key) -> str | None:
    """The string there, else None."""
    found = at(value, *path) if path else value
    if type(found) is str:
        return found
    return str.__str__(found) if isinstance(found, str) else None


def count(value: Any, *path: Key) -> int | None:
    """The number of things there: an integer, or a float that is one, from zero; True and False are no counts."""
    found = at(value, *path) if path else value
    if type(found) is int and 0 <= found <= _COUNT_LIMIT:
        return found
    if isinstance(found, float) and found.is_integer():
        found = float.__int__(found)
    if not isinstance(found, int) or isinstance(found, bool):
        return None
    exact = int.__index__(found)
    return exact if 0 <= exact <= _COUNT_LIMIT else None


def number(value: Any, *path: Key) -> int | float | None:
    """The finite number there, else None; True and False are no numbers."""
    found = at(value, *path)
    if isinstance(found, float):
        exact = float.__float__(found)
        return exact if isfinite(exact) else None
    return int.__index__(found) if isinstance(found, int) and not isinstance(found, bool) else None


def objects(value: Any, *path: Key) -> list[Any]:
    """The list there, as it is and not a copy (a tuple as a list); empty where there is none."""
    found = at(value, *path) if path else value
    if type(found) is list:
        return found  # pyright: ignore[reportUnknownVariableType] - a cast costs a call
    return list(cast("tuple[Any, ...]", found)) if isinstance(found, (list, tuple)) else []


def entry(value: Any, key: str) -> Any:
    """What a mapping, or anything else with a `get`, holds under a key; no attribute of this name is asked for."""
    try:
        get = getattr(value, "get", None)
        return None if get is None else get(key)
    except UNREADABLE:
        return None


def flag(value: Any, *path: Key) -> bool:
    """Whether True stands there."""
    return at(value, *path) is True


def _item(value: list[Any] | tuple[Any, ...], key: Key) -> Any:
    return value[key] if isinstance(key, int) and -len(value) <= key < len(value) else None


def _member(value: Any, key: Key) -> Any:
    try:
        if isinstance(key, str):
            found = attribute(value, key)
            if found is not None:
                return found
        elif isinstance(value, (list, tuple)):
            return _item(cast("list[Any]", value), key)
        if isinstance(value, Mapping):
            return cast("Mapping[Any, Any]", value).get(key)
    except UNREADABLE:
        pass
    return None


def attribute(value: Any, name: str) -> Any:
    """An attribute of an object: what is stored, a model's extra field, a slot or class attribute; None if neither.

    Raises:
        Exception: what the class's own `__getattr__` or property raises.
    """
    stored: Any = getattr(value, "__dict__", None)
    if type(stored) is dict and name in stored:
        return stored[name]  # pyright: ignore[reportUnknownVariableType] - a cast costs a call
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] - as above
    if hasattr(kind, "__pydantic_fields__"):
        extra: Any = getattr(value, "__pydantic_extra__", None)
        if type(extra) is dict and name in extra:
            return cast("dict[str, Any]", extra)[name]
        # pydantic's `__getattr__` takes 1.5 us to say no, and a model is asked for many fields that it does not have
        if name not in _names_of(kind):
            return None
    return getattr(value, name, None)


@lru_cache(maxsize=512)
def _names_of(kind: type) -> frozenset[str]:
    """What a class and its bases define."""
    return frozenset(name for base in kind.__mro__ for name in vars(base))
