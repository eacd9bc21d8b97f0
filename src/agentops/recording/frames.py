"""The journal's format: how spans and records are framed in a segment.

A segment's name holds its number and what to add to the times in it to have Unix nanoseconds. It begins with
`SEGMENT_HEAD`: `MAGIC`, its size, and, once it is full, how many bytes of it were written; then `SEGMENT_DROPS`: when
and how many frames were dropped behind it, for want of another segment. Frames follow. Each begins with the length of
what comes after these four bytes and the next four, which are an Adler-32; a length of zero is where writing stands.
Then comes the kind of frame:

- START: a span begins: `START_HEAD`, and as body what went in, as JSON.
- END: a span ended well: `END_HEAD`, and as body what came out, as JSON.
- END_MORE: a span ended with more to say: `END_MORE_HEAD`, and as body what came out and `Extra`, both as JSON.
- RECORD: `RECORD_HEAD`, and as body a whole record as JSON (`domain.wire`).
- TEMPLATE: `RECORD_HEAD`, and as body a template that could not be written where templates are.

The Adler-32 covers the body of a START and an END, and of the others the head as well.

Templates, to which spans refer by number, stand in a file of their own beside the segments (`recording.templates`).
"""

import struct
from typing import Any, Final, NamedTuple
from zlib import adler32, crc32

from msgspec import Struct, field

from agentops.domain import wire
from agentops.domain.spans import DropRecord, ErrorInfo, SpanEvent, SpanKind, SpanLink, SpanStatus

JOURNAL_FULL: Final = "journal full"
"""Why frames are dropped that there is no room for."""

MAGIC = b"AGENTOPS\x00\x00\x00\x02"
SEGMENT_HEAD = struct.Struct("<12sQQI")
"""Magic, size, bytes written (0: not known yet), CRC-32 of these."""
SEGMENT_DROPS = struct.Struct("<qII")
"""Unix nanoseconds, how many frames, CRC-32 of these; zeros: none."""
FIRST_FRAME = SEGMENT_HEAD.size + SEGMENT_DROPS.size
"""Where frames begin."""

PREFIX = struct.Struct("<II")
"""Length of what follows the prefix, Adler-32."""

START, END, END_MORE, RECORD, TEMPLATE = 1, 2, 3, 4, 5

START_HEAD = struct.Struct("<IIBxxxII16s8s8sq")
"""Prefix, kind, template, template of the agent (0: none), trace id, span id, parent id (zeros: none), start."""

END_HEAD = struct.Struct("<IIBBxx8sq")
"""Prefix, kind, status, span id, end."""

END_MORE_HEAD = struct.Struct("<IIBBxx8sqI")
"""Prefix, kind, status, span id, end, size of what came out."""

RECORD_HEAD = struct.Struct("<IIB")
"""Prefix, kind."""

BODY_AT = {
    START: START_HEAD.size,
    END: END_HEAD.size,
    END_MORE: END_MORE_HEAD.size,
    RECORD: RECORD_HEAD.size,
    TEMPLATE: RECORD_HEAD.size,
}
"""Where the body of a frame of each kind begins, from the frame's beginning."""

CHECKED_FROM = BODY_AT | dict.fromkeys((END_MORE, RECORD, TEMPLATE), PREFIX.size)
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


def _checked(head: bytes, body: bytes) -> bytes:
    content = head[PREFIX.size :] + body
    return PREFIX.pack(len(content), checksum(content)) + content


class SegmentState(NamedTuple):
    """What the head of a segment says.

    Attributes:
        size: bytes that the whole file has.
        written: bytes that were written to it; 0 as long as it is not full.
    """

    size: int
    written: int = 0


def segment_head(state: SegmentState) -> bytes:
    """How a segment begins."""
    head = SEGMENT_HEAD.pack(MAGIC, *state, 0)[: -PREFIX.size // 2]
    return head + struct.pack("<I", crc32(head))


def read_segment_head(data: bytes) -> SegmentState | None:
    """What a segment's first bytes say, None where they are damaged."""
    if len(data) < SEGMENT_HEAD.size:
        return None
    magic, size, written, _ = SEGMENT_HEAD.unpack_from(data)
    state = SegmentState(size, written)
    return state if magic == MAGIC and data[: SEGMENT_HEAD.size] == segment_head(state) else None


def drops_mark(count: int, time: int) -> bytes:
    """How a segment tells that frames were dropped behind it, until a moment (Unix nanoseconds)."""
    content = SEGMENT_DROPS.pack(time, count, 0)[: -PREFIX.size // 2]
    return content + struct.pack("<I", crc32(content))


def read_drops_mark(data: bytes) -> DropRecord | None:
    """What a segment tells of dropped frames."""
    time, count, _ = SEGMENT_DROPS.unpack(data)
    if count == 0 or data != drops_mark(count, time):
        return None
    return DropRecord(reason=JOURNAL_FULL, count=count, time=time)


def is_whole(frame: bytes, sum_of_it: int) -> bool:
    """Whether the bytes of a frame, from its prefix on, are as they were written."""
    checked = CHECKED_FROM.get(frame[PREFIX.size])
    return checked is not None and len(frame) >= BODY_AT[frame[PREFIX.size]] and checksum(frame[checked:]) == sum_of_it
