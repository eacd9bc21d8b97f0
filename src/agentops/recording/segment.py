"""One segment of a journal: a file of fixed size that frames are copied into."""

from __future__ import annotations

import errno
import mmap
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from agentops.recording.heads import FIRST_FRAME, SEGMENT_DROPS, SEGMENT_HEAD, SegmentState, drops_mark, segment_head

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX: Final = ".segment"
GIL: Final[bool] = getattr(sys, "_is_gil_enabled", lambda: True)()
"""Whether one thread runs at a time, so that nothing comes between the two steps of writing to a map."""

_UNSUPPORTED: Final = (OSError, ValueError, AttributeError)
"""What mapping raises where a file system, or Python there, cannot do it."""

_NO_SUCH_CALL: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


class Memory(Protocol):
    """Bytes that are written one after the other."""

    def write(self, data: bytes, /) -> int:
        """Put bytes behind those written before.

        Raises:
            ValueError: if there is no room for them, or it was closed.
        """
        ...

    def tell(self) -> int:
        """How many bytes were written."""
        ...

    def __setitem__(self, where: slice[int, int, None], data: bytes, /) -> None: ...

    def close(self) -> None:
        """Let go of it."""
        ...


def write_nowhere(data: bytes, /) -> int:
    """What writing is where there is no segment, or none that may be written to without further ado.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"no room for {len(data)} bytes")


class WrittenFile:
    """A file that cannot be mapped: each frame is a write of its own, which survives the process as well."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = os.dup(descriptor)
        self._size = size
        self._position = 0

    def write(self, data: bytes, /) -> int:
        """Write bytes behind those written before; one caller at a time.

        Raises:
            ValueError: if there is no room for them, the disk fails, or it was closed.
        """
        end = self._position + len(data)
        if end > self._size:
            raise ValueError("the file is full")
        try:
            write_all(self._descriptor, data, self._position)
        except OSError as error:
            self[self._position : end] = bytes(len(data))  # nothing of it stays behind the next
            raise ValueError(str(error)) from error
        self._position = end
        return len(data)

    def tell(self) -> int:
        """How many bytes were written."""
        return self._position

    def __setitem__(self, where: slice[int, int, None], data: bytes) -> None:
        with suppress(OSError):
            write_all(self._descriptor, data, where.start)

    def close(self) -> None:
        """Let go of the file."""
        self._size = 0
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class Segment:
    """A segment being written.

    Attributes:
        path: its file.
        map: its bytes.
        size: how many it has room for.
        is_direct: whether any thread may write to the map at any time: each write is one step of the interpreter,
            which no other thread, signal handler or finaliser comes between.
    """

    __slots__ = ("is_direct", "map", "path", "size")

    def __init__(self, path: Path, size: int) -> None:
        """Make the file, with its space on disk: writing to a mapped hole on a full disk kills the process.

        Raises:
            OSError: if there is no room, or the folder cannot be written.
        """
        self.path = path
        self.size = size
        path.unlink(missing_ok=True)
        descriptor = open_private(path, os.O_EXCL)
        try:
            allocate(descriptor, size)
            self.map = map_file(descriptor, size)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        self.is_direct = GIL and isinstance(self.map, mmap.mmap)
        self.map.write(segment_head(SegmentState(size)) + bytes(SEGMENT_DROPS.size))

    def begin(self, path: Path) -> None:
        """Put it in its place, in sight of readers."""
        self.path.rename(path)
        self.path = path

    def end(self) -> None:
        """Write no more, and say how much was written, so that what gets lost at its end is missed."""
        self.map[0 : SEGMENT_HEAD.size] = segment_head(SegmentState(self.size, self.map.tell()))
        self.map.close()

    def tell_drops(self, count: int, time: int) -> None:
        """Note that so many frames were dropped behind it, until a moment (Unix nanoseconds): always room for that."""
        self.map[SEGMENT_HEAD.size : FIRST_FRAME] = drops_mark(count, time)

    def discard(self) -> None:
        """Delete it."""
        self.map.close()
        with suppress(OSError):
            self.path.unlink()

    def touch(self) -> None:
        """Bring its pages into memory, before it is used, so that writing does not wait for the file system."""
        if isinstance(self.map, mmap.mmap):
            for start in range(mmap.PAGESIZE, self.size, mmap.PAGESIZE):
                self.map[start : start + 1] = b"\0"


class SegmentFile(NamedTuple):
    """A segment to be read: its number, what to add to the times in it to have Unix nanoseconds, and where it is."""

    number: int
    offset: int
    path: Path


def segment_name(number: int, offset: int) -> str:
    """The name of a segment's file; it tells what must not get lost, as content can be damaged and names hardly."""
    return f"{number:08d}.{offset}{SUFFIX}"


def list_segments(directory: Path) -> list[SegmentFile]:
    """The segments of a journal in their order."""
    found: list[SegmentFile] = []
    for name in os.listdir(directory):  # noqa: PTH208 - only names are needed, and often
        number, _, offset = name.removesuffix(SUFFIX).partition(".")
        if name.endswith(SUFFIX) and number.isdecimal() and offset.removeprefix("-").isdecimal():
            found.append(SegmentFile(int(number), int(offset), directory / name))
    return sorted(found)


def make_private_folder(folder: Path) -> None:
    """Create a folder, and those above it, for their owner only; existing ones stay as they are.

    Raises:
        OSError: if that cannot be done.
    """
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_private_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)


def open_private(path: Path, flags: int = 0) -> int:
    """A descriptor of a file that only its owner may read."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)


def write_all(descriptor: int, data: bytes, at: int = 0) -> None:
    """Write bytes at a position, all of them.

    Raises:
        OSError: if there is no room for all.
    """
    view = memoryview(data)
    while view:
        count = os.pwrite(descriptor, view, at)
        view, at = view[count:], at + count


def allocate(descriptor: int, size: int) -> None:
    """Reserve the space of a file on disk, by writing zeros where the system has no call for it.

    Raises:
        OSError: if there is no room.
    """
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, 0, size)
        except OSError as error:
            if error.errno not in _NO_SUCH_CALL:
                raise
        else:
            return
    zeros = bytes(1 << 20)
    for start in range(0, size, len(zeros)):
        write_all(descriptor, zeros[: size - start], start)


def map_file(descriptor: int, size: int) -> Memory:
    """The file as memory, or as writes where it cannot be mapped."""
    populate: Any = getattr(mmap, "MAP_POPULATE", 0)
    try:
        return mmap.mmap(descriptor, size, flags=mmap.MAP_SHARED | populate)
    except _UNSUPPORTED:
        return WrittenFile(descriptor, size)
