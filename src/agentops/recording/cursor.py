"""Where one reader stands in a journal, kept beside it so that another process can go on from there."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final
from zlib import crc32

from agentops.recording.decoding import Beginning
from agentops.recording.frames import PREFIX, START, START_HEAD, START_ID, is_whole
from agentops.recording.segment import open_private, write_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CURSOR_SUFFIX: Final = ".cursor"
OPEN_SUFFIX: Final = ".open"
_POSITION: Final = struct.Struct("<QQ")
_STORED: Final = struct.Struct("<QQI")
_KEPT: Final = struct.Struct("<qI")


class Cursor:
    """One reader's place, and how the spans began that are open there: the segments that say so may be gone.

    Attributes:
        place: number of the segment and position in it; None where nothing was read yet.
        is_damaged: whether what was kept is not as it was written.
    """

    def __init__(self, directory: Path, name: str) -> None:
        """Take the place that this name has in a journal; from now on nothing behind it is deleted.

        Raises:
            OSError: if that cannot be written down.
        """
        self._open_path = directory / f"{name}{OPEN_SUFFIX}"
        self._descriptor = open_private(directory / f"{name}{CURSOR_SUFFIX}")
        stored = os.pread(self._descriptor, _STORED.size, 0)
        self.place = _place_of(stored)
        self.is_damaged = bool(stored) and self.place is None
        self._written: set[bytes] = set()
        self._kept: dict[bytes, Beginning] = {}

    def beginnings(self) -> dict[bytes, Beginning]:
        """The spans that were open when the place was last stored, by their ids."""
        try:
            data = self._open_path.read_bytes()
        except FileNotFoundError:
            return {}
        kept = dict[bytes, Beginning]()
        at = 0
        while at + _KEPT.size <= len(data):
            offset, size = _KEPT.unpack_from(data, at)
            frame = data[at + _KEPT.size : at + _KEPT.size + size]
            at += _KEPT.size + size
            if len(frame) < START_HEAD.size or frame[PREFIX.size] != START or not is_whole(frame, _checksum_of(frame)):
                self.is_damaged = True
            else:
                kept[frame[START_ID]] = Beginning(offset, frame)
        self._kept = dict(kept)
        self._written = set(kept)
        return kept

    def store(self, number: int, at: int, beginnings: Mapping[bytes, Beginning]) -> None:
        """Remember a place and the spans that are open there.

        Those that were open at the place before are written as well: whoever comes after a death in between reads on
        from there.

        Raises:
            OSError: if it cannot be written.
        """
        both = {**self._kept, **beginnings}
        if both.keys() != self._written:
            self._write(both)
        os.pwrite(self._descriptor, _stored(number, at), 0)
        self.place = number, at
        self._kept = dict(beginnings)

    def _write(self, beginnings: Mapping[bytes, Beginning]) -> None:
        replacement = self._open_path.with_suffix(".new")
        descriptor = open_private(replacement, os.O_TRUNC)
        try:
            kept = [_KEPT.pack(offset, len(frame)) + frame for offset, frame in beginnings.values()]
            write_all(descriptor, b"".join(kept))
        finally:
            os.close(descriptor)
        replacement.rename(self._open_path)
        self._written = set(beginnings)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def first_needed(directory: Path) -> int:
    """The number of the first segment that some reader of a journal still needs; 0 is all of them."""
    places = [_place_of(path.read_bytes()) for path in directory.glob(f"*{CURSOR_SUFFIX}")]
    return min((0 if place is None else place[0] for place in places), default=0)


def _checksum_of(frame: bytes) -> int:
    return PREFIX.unpack_from(frame)[1]


def _stored(number: int, at: int) -> bytes:
    return _STORED.pack(number, at, crc32(_POSITION.pack(number, at)))


def _place_of(stored: bytes) -> tuple[int, int] | None:
    if len(stored) != _STORED.size:
        return None
    number, at, _ = _STORED.unpack(stored)
    return (number, at) if _stored(number, at) == stored else None
