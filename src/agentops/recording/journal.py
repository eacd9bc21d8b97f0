"""The crash-proof file: frames appended to preallocated, memory-mapped segments.

The page cache outlives the process, so a frame that was copied into the map survives `kill -9`. One journal belongs
to one process; its owner holds an exclusive `flock`, so that others can tell whether it lives.

The hot path takes no lock: writing to a map moves its position and copies the bytes in one step of the interpreter,
which no other thread, signal handler or finaliser comes between. Where that is not so, or a segment is full, frames
wait in a queue that one thread at a time works off.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from agentops.domain import wire
from agentops.domain.spans import DropRecord
from agentops.errors import JournalError
from agentops.recording.clock import Clock
from agentops.recording.frames import SEGMENT_HEAD, Template, record_frame, template_frame, template_line
from agentops.recording.guard import logger
from agentops.recording.segment import SUFFIX, Segment, make_private_folder, open_private, segment_name, write_nowhere

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FIRST_SEGMENT: Final = 256 << 10
LATER_SEGMENT: Final = 4 << 20
LOCK_NAME: Final = "owner.lock"
TEMPLATES_NAME: Final = "templates"
SPARE_NAME: Final = "spare"
NEXT_NAME: Final = "next"
RETRY_SECONDS: Final = 0.25
"""How long frames of a size that there was no room for are dropped before room is looked for again."""


class Journal:
    """The journal of this process.

    Attributes:
        directory: where its files are.
        limit: bytes that its segments may take together; what comes beyond is dropped and counted.
        dropped: frames dropped so far.
        write: puts a frame into the current segment; ValueError says that it has no room.
        on_roll: called when a segment is full, so that it is read soon.
    """

    def __init__(self, root: Path, name: str, *, limit: int = 256 << 20, clock: Clock | None = None) -> None:
        """Make the journal's folder and its first segment.

        Raises:
            JournalError: if that cannot be done.
        """
        self.directory = root / f".{name}"
        self.name = name
        self.limit = limit
        self.dropped = 0
        self.write: Callable[[bytes], int] = write_nowhere
        self.on_roll: Callable[[], None] = lambda: None
        self._segment: Segment | None = None
        self._spare: Segment | None = None
        self._number = 0
        self._clock = clock or Clock()
        self._offset = self._clock.offset
        self._lock = threading.RLock()
        self._preparing = threading.Lock()
        self._busy = False
        self._closed = False
        self._waiting: deque[bytes] = deque()
        self._undefined: deque[Template] = deque()
        self._refused = 0
        self._retry_at = 0.0
        self._unreported = 0
        self._descriptors: list[int] = []
        try:
            self._make_files(root)
        except OSError as error:
            self.abandon()
            raise JournalError(f"no journal can be written in {root}: {error}") from error

    def _make_files(self, root: Path) -> None:
        make_private_folder(root)
        self.directory.mkdir(mode=0o700)
        try:
            self._fill_directory()
            self.directory = self.directory.rename(root / self.name)  # in sight of adopters once it is locked
        except OSError:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise

    def _fill_directory(self) -> None:
        owner = open_private(self.directory / LOCK_NAME)
        self._descriptors.append(owner)
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._templates = open_private(self.directory / TEMPLATES_NAME, os.O_APPEND)
        self._descriptors.append(self._templates)
        self._roll(())

    def use_clock(self, clock: Clock) -> None:
        """Take the times of this clock from now on."""
        self._clock = clock
        self.prepare()

    def define(self, template: Template) -> None:
        """Write down a template, before any frame refers to it.

        Where the disk is full the segments may still have room: it goes there, and to its place as soon as it can.
        """
        if not self._write_template(template):
            self._undefined.append(template)
            self.append(template_frame(template))

    def _write_template(self, template: Template) -> bool:
        line = template_line(template)
        with self._lock, contextlib.suppress(OSError):
            if self._closed:
                return True
            if os.write(self._templates, line) == len(line):
                return True
            os.write(self._templates, b"\n")  # after a line that was cut off
        return False

    def append(self, frame: bytes) -> None:
        """Append a frame; it survives this process once this returns. May be called from anywhere at any time."""
        try:
            self.write(frame)
        except ValueError:
            self.append_further(frame)

    def append_further(self, frame: bytes) -> None:
        """Append where the segment is full, or takes frames only one after the other.

        A signal handler or finaliser that interrupts this in its own thread leaves its frame to the interrupted one.
        """
        self._waiting.append(frame)
        self._work_off()

    def _work_off(self) -> None:
        """Place what waits, unless that is what was interrupted."""
        with self._lock:
            while self._waiting and not self._busy:
                self._busy = True
                try:
                    self._place_waiting()
                finally:
                    self._busy = False

    def _place_waiting(self) -> None:
        while self._waiting:
            self._place(self._waiting[0])
            self._waiting.popleft()

    def _place(self, frame: bytes) -> None:
        if self._segment is not None:
            with contextlib.suppress(ValueError):
                self._segment.map.write(frame)
                return
        if not self._make_room(frame):
            self.dropped += 1
            self._unreported += 1

    def _make_room(self, frame: bytes) -> bool:
        """Go to a new segment that begins with this frame; False while there is no room for one."""
        if self._closed or (time.monotonic() < self._retry_at and len(frame) >= self._refused):
            return False
        try:
            self._roll([*self._report(), frame])
        except OSError as error:
            if not self._unreported:
                logger.warning("agentops cannot record for now: %s", error)
            self._refused = len(frame)
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self.on_roll()
            return False
        self._unreported = 0
        self.on_roll()
        return True

    def _report(self) -> list[bytes]:
        """What says how many frames were dropped since it was last said."""
        if not self._unreported:
            return []
        drop = DropRecord(reason="journal full", count=self._unreported, time=self._clock.now())
        return [record_frame(wire.encode(drop))]

    def _roll(self, frames: Sequence[bytes]) -> None:
        """Go to a new segment that begins with these frames.

        They are in it before anybody else can fill it. The old one takes no more frames before the new one can be
        seen, so that a reader who sees it has seen all of the old one.

        Raises:
            OSError: if there is no room for one.
        """
        segment = self._take_segment(SEGMENT_HEAD.size + sum(map(len, frames)))
        offset = self._clock.offset
        try:
            for frame in frames:
                segment.map.write(frame)
            self._end_segment()
            self._number += 1
            segment.begin(self.directory / segment_name(self._number, offset))
        except ValueError as error:
            segment.discard()
            raise OSError(str(error)) from error
        except OSError:
            segment.discard()
            raise
        self._offset = offset
        self._segment = segment
        self.write = segment.map.write if segment.is_direct else write_nowhere

    def _end_segment(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.end()

    def _take_segment(self, needed: int) -> Segment:
        """A segment with room for so many bytes.

        Raises:
            OSError: if there is none.
        """
        spare, self._spare = self._spare, None
        if spare is not None:
            if spare.size >= needed:
                return spare
            spare.discard()
        room = self.limit - self.size
        if needed > room:
            raise OSError(f"the journal has reached its limit of {self.limit} bytes")
        wanted = LATER_SEGMENT if self._number else FIRST_SEGMENT
        with contextlib.suppress(OSError):
            return Segment(self.directory / NEXT_NAME, max(needed, min(wanted, room)))
        return Segment(self.directory / NEXT_NAME, max(needed, min(FIRST_SEGMENT, room)))

    def prepare(self) -> None:
        """What is better done off the hot path, now and then: the next segment ahead, and the clock's drift."""
        if not self._preparing.acquire(blocking=False):
            return
        try:
            while self._undefined and self._write_template(self._undefined[0]):
                self._undefined.popleft()
            with contextlib.suppress(OSError):
                self._follow_clock()
                self._make_spare()
            self._work_off()
        finally:
            self._preparing.release()

    def _follow_clock(self) -> None:
        with self._lock:
            if self._clock.offset == self._offset or self._busy or self._closed:
                return
            self._busy = True
            try:
                self._roll(())
            finally:
                self._busy = False

    def _make_spare(self) -> None:
        with self._lock:
            if self._spare is not None or self._closed or self.size + LATER_SEGMENT > self.limit:
                return
            spare = Segment(self.directory / SPARE_NAME, LATER_SEGMENT)
        spare.touch()
        with self._lock:
            if self._closed:
                spare.discard()
            else:
                self._spare = spare

    @property
    def size(self) -> int:
        """Bytes that its segments take."""
        total = 0
        with os.scandir(self.directory) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX) or entry.name in (SPARE_NAME, NEXT_NAME):
                    with contextlib.suppress(FileNotFoundError):  # read to its end and deleted meanwhile
                        total += entry.stat().st_size
        return total

    def close(self) -> None:
        """End writing; what was appended waits to be read."""
        with self._lock:
            if not self._closed:
                self._place_waiting()
                for frame in self._report():
                    self._place(frame)
                self._end_segment()
            self.abandon()

    def abandon(self) -> None:
        """Let go of the files without writing: in a forked child, where they are the parent's."""
        self._closed = True
        self.write = write_nowhere
        for segment in (self._segment, self._spare):
            if segment is not None:
                segment.map.close()
        self._segment = self._spare = None
        for descriptor in self._descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._descriptors.clear()


def new_name(now: int) -> str:
    """A name for a journal made now (Unix nanoseconds): they sort by age."""
    return f"{now:020d}-{os.getpid()}-{os.urandom(4).hex()}"
