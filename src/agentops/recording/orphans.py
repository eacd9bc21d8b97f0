"""Journals whose process is gone, and that somebody has to take over."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from typing import TYPE_CHECKING, Self

from agentops.recording.cursor import CURSOR_SUFFIX
from agentops.recording.journal import LOCK_NAME
from agentops.recording.reading import JournalReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType


class Orphan:
    """A journal that this process has taken over: nobody else can meanwhile.

    Attributes:
        name: the journal's name.
        ended_at: the last sign of life of its process, Unix nanoseconds.
    """

    def __init__(self, directory: Path, lock: int) -> None:
        self.directory = directory
        self.name = directory.name
        self.ended_at = max((path.stat().st_mtime_ns for path in directory.iterdir()), default=0)
        self._lock = lock

    def reader(self, cursor: str) -> JournalReader:
        """A reader that goes on where the one of this name stopped."""
        return JournalReader(self.directory, cursor, final=True)

    def cursors(self) -> list[str]:
        """The names of all readers that have begun to read it."""
        return sorted(path.name.removesuffix(CURSOR_SUFFIX) for path in self.directory.glob(f"*{CURSOR_SUFFIX}"))

    @property
    def process_id(self) -> int | None:
        """The process that wrote it, as its name says."""
        parts = self.name.split("-")
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None

    def remove(self) -> None:
        """Delete the journal: everything in it is safe elsewhere."""
        shutil.rmtree(self.directory)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def orphans(root: Path) -> Iterator[Orphan]:
    """The journals below a folder whose owner is gone, oldest first; each is locked until it is closed."""
    with contextlib.suppress(FileNotFoundError):
        for directory in sorted(root.iterdir()):
            orphan = None if directory.name.startswith(".") else _take(directory)
            if orphan is not None:
                yield orphan


def _take(directory: Path) -> Orphan | None:
    try:
        lock = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not (directory / LOCK_NAME).exists():  # another adopter finished between opening and locking
            os.close(lock)
            return None
    except BlockingIOError:
        os.close(lock)
        return None
    return Orphan(directory, lock)
