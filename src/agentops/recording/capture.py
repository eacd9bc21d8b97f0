"""Values of the program as JSON: at call time, bounded, never raising and never running the program's code.

Plain values are encoded as they are. What is larger than `SIZE_LIMIT`, or holds something that is not plain, is walked
within bounds by what each object is made of (`agentops.recording.anatomy`). `{"$cut": n}` marks what was left out (n
items or bytes), `{"$type": name}` stands for what is no value that could be shown.

No hook is given to the encoder for what it does not know: Python code that runs while it is inside a list lets other
threads change that list under it, which ends the process.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from agentops.domain.redaction.texts import cut_before_word
from agentops.recording.anatomy import class_of, describe, fields_of, is_exact, leaf_of
from agentops.recording.guard import FAILURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SIZE_LIMIT: Final = 64 * 1024
DEPTH_LIMIT: Final = 8
NODE_LIMIT: Final = 2_000
TEXT_LIMIT: Final = 8 * 1024
_WHOLE_FACTOR: Final = 1024
"""How many times larger contents of model calls may be where they have to be walked."""

_PLAIN_INT_BITS: Final = 64
_SCALAR_SIZE: Final = 24
_BETWEEN: Final = 4
"""About how many bytes a number takes, and what stands around each value."""

_SHARES: Final = (1, 2, 8)
"""A walk estimates sizes; where its result is too large, the next tries with less."""

_items_of: Final[Callable[[Any], Iterable[tuple[Any, Any]]]] = dict[Any, Any].items
_count_of: Final[Callable[[Any], int]] = dict[Any, Any].__len__

encode_plain = msgspec.json.Encoder(decimal_format="string").encode


def encode(value: Any) -> bytes:
    """A value as JSON of `SIZE_LIMIT` bytes at most; always valid UTF-8, without NaN."""
    try:
        data = encode_plain(value)
    except FAILURES:  # not plain, too deep, cyclic, an unusual key: the bounded walk takes it
        return encode_bounded(value)
    return data if len(data) <= SIZE_LIMIT else encode_bounded(value)


def encode_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    """The arguments of a call, each of the two kinds cut to the bounds."""
    return b"[%s,%s]" % (encode_bounded(args), encode_bounded(kwargs))


def encode_whole(value: Any) -> bytes:
    """The same without the bound on size: for contents of model calls, which are kept whole."""
    try:
        return encode_plain(value)
    except FAILURES:
        return encode_bounded(value, factor=_WHOLE_FACTOR)


def encode_bounded(value: Any, *, factor: int = 1) -> bytes:
    """A value cut to so many times the bounds of this module, whatever it is."""
    limit = SIZE_LIMIT * factor
    for share in _SHARES:
        try:
            walk = _Walk(NODE_LIMIT * factor // share, limit // share, DEPTH_LIMIT if factor == 1 else DEPTH_LIMIT**2)
            data = encode_plain(walk.walk(value, 0))
        except FAILURES:
            break
        if len(data) <= limit:
            return data
    return encode_plain(describe(value))


class _Walk:
    """One bounded walk through a value."""

    def __init__(self, nodes: int, size: int, depth: int) -> None:
        self.nodes = nodes
        self.size = size
        self.depth = depth
        self.text = max(TEXT_LIMIT, size // 8)

    @property
    def exhausted(self) -> bool:
        return self.nodes <= 0 or self.size <= 0

    def walk(self, value: object, depth: int) -> Any:
        self.nodes -= 1
        self.size -= _BETWEEN
        leaf = leaf_of(value)
        kind = class_of(leaf)
        if kind is str:
            return self.cut(leaf)
        if leaf is None or kind is bool or kind is float:
            self.size -= _SCALAR_SIZE
            return leaf
        if kind is int:
            self.size -= _SCALAR_SIZE
            bits = leaf.bit_length()
            return leaf if bits < _PLAIN_INT_BITS else {"$type": "int", "$bits": bits}
        if kind is bytes or kind is bytearray:
            return self.cut_bytes(leaf, kind.__name__)
        if is_exact(leaf):
            self.size -= 2 * _SCALAR_SIZE
            return leaf
        return self.walk_container(leaf, depth)

    def walk_container(self, value: Any, depth: int) -> Any:
        kind = class_of(value)
        if issubclass(kind, dict):
            return {"$cut": _count_of(value)} if depth >= self.depth else self.walk_mapping(value, depth)
        if issubclass(kind, list | tuple | set | frozenset):
            count = _base_of(kind).__len__(value)
            return {"$cut": count} if depth >= self.depth else self.walk_items(value, count, depth)
        fields = fields_of(value)
        if fields is None:
            self.size -= _SCALAR_SIZE
            return describe(value)
        return {"$cut": len(fields)} if depth >= self.depth else self.walk_mapping(fields, depth)

    def walk_mapping(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, item in _first(_items_of(value), self.nodes):
            if self.exhausted:
                break
            kept[self.name(key)] = self.walk(item, depth + 1)
        count = _count_of(value)
        if len(kept) < count:
            kept["$cut"] = count - len(kept)
        return kept

    def name(self, key: Any) -> str:
        """A key as text; the keys that JSON has no text for share one name."""
        leaf = leaf_of(key)
        self.size -= _BETWEEN
        if type(leaf) is str:
            return self.cut(leaf)
        return f"{leaf}" if leaf is None or type(leaf) in (int, float, bool) else "?"

    def walk_items(self, value: Any, count: int, depth: int) -> list[Any]:
        kept: list[Any] = []
        for item in _first(_base_of(class_of(value)).__iter__(value), self.nodes):
            if self.exhausted:
                break
            kept.append(self.walk(item, depth + 1))
        if len(kept) < count:
            kept.append({"$cut": count - len(kept)})
        return kept

    def cut(self, text: str) -> str:
        kept = cut_before_word(text, max(0, min(self.text, self.size))).encode("utf-8", "replace").decode()
        size = len(encode_plain(kept))
        if size > self.size > 0:  # escaped, or not ASCII
            kept = cut_before_word(kept, len(kept) * self.size // size)
            size = len(encode_plain(kept))
        self.size -= size
        return kept if len(kept) == len(text) else f"{kept}… [{len(text) - len(kept)} characters cut]"

    def cut_bytes(self, data: bytes | bytearray, name: str) -> Any:
        if len(data) > min(self.text, self.size):
            return {"$type": name, "$cut": len(data)}
        self.size -= len(data) * 4 // 3
        return bytes(data)


def _first(items: Any, limit: int) -> list[Any]:
    """The first items of what others may be changing, taken in one step."""
    return list(islice(items, max(0, limit)))


def _base_of(kind: Any) -> Any:
    """The built-in container that a class is made of; its methods are used, and not those of the class."""
    return next(base for base in (list, tuple, set, frozenset) if issubclass(kind, base))
