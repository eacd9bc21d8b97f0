"""Other people's objects as JSON, within bounds."""

from collections.abc import Callable, Collection
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from itertools import islice
from math import isfinite
from pathlib import PurePath
from types import NoneType, SimpleNamespace
from typing import Any, Final, cast
from uuid import UUID

from agentops.domain.foreign.reading import at, attribute

DEPTH_LIMIT: Final = 24
NODE_LIMIT: Final = 50_000
"""Bounds of `plain`; what lies beyond them is marked `{"$cut": n}`, n being the number of items left out."""

_INT_BITS: Final = 63
_LARGEST: Final = 2**_INT_BITS - 1
_ABSENT: Final = object()
_SENTINELS: Final = frozenset({"NotGiven", "Omit", "Unset", "UnsetType", "ellipsis", "PydanticUndefinedType"})
"""Type names of the objects with which openai, anthropic, mistralai, cohere, msgspec and pydantic say "not given"."""


def plain(value: Any) -> Any:
    """A snapshot of a foreign value as JSON, within bounds.

    Models, dataclasses and structs become dicts of their fields, sentinels vanish, anything else without a JSON form
    is named by its type: `{"$type": "module.Name"}`. Nothing of the value is called but attribute reads.
    """
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] - a cast costs a call
    write = _EXACT.get(kind)
    if write is not None:
        return write(value)
    found = _Snapshot().of(value, 0)
    return None if found is _ABSENT else found


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether `plain` gives back as they are the lists, dicts and scalars that JSON was read into.

    Their number is not looked at: that is up to who knows how long the JSON was.
    """
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] - a cast costs a call for every value
    for item in value.values() if kind is dict else value if kind is list else (value,):
        kind = type(item)  # pyright: ignore[reportUnknownVariableType] - the same
        if kind is str or kind is bool or kind is float or item is None:
            continue
        if kind is int:
            if not -_LARGEST <= item <= _LARGEST:
                return False
        elif depth >= DEPTH_LIMIT - 1 or not is_plain(item, depth + 1):
            return False
    return True


class _Snapshot:
    """One bounded walk through a value."""

    def __init__(self) -> None:
        self.nodes = NODE_LIMIT

    def of(self, value: Any, depth: int) -> Any:
        self.nodes -= 1
        kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] - a cast costs a call
        write = _EXACT.get(kind)
        if write is not None:
            return write(value)
        if isinstance(value, dict):
            return self.mapping(value, depth)  # pyright: ignore[reportUnknownArgumentType] - a cast costs a call
        if isinstance(value, (list, tuple, set, frozenset)):
            return self.items(value, depth)  # pyright: ignore[reportUnknownArgumentType] - as above
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
            write = _EXACT.get(type(item))  # pyright: ignore[reportUnknownArgumentType] - as above
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
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] - a cast costs a call
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
