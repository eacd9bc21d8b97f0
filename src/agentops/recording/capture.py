"""Values of the program as JSON: at call time, bounded, never raising and never running the program's code.

Plain values (built-in types, dataclasses, known models) are written as they are. What is larger than `SIZE_LIMIT` or
no JSON is walked within bounds; `{"$cut": n}` marks what was left out (n items or characters), `{"$type": name}`
stands for what is no plain value.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

import msgspec

from agentops.recording.guard import FAILURES

SIZE_LIMIT: Final = 64 * 1024
DEPTH_LIMIT: Final = 8
NODE_LIMIT: Final = 2_000
TEXT_LIMIT: Final = 8 * 1024
_PLAIN_INT_BITS: Final = 64


def describe(value: Any) -> dict[str, str]:
    """What stands for a value that is not plain: the name of its type; nothing of the value is called."""
    kind = type(value)
    module, name = type.__getattribute__(kind, "__module__"), type.__getattribute__(kind, "__qualname__")
    return {"$type": f"{module}.{name}" if isinstance(module, str) else name}


def _fields_of(value: Any) -> Any:
    """A known kind of model as what it holds, read past its own code; None for other values."""
    kind = type(value)
    for base in kind.__mro__:
        if base is str:
            return str.__str__(value)
        if base.__name__ == "BaseModel" and base.__module__.startswith("pydantic."):
            return object.__getattribute__(value, "__dict__")
    return None


def _plain(value: Any) -> Any:
    fields = _fields_of(value)
    return describe(value) if fields is None else fields


encode_plain = msgspec.json.Encoder(enc_hook=_plain, decimal_format="string").encode


def encode(value: Any) -> bytes:
    """A value as JSON of about `SIZE_LIMIT` bytes at most; always valid UTF-8, without NaN."""
    try:
        data = encode_plain(value)
    except FAILURES:  # too deep, cyclic, changing meanwhile, an unusual key: the bounded walk takes it
        return encode_bounded(value)
    return data if len(data) <= SIZE_LIMIT else encode_bounded(value)


def encode_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    """The arguments of a call, each of the two kinds cut to the bounds."""
    return b"[%s,%s]" % (encode_bounded(list(args)), encode_bounded(kwargs))


def encode_whole(value: Any) -> bytes:
    """The same without the bound on size: for contents of model calls, which are kept whole."""
    try:
        return encode_plain(value)
    except FAILURES:
        return encode_bounded(value, nodes=NODE_LIMIT * 50, size=SIZE_LIMIT * 1024)


def encode_bounded(value: Any, *, nodes: int = NODE_LIMIT, size: int = SIZE_LIMIT) -> bytes:
    """A value cut to the bounds of this module, whatever it is."""
    try:
        return encode_plain(_Walk(nodes, size).walk(value, 0))
    except FAILURES:
        return encode_plain(describe(value))


class _Walk:
    """One bounded walk through a value."""

    def __init__(self, nodes: int, size: int) -> None:
        self.nodes = nodes
        self.size = size
        self.text = max(TEXT_LIMIT, size // 8)

    def walk(self, value: Any, depth: int) -> Any:
        self.nodes -= 1
        kind = type(value)
        if kind is str:
            return self.cut(value)
        if value is None or kind is bool or kind is float:
            self.size -= 8
            return value
        if kind is int:
            self.size -= 20
            return value if value.bit_length() < _PLAIN_INT_BITS else {"$type": "int", "$bits": value.bit_length()}
        if kind in (bytes, bytearray, memoryview):
            return {"$type": kind.__name__, "$cut": len(value)}
        return self.walk_container(value, kind, depth)

    def walk_container(self, value: Any, kind: type, depth: int) -> Any:
        mapping = kind is dict
        if not mapping and kind not in (list, tuple, set, frozenset):
            fields = _fields_of(value)
            if fields is None and hasattr(kind, "__dataclass_fields__"):
                fields = getattr(value, "__dict__", None)
            if type(fields) is str:
                return self.cut(fields)
            if type(fields) is not dict:
                return describe(value)
            value, mapping = fields, True
        if depth >= DEPTH_LIMIT:
            return {"$cut": len(value)}
        return self.walk_mapping(value, depth) if mapping else self.walk_items(value, depth)

    def walk_mapping(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, item in list(islice(value.items(), max(0, self.nodes))):
            if self.exhausted:
                break
            name = key if type(key) is str else f"{key}" if type(key) in (int, float, bool, type(None)) else "?"
            kept[self.cut(name)] = self.walk(item, depth + 1)
        if len(kept) < len(value):
            kept["$cut"] = len(value) - len(kept)
        return kept

    def walk_items(self, value: Iterable[Any], depth: int) -> list[Any]:
        items = list(islice(value, max(0, self.nodes)))
        kept: list[Any] = []
        for item in items:
            if self.exhausted:
                break
            kept.append(self.walk(item, depth + 1))
        total = len(value)  # pyright: ignore[reportArgumentType] - every exact container has a length
        if len(kept) < total:
            kept.append({"$cut": total - len(kept)})
        return kept

    @property
    def exhausted(self) -> bool:
        return self.nodes <= 0 or self.size <= 0

    def cut(self, text: str) -> Any:
        kept = text[: max(0, min(self.text, self.size))]
        self.size -= len(kept)
        kept = kept.encode("utf-8", "replace").decode()
        return kept if len(kept) == len(text) else f"{kept}… [{len(text) - len(kept)} characters cut]"
