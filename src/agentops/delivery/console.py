"""Spans as lines of text, as they end."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TextIO

from agentops.domain.spans import Record, SpanRecord, SpanStatus

CONSOLE: Final = "console"
_MINUTE: Final = 60


class ConsoleDestination:
    """Writes one line for each span that ended, to stderr unless told otherwise."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.name = CONSOLE
        self._stream = stream

    def deliver(self, records: Sequence[Record]) -> None:
        """Print what ended; a stream that is closed is passed over."""
        lines = [line_of(record) for record in records if isinstance(record, SpanRecord) and record.end is not None]
        stream = self._stream or sys.stderr
        if not lines or stream is None:  # pyright: ignore[reportUnnecessaryComparison] - None under pythonw and daemons
            return
        try:
            stream.write("".join(f"{line}\n" for line in lines))
            stream.flush()
        except (OSError, ValueError):  # closed, or its reader is gone: there is nobody to tell
            return

    def close(self, timeout: float) -> None:
        """The stream is not ours to close."""


def line_of(record: SpanRecord) -> str:
    """A span in one line: when it ended, what it was, how long it took, what it used and what went wrong."""
    ended = datetime.fromtimestamp((record.end or record.start) / 1e9, UTC).astimezone()
    parts = [f"{ended:%H:%M:%S}.{ended.microsecond // 1000:03d}", f"{record.kind:<9}", _one_line(record.name)]
    parts.append(_duration(record.duration or 0.0))
    usage = record.response.usage if record.response else None
    if usage is not None and usage.total is not None:
        parts.append(f"{usage.input_total or 0}→{usage.output_total or 0} tokens")
    if record.cost is not None:
        parts.append(f"${record.cost}")
    if record.status is not SpanStatus.OK:
        parts.append(str(record.status))
    if record.error is not None:
        parts.append(_one_line(f"{record.error.type}: {record.error.message}"))
    return "  ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.1f}ms"
    return f"{seconds:.1f}s" if seconds < _MINUTE else f"{int(seconds // _MINUTE)}m{seconds % _MINUTE:.0f}s"


def _one_line(text: str, width: int = 120) -> str:
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= width else f"{line[: width - 1]}…"
