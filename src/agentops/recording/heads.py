"""How a segment of a journal begins: what it says of itself, before its frames.

A segment's name holds its number and what to add to the times in it to have Unix nanoseconds. It begins with
`SEGMENT_HEAD`: `MAGIC`, its size, and, once it is full, how many bytes of it were written; then `SEGMENT_DROPS`: when
and how many frames were dropped behind it, for want of another segment. Frames follow (`domain.journal.frames`).

Templates, to which spans refer by number, stand in a file of their own beside the segments (`recording.templates`).
"""

import struct
from typing import Final, NamedTuple
from zlib import crc32

from agentops.domain.journal.frames import MAGIC, PREFIX
from agentops.domain.spans import DropRecord

JOURNAL_FULL: Final = "journal full"
"""Why frames are dropped that there is no room for."""

SEGMENT_HEAD = struct.Struct("<12sQQI")
"""Magic, size, bytes written (0: not known yet), CRC-32 of these."""
SEGMENT_DROPS = struct.Struct("<qII")
"""Unix nanoseconds, how many frames, CRC-32 of these; zeros: none."""
FIRST_FRAME = SEGMENT_HEAD.size + SEGMENT_DROPS.size
"""Where frames begin."""


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
