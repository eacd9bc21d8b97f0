"""One segment of a journal: a file of fixed size that frames are copied into."""

from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path
from typing import Any, Final, Protocol

from agentops.recording.frames import SEGMENT_HEAD, segment_head

SUFFIX: Final = ".segment"
GIL: Final = getattr(sys, "_is_gil_enabled", lambda: True)()
"""Whether CPython runs one thread at a time, which the hot path relies on."""
_UNSUPPORTED: Final = (OSError, ValueError, AttributeError)
"""What mapping raises where a file system, or Python there, cannot do it."""


class Memory(Protocol):
    """Where bytes are put by position."""

    def __setitem__(self, where: slice[int, int, None], data: bytes, /) -> None: ...
    def close(self) -> None: ...


class Nowhere:
    """No memory at all."""

    def __setitem__(self, where: slice[int, int, None], data: bytes) -> None:
        """Nothing is kept; nobody has room here."""

    def close(self) -> None:
        """Nothing to let go of."""


class WrittenFile:
    """A file that cannot be mapped: each frame is a write of its own, which survives the process as well."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = os.dup(descriptor)

    def __setitem__(self, where: slice[int, int, None], data: bytes) -> None:
        os.pwrite(self._descriptor, data, where.start)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


class Segment:
    """A segment being written.

    Attributes:
        map: its bytes.
        position: where the next frame goes.
        size: bytes it has room for on the hot path; none where writing runs Python code.
        capacity: bytes it has.
    """

    __slots__ = ("capacity", "map", "path", "position", "size", "touched")

    def __init__(self, path: Path, size: int) -> None:
        """Make the file, with its space on disk: writing to a mapped hole on a full disk kills the process.

        Raises:
            OSError: if there is no room, or the folder cannot be written.
        """
        self.path = path
        self.touched = False
        self.capacity = size
        self.position = SEGMENT_HEAD.size
        descriptor = open_private(path, os.O_EXCL)
        try:
            allocate(descriptor, size)
            self.map = map_file(descriptor, size)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        self.size = size if isinstance(self.map, mmap.mmap) and GIL else 0

    def begin(self, path: Path, offset: int) -> None:
        """Put it in its place, with the offset of the times to come."""
        self.map[0 : SEGMENT_HEAD.size] = segment_head(offset)
        self.path.rename(path)
        self.path = path

    def discard(self) -> None:
        """Delete it."""
        self.map.close()
        self.path.unlink(missing_ok=True)

    def touch(self) -> None:
        """Bring its pages into memory, so that the first writes to them do not wait for the file system."""
        if self.touched or not isinstance(self.map, mmap.mmap):
            return
        self.touched = True
        for start in range(self.capacity - mmap.PAGESIZE, 0, -mmap.PAGESIZE):
            if self.position > SEGMENT_HEAD.size:
                return  # it is in use already
            self.map[start : start + 1] = b"\0"


def open_private(path: Path, flags: int = 0) -> int:
    """A descriptor of a file that only its owner may read."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)


def allocate(descriptor: int, size: int) -> None:
    """Reserve the space of a file on disk, by writing zeros where the system has no call for it."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        zeros = bytes(1 << 20)
        for start in range(0, size, len(zeros)):
            os.pwrite(descriptor, zeros[: size - start], start)


def map_file(descriptor: int, size: int) -> Memory:
    """The file as memory, or as writes where it cannot be mapped."""
    populate: Any = getattr(mmap, "MAP_POPULATE", 0)
    try:
        return mmap.mmap(descriptor, size, flags=mmap.MAP_SHARED | populate)
    except _UNSUPPORTED:
        return WrittenFile(descriptor)
