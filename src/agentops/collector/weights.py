"""What a body takes in memory once it is decoded, told before it is: `{},` are three bytes, and a dict is sixty.

Every body is counted before it is decoded, so that what cannot fit is refused, and what does not fit beside everything
else that is under way waits.
"""

from typing import Final

from agentops.collector.load import Share
from agentops.collector.problems import RequestError

SMALL: Final = 1 << 17
"""Bytes up to which a body is not worth being counted."""

MOST_PARTS: Final = 1_500_000
"""Values of JSON, or fields of protobuf, that a body may hold: thousands of spans with a hundred attributes each."""

MOST_RECORDS: Final = 100_000
"""Spans, events, lines or points that a request may bring."""

_PART: Final = 100
"""Bytes that a value takes at most, on an average that no body exceeds by much."""

_COPIES: Final = 2
"""Of texts, besides the body: as they are decoded, and as they are written."""

_PUNCTUATION: Final = (b"{", b"[", b",")
"""There is no value in JSON without one of these before it, but the first of an object."""


def weigh_json(data: bytes, share: Share) -> None:
    """Take the room that the values of a JSON text need; punctuation in texts counts as well.

    Raises:
        RequestError: 413 if it holds too many, 503 if there is no room for them now.
    """
    if len(data) > SMALL:
        weigh(len(data), sum(map(data.count, _PUNCTUATION)), share)


def weigh(size: int, parts: int, share: Share) -> None:
    """Take the room that so many values need, of a body of this size.

    Raises:
        RequestError: 413 if these are too many, 503 if there is no room for them now.
    """
    if parts > MOST_PARTS:
        raise RequestError(413, "too_large", f"a body may hold {MOST_PARTS} values: send fewer at once")
    share.grow(parts * _PART + size * _COPIES)


def check_count(records: int) -> None:
    """Let a request bring so many spans, events, lines or points.

    Raises:
        RequestError: 413 if these are too many.
    """
    if records > MOST_RECORDS:
        raise RequestError(413, "too_large", f"a request may bring {MOST_RECORDS} records: send fewer at once")
