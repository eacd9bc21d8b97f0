"""Total readers of other people's objects: JSON, models, anything with attributes.

What is missing, odd or of another type reads as absent. Reading is by type, so the sentinels with which client
libraries say "not given" are absent as well.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import islice
from math import isfinite
from pathlib import PurePath
from types import NoneType, SimpleNamespace
from typing import Any, Final, cast
from uuid import UUID

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
        return cast("list[Any]", found)
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
        return cast("dict[str, Any]", stored)[name]
    kind: Any = cast("Any", type(value))
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


DEPTH_LIMIT: Final = 24
NODE_LIMIT: Final = 50_000
"""Bounds of `plain`; what lies beyond them is marked `{"$cut": n}`, n being the number of items left out."""

_INT_BITS: Final = 63
_ABSENT: Final = object()
_SENTINELS: Final = frozenset({"NotGiven", "Omit", "Unset", "UnsetType", "ellipsis", "PydanticUndefinedType"})
"""Type names of the objects with which openai, anthropic, mistralai, cohere, msgspec and pydantic say "not given"."""


def plain(value: Any) -> Any:
    """A snapshot of a foreign value as JSON, within bounds.

    Models, dataclasses and structs become dicts of their fields, sentinels vanish, anything else without a JSON form
    is named by its type: `{"$type": "module.Name"}`. Nothing of the value is called but attribute reads.
    """
    kind: Any = cast("Any", type(value))
    write = _EXACT.get(kind)
    if write is not None:
        return write(value)
    found = _Snapshot().of(value, 0)
    return None if found is _ABSENT else found


class _Snapshot:
    """One bounded walk through a value."""

    def __init__(self) -> None:
        self.nodes = NODE_LIMIT

    def of(self, value: Any, depth: int) -> Any:
        self.nodes -= 1
        kind: Any = cast("Any", type(value))
        write = _EXACT.get(kind)
        if write is not None:
            return write(value)
        if isinstance(value, dict):
            return self.mapping(cast("dict[Any, Any]", value), depth)
        if isinstance(value, (list, tuple, set, frozenset)):
            return self.items(cast("list[Any]", value), depth)
        if isinstance(value, Enum):
            return self.of(attribute(value, "_value_"), depth)
        return self.object(value, depth)

    def object(self, value: Any, depth: int) -> Any:
        for kinds, write in _SCALARS:
            if isinstance(value, kinds):
                return write(value)
        if type(value).__name__ in _SENTINELS:
            return _ABSENT
        fields = _fields(value)
        return {"$type": _type_name(value)} if fields is None else self.mapping(fields, depth)

    def mapping(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        left = len(value)
        for key, item in self.head(dict[Any, Any].items(value), depth):
            if self.nodes <= 0:
                break
            left -= 1
            write = _EXACT.get(cast("Any", type(item)))
            if write is not None:  # as `of` does, without the call
                self.nodes -= 1
                found = write(item)
            else:
                found = self.of(item, depth + 1)
            if found is not _ABSENT:
                kept[key if type(key) is str and key.isascii() else _key(key)] = found
        if left > 0:
            kept["$cut"] = left
        return kept

    def items(self, value: Collection[Any], depth: int) -> list[Any]:
        kept: list[Any] = []
        left = len(value)
        for item in self.head(value, depth):
            if self.nodes <= 0:
                break
            left -= 1
            found = self.of(item, depth + 1)
            kept.append(None if found is _ABSENT else found)
        if left > 0:
            kept.append({"$cut": left})
        return kept

    def head(self, value: Collection[Any], depth: int) -> list[Any]:
        if depth >= DEPTH_LIMIT:
            return []
        try:
            if len(value) <= self.nodes:
                return list(value)
            return list(islice(value, max(0, self.nodes)))
        except RuntimeError:  # another thread changes it meanwhile
            return []


def _finite(value: float) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    bits = value.bit_length()
    return value if bits <= _INT_BITS else {"$type": "int", "$bits": bits}


def _valid(value: str) -> str:
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


_EXACT: Final[dict[type, Callable[[Any], Any]]] = {
    NoneType: lambda value: value,
    bool: lambda value: value,
    str: _valid,
    int: _finite,
    float: _finite,
}
_SCALARS: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (str, lambda value: _valid(str.__str__(value))),
    (int, lambda value: _finite(int.__index__(value))),
    (float, lambda value: _finite(float.__float__(value))),
    ((bytes, bytearray, memoryview), lambda value: {"$type": type(value).__name__, "$cut": len(value)}),
    ((datetime, date, time), lambda value: value.isoformat()),
    (PurePath, lambda value: _valid(str(value))),
    ((Decimal, UUID), str),
)


def _fields(value: Any) -> dict[str, Any] | None:
    """What a model, dataclass or struct holds by name; None for any other value."""
    kind: Any = cast("Any", type(value))
    if isinstance(value, (type, BaseException)):
        return None
    if hasattr(kind, "__pydantic_fields__"):
        extra = attribute(value, "__pydantic_extra__")
        return {**value.__dict__, **(cast("dict[str, Any]", extra) if type(extra) is dict else {})}
    if kind is SimpleNamespace:
        return value.__dict__
    for listing in ("__dataclass_fields__", "__struct_fields__"):
        names = getattr(kind, listing, None)
        if isinstance(names, (dict, tuple)):
            return {name: at(value, name) for name in cast("tuple[str, ...]", names)}
    return None


def _key(key: Any) -> str:
    if isinstance(key, str):
        return _valid(str.__str__(key))
    return str(key) if key is None or type(key) in (int, float, bool) else f"{{{_type_name(key)}}}"


def _type_name(value: Any) -> str:
    kind: Any = cast("Any", value if isinstance(value, type) else type(value))
    module, name = type.__getattribute__(kind, "__module__"), type.__getattribute__(kind, "__qualname__")
    return f"{module}.{name}" if isinstance(module, str) and module != "builtins" else f"{name}"
