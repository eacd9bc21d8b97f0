"""The crash-proof file: frames appended to preallocated, memory-mapped segments.

The page cache outlives the process, so a frame that was copied into the map survives `kill -9`. One journal belongs
to one process; its owner holds an exclusive `flock`, so that others can tell whether it lives.

The hot path takes no lock: writing to a map moves its position and copies the bytes in one step of the interpreter,
which no other thread, signal handler or finaliser comes between.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec

from agentops.domain import wire
from agentops.domain.spans import DropRecord
from agentops.errors import JournalError
from agentops.recording.clock import Clock
from agentops.recording.frames import SEGMENT_HEAD, Template, record_frame
from agentops.recording.guard import logger
from agentops.recording.segment import SUFFIX, Nowhere, Segment, open_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIRST_SEGMENT: Final = 256 << 10
LATER_SEGMENT: Final = 4 << 20
LOCK_NAME: Final = "owner.lock"
TEMPLATES_NAME: Final = "templates.jsonl"
SPARE_NAME: Final = "spare"
NEXT_NAME: Final = "next"
NOWHERE: Final = Nowhere()
RETRY_SECONDS: Final = 0.25
"""How long appends are dropped before room is looked for again."""


class Journal:
    """The journal of this process.

    Attributes:
        directory: where its files are.
        limit: bytes that its files may take together; what comes beyond is dropped and counted.
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
        self._segment: Segment | None = None
        self.write: Callable[[bytes], int] = NOWHERE.write
        self.on_roll: Callable[[], None] = lambda: None
        self._clock = clock or Clock()
        self._offset = self._clock.offset
        self._lock = threading.RLock()
        self._busy = False
        self._waiting: deque[bytes] = deque()
        self._spare: Segment | None = None
        self._number = 0
        self._retry_at = 0.0
        self._unreported = 0
        self._descriptors: list[int] = []
        try:
            self._make_files(root)
        except OSError as error:
            self.abandon()
            raise JournalError(f"no journal can be written in {root}: {error}") from error

    def _make_files(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.directory.mkdir(mode=0o700)
        owner = open_private(self.directory / LOCK_NAME)
        self._descriptors.append(owner)
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._templates = open_private(self.directory / TEMPLATES_NAME, os.O_APPEND)
        self._descriptors.append(self._templates)
        self._roll(FIRST_SEGMENT)
        self.directory = self.directory.rename(root / self.name)  # in sight of adopters once it is locked

    def use_clock(self, clock: Clock) -> None:
        """Take the times of this clock from now on."""
        self._clock = clock
        self.prepare()

    def define(self, template: Template) -> None:
        """Write down a template, before any frame refers to it."""
        if self._descriptors:
            os.write(self._templates, msgspec.json.encode(template) + b"\n")

    def append(self, frame: bytes) -> None:
        """Append a frame; it survives this process once this returns. May be called from anywhere at any time."""
        try:
            self.write(frame)
        except ValueError:
            self.append_further(frame)

    def append_further(self, frame: bytes) -> None:
        """Append where the segment is full.

        A signal handler or finaliser that interrupts this in its own thread leaves its frame to the interrupted one.
        """
        with self._lock:
            if self._busy:
                self._waiting.append(frame)
                return
            self._busy = True
            try:
                self._place(frame)
                while self._waiting:
                    self._place(self._waiting.popleft())
            finally:
                self._busy = False

    def _place(self, frame: bytes) -> None:
        with contextlib.suppress(ValueError):
            self.write(frame)  # somebody else has made room meanwhile
            return
        if self._make_room(len(frame)):
            self.write(frame)
        else:
            self.dropped += 1
            self._unreported += 1

    def _make_room(self, size: int) -> bool:
        """Go to a new segment that takes a frame of this size; False while there is no room for one."""
        if time.monotonic() < self._retry_at:
            return False
        try:
            self._roll(max(LATER_SEGMENT, SEGMENT_HEAD.size + size))
        except OSError as error:
            if not self._unreported:
                logger.warning("agentops cannot record for now: %s", error)
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self.on_roll()
            return False
        self.on_roll()
        if self._unreported:
            self._report_drops()
        return True

    def _roll(self, size: int) -> None:
        """Go to a new segment.

        Raises:
            OSError: if there is no room for one.
        """
        spare, self._spare = self._spare, None
        if spare is not None and spare.size < size:
            spare.discard()
            spare = None
        if spare is None:
            if self.size + size > self.limit:
                raise OSError(f"the journal has reached its limit of {self.limit} bytes")
            spare = Segment(self.directory / NEXT_NAME, size)
        self._number += 1
        self._offset = self._clock.offset
        spare.begin(self.directory / f"{self._number:08d}{SUFFIX}", self._offset)
        previous, self._segment = self._segment, spare
        self.write = spare.map.write
        if previous is not None:
            previous.map.close()

    def prepare(self) -> None:
        """What is better done off the hot path, now and then: the next segment ahead, and the clock's drift.

        Called by one thread at a time.
        """
        if self._segment is None:
            return
        with contextlib.suppress(OSError):
            if self._clock.offset != self._offset:
                self._follow_clock()
            if self._spare is None and self.size + LATER_SEGMENT <= self.limit:
                spare = Segment(self.directory / SPARE_NAME, LATER_SEGMENT)
                spare.touch()
                self._spare = spare

    def _follow_clock(self) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                try:
                    self._roll(FIRST_SEGMENT)
                finally:
                    self._busy = False

    @property
    def size(self) -> int:
        """Bytes that its files take."""
        with os.scandir(self.directory) as entries:
            return sum(entry.stat().st_size for entry in entries)

    def _report_drops(self) -> None:
        count, self._unreported = self._unreported, 0
        drop = DropRecord(reason="journal full", count=count, time=self._clock.now())
        self._waiting.append(record_frame(wire.encode(drop)))

    def close(self) -> None:
        """End writing; what was appended waits to be read."""
        with self._lock:
            if self._unreported:
                self._report_drops()
                with contextlib.suppress(ValueError):
                    self.write(self._waiting.popleft())
            self.abandon()

    def abandon(self) -> None:
        """Let go of the files without writing: in a forked child, where they are the parent's."""
        self.write = NOWHERE.write
        for segment in (self._segment, self._spare):
            if segment is not None:
                segment.map.close()
        self._segment = self._spare = None
        for descriptor in self._descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._descriptors.clear()
        self._retry_at = float("inf")


def new_name(now: int) -> str:
    """A name for a journal made now (Unix nanoseconds): they sort by age."""
    return f"{now:020d}-{os.getpid()}-{os.urandom(4).hex()}"
