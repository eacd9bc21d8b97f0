"""The frames of one segment: whole ones only, whatever has happened to the file."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from agentops.domain.journal.frames import BODY_AT, PREFIX, is_whole, split
from agentops.recording.heads import (
    FIRST_FRAME,
    SEGMENT_DROPS,
    SEGMENT_HEAD,
    SegmentState,
    read_drops_mark,
    read_segment_head,
)

if TYPE_CHECKING:
    from agentops.domain.spans import DropRecord
    from agentops.recording.segment import SegmentFile

CHUNK: Final = 1 << 18
"""Bytes read at a time, more only where a frame is larger."""

_KIND: Final = re.compile(b"[%b]" % bytes(BODY_AT))


class SegmentScan:
    """Goes through one segment.

    It is read and not mapped: where the disk fails or the file is cut short, that is an error and not the end of the
    process by SIGBUS.

    Attributes:
        file: the segment.
        at: where the next frame begins.
        is_broken: whether the last `take` came upon what is no whole frame.
        is_marked: whether its head is as it should be.
    """

    def __init__(self, file: SegmentFile, at: int) -> None:
        """Begin at a position.

        Raises:
            OSError: if the file cannot be read.
        """
        self.file = file
        self.at = at
        self.is_broken = False
        self._descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
        self.is_marked = read_segment_head(self._read(0, SEGMENT_HEAD.size)) is not None

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def take(self, limit: int) -> list[bytes]:
        """The next whole frames: at most so many, and not much more than `CHUNK` bytes."""
        self.is_broken = False
        prefix = self._read(self.at, PREFIX.size)
        length = int.from_bytes(prefix[:4], "little")
        if length == 0 or len(prefix) < PREFIX.size:
            return []
        size = PREFIX.size + length
        data = self._read(self.at, max(CHUNK, size)) if self.at + size <= self._size() else b""
        frames = split(data, limit=limit)
        self.at += sum(map(len, frames))
        self.is_broken = not frames
        return frames

    @property
    def is_ended(self) -> bool:
        """Whether its writer is done with it."""
        return self._head().written > 0

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is written behind what was taken, and its writer is not done with it."""
        return not self._read(self.at, PREFIX.size).strip(b"\0") and not self.is_ended

    def has_more(self) -> bool:
        """Whether something was written behind where writing seems to stand: what is between is damaged."""
        size, head = self._size(), self._head()
        if size < head.size > self.at or head.written > self.at:
            return True
        return any(
            chunk != bytes(len(chunk)) for start in range(self.at, size, CHUNK) for chunk in [self._read(start, CHUNK)]
        )

    def pass_damage(self) -> None:
        """Go to the next whole frame, or to the end where there is none."""
        size = self._size()
        data = self._read(self.at, max(0, size - self.at))
        for found in _KIND.finditer(data, PREFIX.size + 1):
            begin = found.start() - PREFIX.size
            if is_whole(data[begin : begin + PREFIX.size + int.from_bytes(data[begin : begin + 4], "little")]):
                self.at += begin
                return
        self.at = max(size, *self._head())

    def pass_end(self) -> DropRecord | None:
        """Be done with it; what it tells, the first time, of frames that were dropped behind it."""
        end = max(self._size(), *self._head())
        if self.at >= end:
            return None
        self.at = end
        mark = self._read(SEGMENT_HEAD.size, SEGMENT_DROPS.size)
        return read_drops_mark(mark) if len(mark) == SEGMENT_DROPS.size else None

    def _head(self) -> SegmentState:
        """What the segment says of itself; where it does not any more, that there was something in it."""
        return read_segment_head(self._read(0, SEGMENT_HEAD.size)) or SegmentState(FIRST_FRAME + 1, FIRST_FRAME + 1)

    def _size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def _read(self, at: int, size: int) -> bytes:
        data = os.pread(self._descriptor, size, at)
        while 0 < len(data) < size:
            more = os.pread(self._descriptor, size - len(data), at + len(data))
            if not more:
                break
            data += more
        return data
