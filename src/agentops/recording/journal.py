"""The crash-proof file: frames appended to preallocated, memory-mapped segments.

The page cache outlives the process, so a frame that was copied into the map survives `kill -9`. One journal belongs
to one process; its owner holds an exclusive `flock`, so that others can tell whether it lives.

The hot path takes no lock: writing to a map moves its position and copies the bytes in one step of the interpreter,
which no other thread, signal handler or finaliser comes between. Where that is not so, or a segment is full, frames
wait in a queue that one thread at a time works off.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from typing import TYPE_CHECKING

from agentops.domain.journal.frames import template_frame
from agentops.errors import JournalError
from agentops.recording.clock import Clock
from agentops.recording.drops import Drops
from agentops.recording.heads import FIRST_FRAME
from agentops.recording.ownership import OwnedFolder
from agentops.recording.segment import Segment, segment_name, write_nowhere
from agentops.recording.supply import FIRST_SEGMENT, LATER_SEGMENT, Supply
from agentops.recording.templates import TemplateWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agentops.domain.journal.frames import Template


class Journal:
    """The journal of this process.

    Attributes:
        write: puts a frame into the current segment; ValueError says that it has no room.
        on_roll: called when a segment is full, so that it is read soon.
    """

    def __init__(self, root: Path, name: str, *, limit: int = 256 << 20, clock: Clock | None = None) -> None:
        """Make the journal's folder and its first segment.

        Args:
            root: the folder of all journals.
            name: what it is called.
            limit: bytes that its segments may take together; what comes beyond is dropped and counted.
            clock: what its times are read from.

        Raises:
            JournalError: if that cannot be done.
        """
        self.name = name
        self._folder = OwnedFolder(root, name)
        self.write: Callable[[bytes], int] = write_nowhere
        self.on_roll: Callable[[], None] = lambda: None
        self._segment: Segment | None = None
        self._number = 0
        self._clock = clock or Clock()
        self._offset = self._clock.offset
        self._lock = threading.RLock()
        self._preparing = threading.Lock()
        self._busy = False
        self._closed = False
        self._waiting: deque[bytes] = deque()
        self._drops = Drops()
        self._templates: TemplateWriter | None = None
        self._supply = Supply(self.directory, limit)
        try:
            self._make_files()
        except OSError as error:
            self.abandon()
            raise JournalError(f"no journal can be written in {root}: {error}") from error

    def _make_files(self) -> None:
        with self._folder.made():
            self._templates = TemplateWriter(self.directory)
            self._roll((), wanted=FIRST_SEGMENT)
        self._supply.directory = self.directory
        if self._segment is not None:
            self._segment.path = self.directory / self._segment.path.name

    @property
    def directory(self) -> Path:
        """Where its files are."""
        return self._folder.path

    def use_clock(self, clock: Clock) -> None:
        """Take the times of this clock from now on."""
        self._clock = clock
        segment = self._segment
        if segment is not None and segment.map.tell() == FIRST_FRAME:  # nobody has seen it yet
            with contextlib.suppress(OSError):
                segment.begin(self.directory / segment_name(self._number, clock.offset))
                self._offset = clock.offset
        self.prepare()

    def define(self, template: Template) -> None:
        """Write down a template, before any frame refers to it.

        Where the disk is full the segments may still have room: it goes there, and to its place as soon as it can.
        """
        if self._templates is not None and not self._templates.add(template):
            self.append(template_frame(template))

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
            frame = self._waiting[0]
            self._place(frame)
            if self._waiting and self._waiting[0] is frame:  # unless a signal handler has closed the journal
                self._waiting.popleft()

    def _place(self, frame: bytes) -> None:
        if self._segment is not None:
            with contextlib.suppress(ValueError):
                self._segment.map.write(frame)
                return
        if not self._make_room(frame):
            self._drops.add(self._segment, self._clock.now)

    def _make_room(self, frame: bytes) -> bool:
        """Go to a new segment that begins with this frame; False while there is no room for one."""
        if self._closed or not self._drops.expects_room(len(frame)):
            return False
        try:
            self._roll([frame])
        except OSError as error:
            self._drops.refuse(len(frame), error)
            self.on_roll()
            return False
        self.on_roll()
        return True

    def _roll(self, frames: Sequence[bytes], *, least: int = 0, wanted: int = LATER_SEGMENT) -> None:
        """Go to a new segment that begins with these frames.

        They are in it before anybody else can fill it. The old one takes no more frames before the new one can be
        seen, so that a reader who sees it has seen all of the old one.

        Raises:
            OSError: if there is no room for one.
        """
        segment = self._supply.take(max(least, FIRST_FRAME + sum(map(len, frames))), wanted=wanted)
        offset = self._clock.offset
        try:
            for frame in frames:
                segment.map.write(frame)
            self._drops.move(self._end_segment(), segment, self._clock.now)
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

    def _end_segment(self) -> Segment | None:
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.end()
        return segment

    def prepare(self) -> None:
        """What is better done off the hot path, now and then: the next segment ahead, and the clock's drift."""
        if not self._preparing.acquire(blocking=False):
            return
        try:
            if self._templates is not None:
                self._templates.retry()
            with contextlib.suppress(OSError):
                if self._clock.offset != self._offset or self._drops.is_untold:
                    self._move_on()
                self._supply.prepare(self._lock)
            self._work_off()
        finally:
            self._preparing.release()

    def _move_on(self) -> None:
        """Go to a new segment though this one is not full: for other times, or so that drops are told of.

        Raises:
            OSError: if there is no room for one.
        """
        with self._lock:
            if self._busy or self._closed:
                return
            self._busy = True
            try:
                self._roll((), least=FIRST_SEGMENT, wanted=FIRST_SEGMENT)
            finally:
                self._busy = False

    @property
    def dropped(self) -> int:
        """Frames dropped so far."""
        return self._drops.total

    @property
    def position(self) -> tuple[int, int]:
        """Up to where it is written: the number of a segment, and the position in it."""
        segment = self._segment
        try:
            return self._number, FIRST_FRAME if segment is None else segment.map.tell()
        except ValueError:  # closed meanwhile
            return self._number, FIRST_FRAME

    @property
    def size(self) -> int:
        """Bytes that its segments take."""
        return self._supply.size

    def end(self) -> None:
        """End writing; what was appended waits to be read, and for nobody else to take it in."""
        with self._lock:
            if not self._closed:
                self._place_waiting()
                self._end_segment()
                if self._templates is not None:
                    self._templates.close()
            self._let_go()

    def close(self) -> None:
        """End writing; what was appended waits to be read, by whoever comes for it."""
        self.end()
        self.abandon()

    def abandon(self) -> None:
        """Let go of the files without writing: in a forked child, where they are the parent's."""
        self._let_go()
        self._folder.release()

    def _let_go(self) -> None:
        self._closed = True
        self.write = write_nowhere
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.map.close()
        self._supply.close()
        if self._templates is not None:
            self._templates.abandon()
