"""The journal's format: how spans and records are framed, in its segments and on the way to a collector.

Each frame begins with the length of what comes after these four bytes and the next four, which are an Adler-32; a
length of zero is where writing stands. Then comes the kind of frame:

- START: a span begins: `START_HEAD`, and as body what went in, as JSON.
- END: a span ended well: `END_HEAD`, and as body what came out, as JSON.
- END_MORE: a span ended with more to say: `END_MORE_HEAD`, and as body what came out and `Extra`, both as JSON.
- RECORD: `RECORD_HEAD`, and as body a whole record as JSON (`domain.wire`).
- TEMPLATE: `RECORD_HEAD`, and as body a template, as JSON: to which spans refer by its number.
- TIMES: `TIMES_HEAD`: what to add to the times in the frames that follow to have Unix nanoseconds; only in requests,
  as segments have it in their names.

The Adler-32 covers the body of a START and an END, and of the others the head as well.
"""

import struct
import sys
from typing import Any, Final
from zlib import adler32

from msgspec import Struct, field

from agentops.domain import wire
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanKind, SpanLink, SpanStatus

MAGIC = b"AGENTOPS\x00\x00\x00\x02"
"""What frames of this version stand behind, in a file or a request."""
PREFIX = struct.Struct("<II")
"""Length of what follows the prefix, Adler-32."""
PREFIX_SIZE = PREFIX.size

START, END, END_MORE, RECORD, TEMPLATE, TIMES = 1, 2, 3, 4, 5, 6

START_HEAD = struct.Struct("<IIBxxxII16s8s8sq")
"""Prefix, kind, template, template of the agent (0: none), trace id, span id, parent id (zeros: none), start."""

END_HEAD = struct.Struct("<IIBBxx8sq")
"""Prefix, kind, status, span id, end."""

END_MORE_HEAD = struct.Struct("<IIBBxx8sqI")
"""Prefix, kind, status, span id, end, size of what came out."""

RECORD_HEAD = struct.Struct("<IIB")
"""Prefix, kind."""

TIMES_HEAD = struct.Struct("<IIBxxxq")
"""Prefix, kind, nanoseconds."""

BODY_AT = {
    START: START_HEAD.size,
    END: END_HEAD.size,
    END_MORE: END_MORE_HEAD.size,
    RECORD: RECORD_HEAD.size,
    TEMPLATE: RECORD_HEAD.size,
    TIMES: TIMES_HEAD.size,
}
"""Where the body of a frame of each kind begins, from the frame's beginning."""

CHECKED_FROM = BODY_AT | dict.fromkeys((END_MORE, RECORD, TEMPLATE, TIMES), PREFIX.size)
"""Where what the Adler-32 covers begins."""

START_ID, END_ID = slice(START_HEAD.size - 24, START_HEAD.size - 16), slice(12, 20)
"""Where the span id stands in a START, and in an END of either kind."""

STATUSES = (SpanStatus.OK, *(status for status in SpanStatus if status is not SpanStatus.OK))
"""By number; OK is 0, so that the hot path may ask a status for its truth."""
STATUS_CODES = {status: code for code, status in enumerate(STATUSES)}
OK, ERROR, CANCELLED, INCOMPLETE = (
    STATUS_CODES[status] for status in (SpanStatus.OK, SpanStatus.ERROR, SpanStatus.CANCELLED, SpanStatus.INCOMPLETE)
)


TOOL: Final = "tool"
OTHERS: Final = "others"


class Template(Struct, kw_only=True, omit_defaults=True):
    """What all spans of one decorated function or one kind of call have in common.

    Attributes:
        id: its number in this process, from 1.
        parameters: names of the positional parameters, by which the reader names arguments; None where what went in
            is no call's arguments.
        genai: whether what goes in and comes out is a `Request` and a `Response`.
        source: the instrumentation scope.
        head: the kind of frame and its number, as they stand in the frames of its spans.
        agent: its number where it is an agent, as it stands in frames; what spans inside carry.
        counting: what ending one adds to its session: `TOOL` one tool call, `OTHERS` what the recorder knows, None
            nothing. The hot path asks this instead of comparing enum members, which is slow.
        cost: USD of each, as a decimal string, where that is constant.
    """

    id: int
    name: str
    kind: SpanKind
    parameters: tuple[str, ...] | None = None
    genai: bool = False
    source: str = "agentops"
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])
    head: bytes = b""
    agent: bytes = b""
    counting: str | None = None
    cost: str | None = None


class Extra(Struct, kw_only=True, omit_defaults=True):
    """What only some spans have; the fields are those of `SpanRecord`."""

    name: str | None = None
    kind: SpanKind | None = None
    error: ErrorInfo | None = None
    counted_error: bool = False
    first_token: int | None = None
    cost: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])
    events: list[SpanEvent] = field(default_factory=list[SpanEvent])
    links: list[SpanLink] = field(default_factory=list[SpanLink])


pack_start = struct.Struct("<II8s4s16s8s8sq").pack
"""Writes a `START_HEAD`; what many spans have in common is bytes already (`Template.head`, `Template.agent`)."""
pack_end = struct.Struct("<II4s8sq").pack
"""Writes an `END_HEAD`; kind and status are bytes already."""
END_OK = bytes((END, OK, 0, 0))
checksum = adler32
"""Of what a kill cut short it says so as surely as a CRC-32, for half of its price where there is little."""

START_SIZE, END_SIZE = START_HEAD.size, END_HEAD.size
START_REST, END_REST = START_SIZE - PREFIX.size, END_SIZE - PREFIX.size
"""What the length of such a frame counts besides its body."""


def head_of(number: int) -> bytes:
    """How the frames of a template's spans begin, behind the prefix."""
    return struct.pack("<BxxxI", START, number)


def end_more(status: int, span_id: bytes, end: int, output: bytes, extra: bytes) -> bytes:
    """The frame of a span that ended with more to say than what came out; `extra` is an `Extra` as JSON."""
    return _checked(END_MORE_HEAD.pack(0, 0, END_MORE, status, span_id, end, len(output)), output + extra)


def record_frame(data: bytes) -> bytes:
    """The frame of a whole record."""
    return _checked(RECORD_HEAD.pack(0, 0, RECORD), data)


def template_frame(template: Template) -> bytes:
    """The frame of a template."""
    return _checked(RECORD_HEAD.pack(0, 0, TEMPLATE), wire.to_legible_json(template))


def times_frame(offset: int) -> bytes:
    """The frame that says what to add to the times behind it."""
    return _checked(TIMES_HEAD.pack(0, 0, TIMES, offset), b"")


def _checked(head: bytes, body: bytes) -> bytes:
    content = head[PREFIX.size :] + body
    return PREFIX.pack(len(content), checksum(content)) + content


def split(data: bytes, begin: int = 0, limit: int = sys.maxsize) -> list[bytes]:
    """The whole frames that stand in bytes from a position on, one behind the other: so many at most."""
    frames: list[bytes] = []
    size = len(data)
    while begin + RECORD_HEAD.size <= size and len(frames) < limit:
        length, total, kind = _read_head(data, begin)
        end = begin + length + PREFIX_SIZE
        frame = data[begin:end]
        if length < _LEAST[kind] or end > size or adler32(frame[_CHECKED[kind] :]) != total:
            break
        frames.append(frame)
        begin = end
    return frames


def is_whole(frame: bytes) -> bool:
    """Whether the bytes of a frame are as they were written."""
    return bool(split(frame, limit=1))


_read_head = RECORD_HEAD.unpack_from
_KINDS = range(256)
_CHECKED = [CHECKED_FROM.get(kind, 0) for kind in _KINDS]
_LEAST = [BODY_AT.get(kind, 1 << 33) - PREFIX_SIZE for kind in _KINDS]
"""By kind, the least that the length of a frame counts; more than any for what is no kind."""
