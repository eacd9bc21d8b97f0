"""Journals whose process is gone, and that somebody has to take over."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING, Final, Self

from agentops.recording.cursor import CURSOR_SUFFIX
from agentops.recording.ownership import LOCK_NAME
from agentops.recording.reading import JournalReader
from agentops.recording.segment import list_segments
from agentops.recording.templates import TEMPLATES_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

_UNFINISHED_SECONDS: Final = 60
"""How old a hidden folder is when it is no journal in the making any more."""


class Orphan:
    """A journal that this process has taken over: nobody else can meanwhile.

    Attributes:
        name: the journal's name.
    """

    def __init__(self, directory: Path, lock: int) -> None:
        self.directory = directory
        self.name = directory.name
        self._lock = lock
        self._readers: list[JournalReader] = []

    def reader(self, cursor: str) -> JournalReader:
        """A reader that goes on where the one of this name stopped."""
        reader = JournalReader(self.directory, cursor, final=True)
        self._readers.append(reader)
        return reader

    @property
    def ended_at(self) -> int:
        """The last sign of life of its process, as far as is known, Unix nanoseconds.

        Writing to a map changes a file's time only now and then, on some file systems never, so what was read counts
        as well.
        """
        written = [file.path.stat().st_mtime_ns for file in list_segments(self.directory)]
        templates = self.directory / TEMPLATES_NAME
        if templates.exists():
            written.append(templates.stat().st_mtime_ns)
        return max([*written, *(reader.latest for reader in self._readers)], default=0)

    def cursors(self) -> list[str]:
        """The names of all readers that have begun to read it."""
        return sorted(path.name.removesuffix(CURSOR_SUFFIX) for path in self.directory.glob(f"*{CURSOR_SUFFIX}"))

    @property
    def process_id(self) -> int | None:
        """The process that wrote it, as its name says."""
        parts = self.name.split("-")
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None

    def remove(self) -> None:
        """Delete the journal: everything in it is safe elsewhere.

        It goes out of sight first, so that nobody ever finds half of it.
        """
        hidden = self.directory.with_name(f".{self.name}")
        self.directory = self.directory.rename(hidden)
        _delete(hidden)

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
    """The journals below a folder whose owner is gone, oldest first; each is locked until it is closed.

    Raises:
        PermissionError: last of all, if there are some that this user may not take over.
    """
    refusal: PermissionError | None = None
    for directory in _folders(root):
        if directory.name.startswith("."):
            _sweep(directory)
            continue
        try:
            orphan = _take(directory)
        except PermissionError as error:
            refusal = error
            continue
        if orphan is not None:
            yield orphan
    if refusal is not None:
        raise refusal


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(root.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _take(directory: Path) -> Orphan | None:
    lock = _lock(directory)
    return None if lock is None else Orphan(directory, lock)


def _lock(directory: Path) -> int | None:
    """The lock of a journal, held; None where somebody else holds it or it is gone."""
    try:
        lock = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_same(lock, directory / LOCK_NAME):
            return lock
    except BlockingIOError:
        pass
    os.close(lock)
    return None


def _is_same(lock: int, path: Path) -> bool:
    """Whether a file is still where it was opened: another adopter may have finished with it meanwhile."""
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except FileNotFoundError:
        return False


def _sweep(directory: Path) -> None:
    """Delete what a process left that died while making a journal or removing one."""
    with contextlib.suppress(OSError):
        if time.time() - directory.stat().st_mtime < _UNFINISHED_SECONDS:
            return  # it may be at it just now
        lock = _lock(directory)
        if lock is None and (directory / LOCK_NAME).exists():
            return
        _delete(directory)
        if lock is not None:
            os.close(lock)


def _delete(directory: Path) -> None:
    import shutil  # noqa: PLC0415 - 2 ms that programs that leave nothing behind do not pay

    shutil.rmtree(directory)
