"""The file of templates beside a journal's segments: written once each, and read as frames refer to them.

Each stands on a line of its own: the CRC-32 of the rest in hexadecimal digits, a space, JSON.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from zlib import crc32

import msgspec

from agentops.domain import wire
from agentops.domain.journal.frames import Template
from agentops.recording.segment import open_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPLATES_NAME: Final = "templates"


class TemplateWriter:
    """Adds templates to a journal's file of them."""

    def __init__(self, directory: Path) -> None:
        """Make the file.

        Raises:
            OSError: if that cannot be done.
        """
        self._descriptor = open_private(directory / TEMPLATES_NAME, os.O_APPEND)
        self._lock = threading.RLock()
        self._missing: deque[Template] = deque()

    def add(self, template: Template) -> bool:
        """Write a template down; False where that has to wait until `retry`."""
        with self._lock:
            is_written = self._write(template)
            if not is_written:
                self._missing.append(template)
        return is_written

    def retry(self) -> None:
        """Write down what could not be written so far."""
        with self._lock:
            while self._missing and self._write(self._missing[0]):
                self._missing.popleft()

    def _write(self, template: Template) -> bool:
        if self._descriptor < 0:
            return True
        line = line_of(template)
        with suppress(OSError):
            if os.write(self._descriptor, line) == len(line):
                return True
            os.write(self._descriptor, b"\n")  # after a line that was cut off
        return False

    def close(self) -> None:
        """Write nothing any more, and let go of the file."""
        with self._lock:
            self.abandon()

    def abandon(self) -> None:
        """The same without the lock, which may be held for ever in a forked child."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)


def line_of(template: Template) -> bytes:
    """A template as it stands in the file."""
    data = wire.to_legible_json(template)
    return b"%08x %b\n" % (crc32(data), data)


def template_of(line: bytes) -> Template | None:
    """The template of a line, None where it is damaged."""
    checked, _, data = line.rstrip(b"\n").partition(b" ")
    if checked != b"%08x" % crc32(data):
        return None
    try:
        return msgspec.json.decode(data, type=Template)
    except msgspec.MsgspecError:
        return None


def read_templates(directory: Path, start: int) -> Iterator[tuple[Template | None, int]]:
    """The templates from a position of the file on, None for damaged ones, each with the position behind it.

    Raises:
        OSError: if the file cannot be read.
    """
    with (directory / TEMPLATES_NAME).open("rb") as file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n"):
                return  # it is being written
            start += len(line)
            yield template_of(line), start
