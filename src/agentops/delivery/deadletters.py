"""What a collector refused for good, kept to be looked at and offered again."""

import fcntl
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

FOLDER: Final = "dead-letters"
"""In the data directory; each destination has a folder of its own in it."""

LIMIT: Final = 64 << 20
"""Bytes that the letters of one destination may take; what comes beyond is counted and not kept."""

_FILE: Final = "letters.jsonl"
_LOCK: Final = "lock"
_TAKING: Final = "taking.lock"
_DROPS: Final = "drops.json"

Kind = Literal["event", "session", "agent"]


class Letter(Struct, kw_only=True):
    """One thing that was refused.

    Attributes:
        time: when, Unix nanoseconds.
        kind: what it is.
        session_id: the session that it belongs to.
        status: of HTTP; None where the collector took the request but not this.
        reason: the collector's words.
        body: what was sent of it.
    """

    time: int
    kind: Kind
    session_id: str
    status: int | None
    reason: str
    body: msgspec.Raw


class Drops(Struct, kw_only=True):
    """Letters for which there was no room."""

    count: int = 0
    time: int = 0


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Letter).decode
_decode_drops = msgspec.json.Decoder(Drops).decode


class DeadLetters:
    """The letters of one destination, in a folder that only their owner may read; several processes may add at once."""

    def __init__(self, directory: Path, name: str, *, limit: int = LIMIT) -> None:
        """Nothing is made before the first letter.

        Args:
            directory: the data directory.
            name: the destination.
            limit: bytes that the letters may take.
        """
        self.folder = directory / FOLDER / name
        self._limit = limit

    def keep(  # noqa: PLR0913 - the fields of a letter
        self,
        kind: Kind,
        session_id: str,
        body: bytes | Any,
        *,
        reason: str,
        status: int | None = None,
        on_drop: Callable[[], None] = lambda: None,
    ) -> bool:
        """Keep something that was refused; False, and counted, where there is no room or the disk fails."""
        content = body if isinstance(body, bytes) else _encode(body)
        letter = Letter(
            time=time.time_ns(),
            kind=kind,
            session_id=session_id,
            status=status,
            reason=reason,
            body=msgspec.Raw(content),
        )
        is_kept = False
        with suppress(OSError), self._locked():
            is_kept = self._append([letter])
            if not is_kept:
                self._count_drop()
        if not is_kept:
            on_drop()
        return is_kept

    def _append(self, letters: Iterable[Letter]) -> bool:
        lines = b"".join(_encode(letter) + b"\n" for letter in letters)
        descriptor = _open(self.folder / _FILE, os.O_APPEND)
        try:
            before = os.fstat(descriptor).st_size
            if before + len(lines) > self._limit:
                return False
            try:
                written = os.write(descriptor, lines)
            except OSError:
                written = -1
            if written != len(lines):  # the disk is full: half a line is no letter
                os.ftruncate(descriptor, before)
                return False
        finally:
            os.close(descriptor)
        return True

    def _count_drop(self) -> None:
        drops = self.drops()
        drops.count, drops.time = drops.count + 1, time.time_ns()
        _replace(self.folder / _DROPS, _encode(drops))

    def drops(self) -> Drops:
        """How many letters there was no room for."""
        try:
            return _decode_drops((self.folder / _DROPS).read_bytes())
        except (OSError, msgspec.DecodeError):
            return Drops()

    def __iter__(self) -> Iterator[Letter]:
        """All letters, the oldest first; a line that cannot be read is passed over."""
        try:
            with (self.folder / _FILE).open("rb") as file:
                for line in file:
                    with suppress(msgspec.DecodeError):
                        yield _decode(line)
        except FileNotFoundError:
            return

    @contextmanager
    def taken(self) -> Generator[list[Letter]]:
        """All letters, for whoever offers them again: what is left in the list at the end is kept.

        Letters that come meanwhile are kept behind those; a second taker waits for the first.
        """
        if not self.folder.exists():
            yield []
            return
        path = self.folder / _FILE
        with _lock(self.folder / _TAKING):
            with self._locked():
                size = path.stat().st_size if path.exists() else 0
                letters = list(self)
            try:
                yield letters
            finally:
                with self._locked():
                    later = path.read_bytes()[size:] if path.exists() else b""
                    _replace(path, b"".join(_encode(letter) + b"\n" for letter in letters) + later)
                    (self.folder / _DROPS).unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Generator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _lock(self.folder / _LOCK):
            yield


@contextmanager
def _lock(path: Path) -> Generator[None]:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int = 0) -> int:
    """A descriptor of a file that only its owner may read."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)


def _replace(path: Path, data: bytes) -> None:
    """Put this in a file's place, at once."""
    written = path.with_suffix(".new")
    descriptor = _open(written, os.O_TRUNC)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)
    written.replace(path)
