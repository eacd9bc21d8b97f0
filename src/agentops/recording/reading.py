"""Reading a journal: from where a cursor stands, as long as frames are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agentops.domain import wire
from agentops.domain.journal.frames import record_frame
from agentops.domain.journal.joining import Joiner, damage
from agentops.recording.cursor import Cursor, first_needed
from agentops.recording.heads import FIRST_FRAME
from agentops.recording.scanning import SegmentScan
from agentops.recording.segment import SegmentFile, list_segments
from agentops.recording.templates import read_templates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agentops.domain.spans import Record, SpanRecord

BYTES_AT_A_TIME: Final = 8 << 20
"""Of frames behind the records that are given at a time: contents of model calls are large."""

_PATIENCE: Final = 3
"""How often a frame that is not whole is looked at again before it counts as damaged, in a living journal."""


class JournalReader:
    """One reader's way through a journal.

    Attributes:
        name: the journal's name.
        exhausted: whether the last `read` reached the end of what was written.
    """

    def __init__(self, directory: Path, cursor: str, *, final: bool = False) -> None:
        """Go on where the reader of this name stopped.

        Args:
            directory: the journal.
            cursor: a name under which the place is remembered.
            final: the writer is gone, so what is not whole now never will be.

        Raises:
            OSError: if the journal cannot be read, or the place cannot be written down.
        """
        self.name = directory.name
        self.exhausted = False
        self._directory = directory
        self._final = final
        self._templates_read = 0
        self._scan: SegmentScan | None = None
        self._waited = 0
        self._missed = 0
        self._cursor = Cursor(directory, cursor)
        self._joiner = Joiner(self._cursor.beginnings())
        self._joiner.read_templates = self._read_templates
        self._joiner.is_damaged = self._cursor.is_damaged
        self._place = self._cursor.place

    def read(self, limit: int = 4096) -> Sequence[Record]:
        """The next records, so many at most; a span that goes on comes running first, and whole when it ends.

        Raises:
            OSError: if the disk fails.
        """
        joiner = self._joiner
        self.exhausted = False
        size = 0
        while joiner.count < limit and size < BYTES_AT_A_TIME:
            try:
                frames = self._next_frames(limit - joiner.count)
            except OSError:
                if joiner.count:  # these first; it comes again
                    break
                raise
            if not frames:
                self.exhausted = True
                break
            for frame in frames:
                size += len(frame)
                if not joiner.take(frame):
                    self._miss()
        return joiner.finish()

    def _miss(self) -> None:
        """A span ended of which nothing is known.

        In a journal that was damaged its beginning is among what was lost: the first after each damage was counted
        with it, the others are counted now. Otherwise it began in another process, before a fork, or where there was
        no room for it, and is told of there.
        """
        if self._missed:
            self._missed -= 1
        elif self.damaged:
            self._joiner.add(damage())

    @property
    def damaged(self) -> bool:
        """Whether something is not as it was written; what was lost is told by drops."""
        return self._joiner.is_damaged

    @property
    def latest(self) -> int:
        """The latest time seen, Unix nanoseconds."""
        return self._joiner.latest

    def _read_templates(self) -> None:
        for template, position in read_templates(self._directory, self._templates_read):
            self._templates_read = position
            if template is not None:
                self._joiner.templates[template.id] = template

    def _next_frames(self, limit: int) -> list[bytes]:
        """The next whole frames of one segment, moving on to the next segment where one ends."""
        while True:
            scan = self._scan or self._open_segment()
            if scan is None:
                return []
            frames = scan.take(limit)
            if frames:
                self._waited = 0
                return frames
            later = self._later(scan)
            if not (later or self._final or scan.is_ended):
                return [] if not scan.is_broken or self._is_patient() else self._pass_damage(scan)
            frames = scan.take(limit)  # written between the first look and the roll
            if frames or scan.is_broken or scan.has_more():
                return frames or self._pass_damage(scan)
            drops = scan.pass_end()
            if drops is not None:
                return [record_frame(wire.encode(drops))]
            if later is None:
                return []
            self._go_to(later)

    def _is_patient(self) -> bool:
        self._waited += 1
        return self._waited < _PATIENCE

    def _pass_damage(self, scan: SegmentScan) -> list[bytes]:
        """Go to the next whole frame; says so by a drop."""
        self._waited = 0
        self._missed += 1
        self._joiner.is_damaged = True
        scan.pass_damage()
        return [record_frame(wire.encode(damage()))]

    def _later(self, scan: SegmentScan) -> SegmentFile | None:
        return next((file for file in list_segments(self._directory) if file.number > scan.file.number), None)

    def _open_segment(self) -> SegmentScan | None:
        """The segment that is next to be read."""
        number, at = self._place or (0, FIRST_FRAME)
        for file in list_segments(self._directory):
            if file.number >= number:
                self._go_to(file, at if file.number == number else FIRST_FRAME)
                break
        return self._scan

    def _go_to(self, file: SegmentFile, at: int = FIRST_FRAME) -> None:
        scan = SegmentScan(file, at)
        if self._scan is not None:
            self._scan.close()
        self._scan = scan
        self._place = file.number, at
        self._joiner.offset = file.offset
        if not scan.is_marked:
            self._joiner.is_damaged = True

    def unfinished(self) -> list[SpanRecord]:
        """The spans that were begun in what was read, and not ended."""
        return self._joiner.running(self._joiner.open.values())

    def commit(self) -> None:
        """What was read is safe elsewhere: remember it, and delete the segments that every cursor has passed.

        Raises:
            OSError: if it cannot be written down.
        """
        if self._scan is None:
            return
        number = self._scan.file.number
        passed = self._cursor.place is None or self._cursor.place[0] < number
        self._cursor.store(number, self._scan.at, self._joiner.open)
        if passed:
            needed = first_needed(self._directory)
            for file in list_segments(self._directory):
                if file.number < needed:
                    file.path.unlink(missing_ok=True)

    @property
    def running(self) -> int:
        """Spans that began in what was read, and did not end in it."""
        return len(self._joiner.open)

    @property
    def committed(self) -> tuple[int, int]:
        """Up to where everything is safe elsewhere: the number of a segment, and the position in it."""
        return self._cursor.place or (0, FIRST_FRAME)

    def close(self) -> None:
        """Let go of the files."""
        if self._scan is not None:
            self._scan.close()
            self._scan = None
        self._cursor.close()
