"""Where one reader stands in a journal, kept beside it so that another process can go on from there."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final
from zlib import crc32

from agentops.domain.journal.decoding import Beginning
from agentops.domain.journal.frames import START_HEAD, START_ID
from agentops.recording.segment import open_private, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CURSOR_SUFFIX: Final = ".cursor"
OPEN_SUFFIX: Final = ".open"
_POSITION: Final = struct.Struct("<QQ")
_STORED: Final = struct.Struct("<QQI")
_CHECK: Final = struct.Struct("<I")
_KEPT: Final = struct.Struct("<qII")
_MASK: Final = 0xFFFFFFFF


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
        kept = dict(_entries(data))
        if data[: _CHECK.size] != _CHECK.pack(crc32(data[_CHECK.size :])):
            self.is_damaged = True
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
            self._write_open(both)
        self._write_place(number, at)
        self._kept = dict(beginnings)

    def _write_place(self, number: int, at: int) -> None:
        write_all(self._descriptor, _stored(number, at))
        self.place = number, at

    def _write_open(self, beginnings: Mapping[bytes, Beginning]) -> None:
        replacement = self._open_path.with_suffix(".new")
        descriptor = open_private(replacement, os.O_TRUNC)
        try:
            entries = b"".join(map(_entry, beginnings.values()))
            write_all(descriptor, _CHECK.pack(crc32(entries)) + entries)
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


def _entry(beginning: Beginning) -> bytes:
    offset, frame = beginning
    return _KEPT.pack(offset, len(frame), crc32(frame, offset & _MASK)) + frame


def _entries(data: bytes) -> Iterator[tuple[bytes, Beginning]]:
    """The beginnings in a file of them, by span id, as far as they are whole."""
    at = _CHECK.size
    while at + _KEPT.size <= len(data):
        offset, size, crc = _KEPT.unpack_from(data, at)
        frame = data[at + _KEPT.size : at + _KEPT.size + size]
        at += _KEPT.size + size
        if size >= START_HEAD.size and crc32(frame, offset & _MASK) == crc:
            yield frame[START_ID], Beginning(offset, frame)


def _stored(number: int, at: int) -> bytes:
    return _STORED.pack(number, at, crc32(_POSITION.pack(number, at)))


def _place_of(stored: bytes) -> tuple[int, int] | None:
    if len(stored) != _STORED.size:
        return None
    number, at, _ = _STORED.unpack(stored)
    return (number, at) if _stored(number, at) == stored else None
