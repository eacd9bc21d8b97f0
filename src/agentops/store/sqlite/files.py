"""The store's file and folder, readable by their owner only."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from agentops.errors import StoreError

OWNER_ONLY: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return os.stat(path).st_size  # noqa: PTH116 - every commit asks
    except OSError:
        return 0


def make_private(path: Path) -> None:
    """Create an empty file, and its folder, for their owner only; an existing file is closed to others.

    SQLite gives the files beside it (`-wal`, `-shm`) the same permissions. An existing file is never opened here:
    closing it would drop the locks that this process holds on it (https://sqlite.org/howtocorrupt.html).

    Raises:
        StoreError: if that cannot be done; the message says why.
    """
    try:
        make_private_folder(path.parent)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, OWNER_ONLY)
        except FileExistsError:
            _close_to_others(path)
        else:
            os.fchmod(descriptor, OWNER_ONLY)
            os.close(descriptor)
    except OSError as error:
        raise StoreError(f"the store {path} cannot be made: {error.strerror or error}") from error


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
        folder.chmod(0o700)


def _close_to_others(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISREG(mode) and mode & _OTHERS:
        with suppress(PermissionError):  # not ours to close
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
