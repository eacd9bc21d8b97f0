"""What an object of the program is made of, found without running any of its code.

Classes can answer for themselves and for their instances (`__getattribute__`, properties, metaclasses, `__class__`),
so everything is asked of CPython's own types: the real class of an object, the real dictionary of a class, the
descriptors that C code made for slots.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import pathlib
import sys
import types
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_mro_of: Final[Callable[[type[Any]], tuple[type[Any], ...]]] = type.__dict__["__mro__"].__get__
_namespace_of: Final[Callable[[type[Any]], Mapping[str, Any]]] = type.__dict__["__dict__"].__get__
_module_of: Final[Callable[[type[Any]], Any]] = type.__dict__["__module__"].__get__
_qualname_of: Final[Callable[[type[Any]], str]] = type.__dict__["__qualname__"].__get__

# Classes are told apart by identity: comparing and hashing them may run code of their metaclass.
_PLAIN: Final = frozenset(map(id, (str, int, float, bool, bytes, bytearray, dict, list, tuple, set, frozenset)))
_MOMENTS: Final = frozenset(map(id, (dt.datetime, dt.time)))
_EXACT: Final = frozenset(map(id, (dt.date, dt.timedelta, decimal.Decimal, uuid.UUID)))
_PATHS: Final = frozenset(
    map(id, (pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePosixPath, pathlib.PureWindowsPath))
)
_SCALARS: Final[tuple[tuple[type, Callable[[Any], Any]], ...]] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
    (bytes, bytes.__bytes__),
)
_keys_of: Final[Callable[[Any], Iterable[str]]] = dict[str, Any].keys
_each_of: Final[Callable[[Any], Iterable[Any]]] = tuple[Any, ...].__iter__
_STRUCT: Final = type(msgspec.Struct)
_ABSENT: Final = object()


def class_of(value: object) -> type[object]:
    """The class of an object, whatever it says of itself."""
    return type(value)


def describe(value: object) -> dict[str, str]:
    """What stands for a value that cannot be shown: the name of its type."""
    kind = class_of(value)
    module, name = _module_of(kind), _qualname_of(kind)
    return {"$type": f"{module}.{name}" if type(module) is str else f"{name}"}


def leaf_of(value: Any) -> Any:
    """A value of a class derived from a built-in scalar as that scalar, a member of an enumeration as its value.

    Paths are their text. Everything else is given back as it is.
    """
    kind = class_of(value)
    if id(kind) in _PLAIN:
        return value
    for base, read in _SCALARS:
        if issubclass(kind, base):
            return read(value)
    if issubclass(kind, enum.Enum):
        member = _attributes_of(value)
        return value if member is None or "_value_" not in member else leaf_of(member["_value_"])
    return str(value) if id(kind) in _PATHS else value


def is_exact(value: Any) -> bool:
    """Whether it is a moment, a number or an id of the standard library itself, encoded without the program's code.

    Time zones may be of the program's making.
    """
    kind = id(class_of(value))
    return kind in _EXACT or (kind in _MOMENTS and _is_standard_zone(class_of(value.tzinfo)))


def _is_standard_zone(kind: type) -> bool:
    return (
        kind is types.NoneType or kind is dt.timezone or kind is getattr(sys.modules.get("zoneinfo"), "ZoneInfo", None)
    )


def fields_of(value: object) -> dict[str, Any] | None:
    """What an object of a known kind holds, by name: dataclasses, attrs, pydantic and msgspec; None for others."""
    kind = class_of(value)
    if type(kind) is _STRUCT:
        return _struct_fields(value, kind)
    for base in _mro_of(kind):
        namespace = _namespace_of(base)
        if "__dataclass_fields__" in namespace:
            names = list(_keys_of(namespace["__dataclass_fields__"]))
            return _named(value, names, names)
        if "__attrs_attrs__" in namespace:
            names = [_read(each, "name") for each in _each_of(namespace["__attrs_attrs__"])]
            return _named(value, names, names)
        if _qualname_of(base) == "BaseModel" and str(_module_of(base)).startswith("pydantic."):
            return _attributes_of(value)
    return None


def _struct_fields(value: object, kind: Any) -> dict[str, Any]:
    config = kind.__struct_config__
    tag = {} if config.tag_field is None else {config.tag_field: config.tag}
    return tag | _named(value, kind.__struct_encode_fields__, kind.__struct_fields__)


def _named(value: object, names: Sequence[str], attributes: Sequence[str]) -> dict[str, Any]:
    found = ((name, _read(value, attribute)) for name, attribute in zip(names, attributes, strict=True))
    return {name: item for name, item in found if item is not _ABSENT}


def _read(value: object, attribute: str) -> Any:
    """What an instance itself holds under a name: in its dictionary, or in a slot."""
    own = _attributes_of(value)
    if own is not None and attribute in own:
        return own[attribute]
    slot = _descriptor_of(class_of(value), attribute)
    if type(slot) is types.MemberDescriptorType:
        with suppress(AttributeError):  # not set
            return slot.__get__(value)
    return _ABSENT


def _attributes_of(value: object) -> dict[str, Any] | None:
    """The dictionary of an instance; None where it has none, or the class puts something else in its place."""
    descriptor = _descriptor_of(class_of(value), "__dict__")
    return descriptor.__get__(value) if type(descriptor) is types.GetSetDescriptorType else None


def _descriptor_of(kind: type[Any], name: str) -> Any:
    for base in _mro_of(kind):
        namespace = _namespace_of(base)
        if name in namespace:
            return namespace[name]
    return _ABSENT
