"""Whose a journal is: who writes it holds a lock on its folder, so that others can tell whether that process lives."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from agentops.recording.segment import make_private_folder, open_private

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

LOCK_NAME: Final = "owner.lock"


class OwnedFolder:
    """The folder of a journal.

    Attributes:
        path: where it is: out of sight of those who take journals in, until it is complete.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.path = root / f".{name}"
        self._root = root
        self._name = name
        self._owner = -1

    @contextmanager
    def made(self) -> Generator[None]:
        """Make it and lock it; what the block puts into it is in sight when the block has ended, and gone if it failed.

        Raises:
            OSError: if that cannot be done.
        """
        make_private_folder(self._root)
        self.path.mkdir(mode=0o700)
        try:
            self._owner = open_private(self.path / LOCK_NAME)
            fcntl.flock(self._owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
            self.path = self.path.rename(self._root / self._name)
        except OSError:
            import shutil  # noqa: PLC0415 - 2 ms that only this pays

            shutil.rmtree(self.path, ignore_errors=True)
            raise

    def release(self) -> None:
        """It is nobody's from now on."""
        owner, self._owner = self._owner, -1
        if owner >= 0:
            with suppress(OSError):
                os.close(owner)


def new_name(now: int) -> str:
    """A name for a journal made now (Unix nanoseconds): they sort by age."""
    return f"{now:020d}-{os.getpid()}-{os.urandom(4).hex()}"
