"""What differs between the two forms in which requests come: how ids, values and absence are told."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from agentops.collector.otlp.shapes import AnyValue
from agentops.domain.foreign import DEPTH_LIMIT, plain

_LARGEST: Final = 2**63 - 1


class Form(Struct, frozen=True):
    """One of the two.

    Attributes:
        content_type: of requests in it, and of what is answered to them.
        bytes_of: the bytes of an id; of one that is none, no bytes.
        attributes_of: a list of named values as a dict of plain ones; bytes are base64 text.
        value_of: a single value, plain.
        get: a field of a message, None where it is not set.
    """

    content_type: str
    bytes_of: Callable[[Any], bytes]
    attributes_of: Callable[[Any], dict[str, Any]]
    value_of: Callable[[Any], Any]
    get: Callable[[Any, str], Any]


def _protobuf_attributes(pairs: Any, depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs:
        value = pair.value
        found[pair.key] = value.string_value or _protobuf_value(value, depth)
    return found


def _protobuf_value(value: Any, depth: int = 0) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    found = getattr(value, kind)
    if kind == "int_value":
        return _whole(found)
    if kind == "array_value":
        return _items(found.values, depth, _protobuf_value)
    if kind == "kvlist_value":
        return _fields(found.values, depth, _protobuf_attributes)
    return b64encode(found).decode() if kind == "bytes_value" else plain(found)


def _protobuf_get(message: Any, name: str) -> Any:
    return getattr(message, name) if message.HasField(name) else None


def _json_attributes(pairs: Any, depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs or ():
        value = pair.value
        found[pair.key or ""] = None if value is None else value.string_value or _json_value(value, depth)
    return found


def _json_value(value: AnyValue | None, depth: int = 0) -> Any:
    if value is None:
        return None
    if value.array_value is not None:
        return _items(value.array_value.values or (), depth, _json_value)
    if value.kvlist_value is not None:
        return _fields(value.kvlist_value.values or (), depth, _json_attributes)
    if value.bytes_value is not None:
        return b64encode(value.bytes_value).decode()
    if value.int_value is not None:
        return _whole(value.int_value)
    found = value.string_value if value.string_value is not None else value.bool_value
    return plain(value.double_value) if found is None else found


def _whole(value: int) -> Any:
    return value if -_LARGEST <= value <= _LARGEST else plain(value)


def _items(values: Sequence[Any], depth: int, value_of: Callable[[Any, int], Any]) -> list[Any]:
    if depth >= DEPTH_LIMIT:
        return [{"$cut": len(values)}] if values else []
    return [value_of(each, depth + 1) for each in values]


def _fields(pairs: Sequence[Any], depth: int, fields_of: Callable[[Any, int], dict[str, Any]]) -> dict[str, Any]:
    if depth >= DEPTH_LIMIT:
        return {"$cut": len(pairs)} if pairs else {}
    return fields_of(pairs, depth + 1)


def _bytes_of_digits(digits: str | None) -> bytes:
    try:
        found = bytes.fromhex(digits or "")
    except ValueError:
        return b""
    return found if 2 * len(found) == len(digits or "") else b""  # `fromhex` skips spaces


PROTOBUF: Final = Form(
    content_type="application/x-protobuf",
    bytes_of=bytes,
    attributes_of=_protobuf_attributes,
    value_of=_protobuf_value,
    get=_protobuf_get,
)
JSON: Final = Form(
    content_type="application/json",
    bytes_of=_bytes_of_digits,
    attributes_of=_json_attributes,
    value_of=_json_value,
    get=getattr,
)
"""https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids are hexadecimal."""
