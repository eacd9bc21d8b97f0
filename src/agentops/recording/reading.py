"""Reading a journal: from where a cursor stands, as long as frames are whole."""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
from typing import TYPE_CHECKING, Final

import msgspec

from agentops.domain import wire
from agentops.domain.spans import DropRecord
from agentops.recording.decoding import Beginning, ended_record, running_record
from agentops.recording.frames import (
    BODY_AT,
    MAGIC,
    PREFIX,
    RECORD,
    SEGMENT_HEAD,
    START,
    START_HEAD,
    Template,
    checksum,
    record_frame,
)
from agentops.recording.journal import TEMPLATES_NAME
from agentops.recording.segment import SUFFIX, open_private

if TYPE_CHECKING:
    from pathlib import Path

    from agentops.domain.spans import Record

CURSOR_SUFFIX: Final = ".cursor"
OPEN_SUFFIX: Final = ".open"
_POSITION: Final = struct.Struct("<QQ")
_KEPT: Final = struct.Struct("<qI")
_START_ID: Final = slice(START_HEAD.size - 24, START_HEAD.size - 16)
_END_ID: Final = slice(12, 20)
_PATIENCE: Final = 3
"""How often a frame that is not whole is looked at again before it counts as damaged, in a living journal."""
_UNREADABLE: Final = (msgspec.MsgspecError, struct.error, ValueError, RecursionError, IndexError, KeyError)


class JournalReader:
    """One reader's way through a journal.

    Attributes:
        name: the journal's name.
        exhausted: whether the last `read` reached the end of what was written.
        damaged: whether frames had to be skipped.
    """

    def __init__(self, directory: Path, cursor: str, *, final: bool = False) -> None:
        """`final`: the writer is gone, so what is not whole now never will be."""
        self.name = directory.name
        self.exhausted = False
        self.damaged = False
        self._directory = directory
        self._final = final
        self._templates: dict[int, Template] = {}
        self._templates_read = 0
        self._segment: mmap.mmap | None = None
        self._times_from = 0
        self._waited = 0
        self._kept_from = 0
        self._open_path = directory / f"{cursor}{OPEN_SUFFIX}"
        self._open: dict[bytes, Beginning] = dict(_kept_beginnings(self._open_path))
        self._kept = set(self._open)
        self._cursor = open_private(directory / f"{cursor}{CURSOR_SUFFIX}")
        stored = os.pread(self._cursor, _POSITION.size, 0)
        self._number, self._offset = _POSITION.unpack(stored) if len(stored) == _POSITION.size else (1, _FIRST)

    def read(self, limit: int = 4096) -> list[Record]:
        """The next records; a span that goes on comes running first, and whole when it ends."""
        records: list[Record] = []
        begun: dict[bytes, Beginning] = {}
        self.exhausted = False
        while len(records) + len(begun) < limit:
            frames = self._next_frames(limit)
            if not frames:
                self.exhausted = True
                break
            for frame in frames:
                self._take(frame, begun, records)
        self._open.update(begun)
        for beginning in begun.values():
            with contextlib.suppress(*_UNREADABLE):
                records.append(running_record(self._known(beginning), beginning))
        return records

    def _take(self, frame: bytes, begun: dict[bytes, Beginning], records: list[Record]) -> None:
        kind = frame[PREFIX.size]
        try:
            if kind == START:
                begun[frame[_START_ID]] = Beginning(self._times_from, frame)
            elif kind == RECORD:
                records.append(wire.decode(frame[BODY_AT[RECORD] :]))
            else:
                span_id = frame[_END_ID]
                beginning = begun.pop(span_id, None) or self._open.pop(span_id)
                records.append(ended_record(self._known(beginning), beginning, self._times_from, frame))
        except _UNREADABLE:
            self.damaged = True
            records.append(DropRecord(reason="journal damaged", count=1))

    def _known(self, beginning: Beginning) -> dict[int, Template]:
        (number,) = struct.unpack_from("<I", beginning.frame, PREFIX.size + 4)
        if number not in self._templates:
            self._read_templates()
        return self._templates

    def _read_templates(self) -> None:
        with (self._directory / TEMPLATES_NAME).open("rb") as file:
            file.seek(self._templates_read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._templates_read += len(line)
                with contextlib.suppress(msgspec.MsgspecError):
                    template = msgspec.json.decode(line, type=Template)
                    self._templates[template.id] = template

    def _next_frames(self, limit: int) -> list[bytes]:
        """The next whole frames of one segment, moving on to the next segment where one ends."""
        while True:
            if self._segment is None and not self._open_segment():
                return []
            frames = self._parse(limit)
            if frames:
                return frames
            if not self._has_later():
                return []
            frames = self._parse(limit)  # written between the first look and the roll
            if frames:
                return frames
            self._segment = None
            self._number += 1
            self._offset = _FIRST

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:08d}{SUFFIX}"

    def _numbers(self) -> list[int]:
        return sorted(int(path.name.removesuffix(SUFFIX)) for path in self._directory.glob(f"*{SUFFIX}"))

    def _has_later(self) -> bool:
        return self._path(self._number + 1).exists() or any(number > self._number for number in self._numbers())

    def _open_segment(self) -> bool:
        if not self._path(self._number).exists():
            later = [number for number in self._numbers() if number > self._number]
            if not later:
                return False
            self._number, self._offset = later[0], _FIRST
        self._segment = _map(self._path(self._number))
        if self._segment is not None:
            magic, self._times_from = SEGMENT_HEAD.unpack_from(self._segment)
            if magic != MAGIC:
                self.damaged = True
        return self._segment is not None or self._has_later()

    def _parse(self, limit: int) -> list[bytes]:
        data, offset, frames = self._segment, self._offset, list[bytes]()
        if data is None:
            return frames
        size = len(data)
        while len(frames) < limit and offset + PREFIX.size < size:
            length, crc = PREFIX.unpack_from(data, offset)
            if length == 0:
                break
            end = offset + PREFIX.size + length
            frame = data[offset:end]
            if end > size or not _is_whole(frame, crc):
                self._offset = offset
                return frames or self._pass_damage(data)
            frames.append(frame)
            offset = end
        self._offset = offset
        self._waited = 0
        return frames

    def _pass_damage(self, data: mmap.mmap) -> list[bytes]:
        """Go to the next whole frame, once it is clear that this one stays broken; says so by a drop."""
        self._waited += 1
        if not self._final and self._waited < _PATIENCE:
            return []
        self._waited = 0
        self.damaged = True
        self._offset = next(
            (at for at in range(self._offset + 1, len(data) - PREFIX.size) if _is_frame(data, at)), len(data)
        )
        return [record_frame(wire.encode(DropRecord(reason="journal damaged", count=1)))]

    def commit(self) -> None:
        """What was read is safe elsewhere: remember it, and delete the segments that every cursor has passed."""
        if self._kept != self._open.keys():
            kept = b"".join(_KEPT.pack(times, len(frame)) + frame for times, frame in self._open.values())
            replacement = self._open_path.with_suffix(".new")
            descriptor = open_private(replacement, os.O_TRUNC)
            try:
                os.write(descriptor, kept)
            finally:
                os.close(descriptor)
            replacement.rename(self._open_path)
            self._kept = set(self._open)
        os.pwrite(self._cursor, _POSITION.pack(self._number, self._offset), 0)
        if self._number > self._kept_from:
            cursors = self._directory.glob(f"*{CURSOR_SUFFIX}")
            passed = min(map(_stored_number, cursors), default=self._number)
            for number in self._numbers():
                if number < passed:
                    self._path(number).unlink(missing_ok=True)
            self._kept_from = self._number

    def close(self) -> None:
        """Let go of the files."""
        self._segment = None
        os.close(self._cursor)


_FIRST: Final = SEGMENT_HEAD.size


def _map(path: Path) -> mmap.mmap | None:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size >= SEGMENT_HEAD.size else None


def _is_whole(frame: bytes, crc: int) -> bool:
    body = BODY_AT.get(frame[PREFIX.size])
    return body is not None and len(frame) >= body and checksum(frame[body:]) == crc


def _is_frame(data: mmap.mmap, at: int) -> bool:
    if data[at + PREFIX.size] not in BODY_AT:
        return False
    length, crc = PREFIX.unpack_from(data, at)
    return 0 < length <= len(data) - at - PREFIX.size and _is_whole(data[at : at + PREFIX.size + length], crc)


def _kept_beginnings(path: Path) -> list[tuple[bytes, Beginning]]:
    """The beginnings of spans that were open when the cursor was last moved; their segments may be gone."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    kept: list[tuple[bytes, Beginning]] = []
    at = 0
    while at + _KEPT.size <= len(data):
        times, size = _KEPT.unpack_from(data, at)
        frame = data[at + _KEPT.size : at + _KEPT.size + size]
        if len(frame) == size:
            kept.append((frame[_START_ID], Beginning(times, frame)))
        at += _KEPT.size + size
    return kept


def _stored_number(path: Path) -> int:
    stored = path.read_bytes()
    return _POSITION.unpack(stored)[0] if len(stored) == _POSITION.size else 1
