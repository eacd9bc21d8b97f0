"""One segment of a journal: a file of fixed size that frames are copied into."""

from __future__ import annotations

import mmap
import os
import threading
from pathlib import Path
from typing import Any, Final, Protocol

from agentops.recording.frames import segment_head

SUFFIX: Final = ".segment"
_UNSUPPORTED: Final = (OSError, ValueError, AttributeError)
"""What mapping raises where a file system, or Python there, cannot do it."""


class Memory(Protocol):
    """Bytes that are written one after the other, each write in one step that no other thread or signal sees half of."""

    def write(self, data: bytes, /) -> int:
        """Put bytes behind those written before.

        Raises:
            ValueError: if there is no room for them, or it was closed.
        """
        ...

    def tell(self) -> int:
        """How many bytes were written."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Nowhere:
    """No memory at all."""

    def write(self, data: bytes, /) -> int:
        """Nothing is kept.

        Raises:
            ValueError: always.
        """
        raise ValueError(f"no room for {len(data)} bytes")

    def tell(self) -> int:
        """Nothing was written."""
        return 0

    def close(self) -> None:
        """Nothing to let go of."""


class WrittenFile:
    """A file that cannot be mapped: each frame is a write of its own, which survives the process as well."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = os.dup(descriptor)
        self._size = size
        self._position = 0
        self._lock = threading.RLock()

    def write(self, data: bytes, /) -> int:
        """Write bytes behind those written before.

        Raises:
            ValueError: if there is no room for them, or it was closed.
        """
        with self._lock:
            position = self._position
            end = position + len(data)
            if end > self._size:
                raise ValueError("the file is full")
            self._position = end
            return os.pwrite(self._descriptor, data, position)

    def tell(self) -> int:
        """How many bytes were written."""
        return self._position

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._size:
                self._size = 0
                os.close(self._descriptor)


class Segment:
    """A segment being written.

    Attributes:
        path: its file.
        map: its bytes.
        size: how many it has room for.
    """

    __slots__ = ("map", "path", "size")

    def __init__(self, path: Path, size: int) -> None:
        """Make the file, with its space on disk: writing to a mapped hole on a full disk kills the process.

        Raises:
            OSError: if there is no room, or the folder cannot be written.
        """
        self.path = path
        self.size = size
        descriptor = open_private(path, os.O_EXCL)
        try:
            allocate(descriptor, size)
            self.map = map_file(descriptor, size)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)

    def begin(self, path: Path, offset: int) -> None:
        """Put it in its place, with the offset of the times to come."""
        self.map.write(segment_head(offset))
        self.path.rename(path)
        self.path = path

    def discard(self) -> None:
        """Delete it."""
        self.map.close()
        self.path.unlink(missing_ok=True)

    def touch(self) -> None:
        """Bring its pages into memory, before it is used, so that writing does not wait for the file system."""
        if isinstance(self.map, mmap.mmap):
            for start in range(0, self.size, mmap.PAGESIZE):
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
        return WrittenFile(descriptor, size)
