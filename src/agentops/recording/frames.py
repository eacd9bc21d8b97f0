"""The journal's format: how spans and records are framed in a segment.

A segment begins with `SEGMENT_HEAD`: `MAGIC`, and what to add to the times in it to have Unix nanoseconds. Frames
follow. Each begins with the length of what comes after these four bytes and the next four, which are the CRC-32 of
its body; a length of zero is where writing stands. Then comes the kind of frame:

- START: a span begins: `START_HEAD`, and as body what went in, as JSON.
- END: a span ended well: `END_HEAD`, and as body what came out, as JSON.
- END_MORE: a span ended with more to say: `END_MORE_HEAD`, and as body what came out and `Extra`, both as JSON.
- RECORD: `RECORD_HEAD`, and as body a whole record as JSON (`domain.wire`).

Templates, to which spans refer by number, stand as lines of JSON in a file of their own beside the segments.
"""

import struct
from typing import Any, Final
from zlib import crc32

import msgspec
from msgspec import Struct, field

from agentops.domain.spans import ErrorInfo, SpanEvent, SpanKind, SpanLink, SpanStatus

MAGIC = b"AGENTOPS\x00\x00\x00\x01"
SEGMENT_HEAD = struct.Struct("<12sq")

PREFIX = struct.Struct("<II")
"""Length of what follows the prefix, CRC-32 of the body."""

START, END, END_MORE, RECORD = 1, 2, 3, 4

START_HEAD = struct.Struct("<IIBxxxII16s8s8sq")
"""Prefix, kind, template, template of the agent (0: none), trace id, span id, parent id (zeros: none), start."""

END_HEAD = struct.Struct("<IIBBxx8sq")
"""Prefix, kind, status, span id, end."""

END_MORE_HEAD = struct.Struct("<IIBBxx8sqI")
"""Prefix, kind, status, span id, end, size of what came out."""

RECORD_HEAD = struct.Struct("<IIB")
"""Prefix, kind."""

BODY_AT = {START: START_HEAD.size, END: END_HEAD.size, END_MORE: END_MORE_HEAD.size, RECORD: RECORD_HEAD.size}
"""Where the body of a frame of each kind begins, from the frame's beginning."""

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


encode_extra = msgspec.json.Encoder(decimal_format="string").encode
pack_start = struct.Struct("<II8s4s16s8s8sq").pack
"""Writes a `START_HEAD`; what is the same for many spans is bytes already: prefix, `Template.head`, `Template.agent`."""
pack_end = struct.Struct("<II4s8sq").pack
"""Writes an `END_HEAD`; kind and status are bytes already."""
END_OK = bytes((END, OK, 0, 0))
checksum = crc32

START_SIZE, END_SIZE = START_HEAD.size, END_HEAD.size
START_REST, END_REST = START_SIZE - PREFIX.size, END_SIZE - PREFIX.size
"""What the length of such a frame counts besides its body."""


def head_of(number: int) -> bytes:
    """How the frames of a template's spans begin, behind the prefix."""
    return struct.pack("<BxxxI", START, number)


def end_more(status: int, span_id: bytes, end: int, output: bytes, extra: Extra) -> bytes:
    """The frame of a span that ended with more to say than what came out."""
    body = output + encode_extra(extra)
    length = END_MORE_HEAD.size - PREFIX.size + len(body)
    return END_MORE_HEAD.pack(length, crc32(body), END_MORE, status, span_id, end, len(output)) + body


def record_frame(data: bytes) -> bytes:
    """The frame of a whole record."""
    return RECORD_HEAD.pack(RECORD_HEAD.size - PREFIX.size + len(data), crc32(data), RECORD) + data


def segment_head(offset: int) -> bytes:
    """How a segment begins; `offset` added to its times gives Unix nanoseconds."""
    return SEGMENT_HEAD.pack(MAGIC, offset)
