"""How many fields stand in a message of protobuf, counted before it is decoded: decoded, two bytes become 170.

https://protobuf.dev/programming-guides/encoding/
"""

from functools import cache
from typing import Any, Final

from agentops.collector.load import Share
from agentops.collector.otlp.decoding import Signal, form_of, message_type
from agentops.collector.otlp.forms import PROTOBUF
from agentops.collector.weights import MOST_PARTS, weigh, weigh_json

_SMALL: Final = 1 << 19
"""Bytes up to which a body is not worth being counted."""
_PARTS: Final = 2
"""Values of JSON that weigh as much as a field."""
_VARINT, _SIZED = 0, 2
_DEEPEST: Final = 100
"""What decoders take; they refuse what is nested deeper."""
_NUMBERS: Final = object()
"""A list of numbers."""
_NUMBER: Final = 8
"""Bytes of such a list that weigh as much as a field."""
_MORE: Final = 0x80
"""The bit of a byte that says that its number goes on."""
_WIDTHS: Final = {1: 8, 5: 4}
"""Bytes of a value, by its kind."""

Nested = dict[int, Any]
"""What stands in the fields of a message that is more than a text: by number another `Nested`, or `_NUMBERS`."""


def weigh_request(signal: Signal, body: bytes, content_type: str, share: Share) -> None:
    """Take the room that a request needs once it is decoded.

    Raises:
        UnknownFormError: if the content type is none that OTLP/HTTP has.
        RequestError: 413 if it holds too many values, 503 if there is no room for them now.
    """
    if form_of(content_type, body) is not PROTOBUF:
        weigh_json(body, share)
    elif len(body) > _SMALL:
        fields = count_fields(body, nested_in(message_type(signal).DESCRIPTOR), MOST_PARTS // _PARTS)
        weigh(len(body), _PARTS * fields, share)


def count_fields(data: bytes, nested: Nested, limit: int) -> int:  # noqa: C901 - a call a field would double its price
    """The number of fields, with those of messages inside; counting stops beyond the limit.

    It also stops at what is no protobuf, and leaves it to the decoder to say so.
    """
    count, at, end = 0, 0, len(data)
    outer: list[tuple[int, Nested]] = []
    try:
        while count <= limit:
            while at >= end:
                if not outer:
                    return count
                end, nested = outer.pop()
            count += 1
            tag = data[at]
            at += 1
            if tag >= _MORE:
                tag, at = _rest_of(tag, data, at)
            kind = tag & 7
            if kind == _SIZED:
                size = data[at]
                at += 1
                if size >= _MORE:
                    size, at = _rest_of(size, data, at)
                inside = nested.get(tag >> 3)
                if inside is _NUMBERS:
                    count += size // _NUMBER
                elif inside is not None and len(outer) < _DEEPEST:
                    outer.append((end, nested))
                    end, nested = min(at + size, end), inside
                    continue
                at += size
            elif kind == _VARINT:
                _, at = _rest_of(_MORE, data, at)
            else:
                at += _WIDTHS.get(kind, 0)
    except IndexError:
        pass
    return count


def _rest_of(first: int, data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length whose first byte has been read, and where it ends.

    Raises:
        IndexError: if it does not end in time.
    """
    found = first & ~_MORE
    for shift in range(7, 77, 7):
        byte = data[at]
        at += 1
        found |= (byte & ~_MORE) << shift
        if byte < _MORE:
            return found, at
    raise IndexError


@cache
def nested_in(descriptor: Any) -> Nested:
    """What stands in the fields of a message of this type (a `google.protobuf.descriptor.Descriptor`)."""
    return _nested_in(descriptor, {})


def _nested_in(descriptor: Any, known: dict[str, Nested]) -> Nested:
    found = known.get(descriptor.full_name)
    if found is None:
        found = known[descriptor.full_name] = {}
        for field in descriptor.fields:
            if field.message_type is not None:
                found[field.number] = _nested_in(field.message_type, known)
            elif field.is_packed:
                found[field.number] = _NUMBERS
    return found
