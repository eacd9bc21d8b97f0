"""What the collector says of itself: a line an event on standard error, for people or for programs.

No line holds a key, a token or anything that was recorded, and what stands in it cannot forge another: control
characters are spelt out.
"""

import logging
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TextIO

from agentops.domain import wire

logger = logging.getLogger("agentops.collector")

_FIELDS: Final = "agentops_fields"


class LogFormat(StrEnum):
    """How a line is written: words and `name=value`, or one JSON object."""

    TEXT = "text"
    JSON = "json"


def say(level: int, message: str, *, error: BaseException | None = None, **fields: Any) -> None:
    """Tell of an event; `fields` are what is particular about it, those that are None are left out."""
    told = {name: value for name, value in fields.items() if value is not None}
    logger.log(level, message, exc_info=error, extra={_FIELDS: told})


def write_logs(level: str, form: LogFormat, stream: TextIO | None = None) -> None:
    """From now on let this process write what it says of itself; only one's own logger is as talkative as `level`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(TextFormatter() if form is LogFormat.TEXT else JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("agentops").setLevel(level)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)


class TextFormatter(logging.Formatter):
    """`2026-11-20T15:10:00.123Z INFO started address=127.0.0.1:4318`, tracebacks indented below."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and those of a traceback."""
        fields = "".join(f" {name}={_quoted(str(value))}" for name, value in _fields_of(record).items())
        lines = [f"{_time_of(record)} {record.levelname} {spelt_out(record.getMessage())}{fields}"]
        lines += [f"    {spelt_out(line)}" for line in _traceback_of(record).splitlines()]
        return "\n".join(lines)


class JsonFormatter(logging.Formatter):
    """`{"time": ..., "level": "info", "message": "started", ...}`; a traceback is a text in it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        told: dict[str, Any] = {
            "time": _time_of(record),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **{name: _plain(value) for name, value in _fields_of(record).items()},
        }
        if record.exc_info:
            told["traceback"] = _traceback_of(record)
        return wire.to_legible_json(told).decode().translate(_JSON_CONTROLS)


class Sieve:
    """Lets one of many equal remarks through every so often, and counts the others: no client can fill a disk."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}
        self._held_back: dict[str, int] = {}

    def let_through(self, kind: str) -> int | None:
        """How many of this kind were held back before this one; None if it is to be held back as well."""
        now = time.monotonic()
        with self._lock:
            if now - self._last.get(kind, -self._seconds) < self._seconds:
                self._held_back[kind] = self._held_back.get(kind, 0) + 1
                return None
            self._last[kind] = now
            return self._held_back.pop(kind, 0)


def spelt_out(text: str) -> str:
    """Text without anything that a terminal or a reader of lines would obey."""
    return text.translate(_CONTROLS).encode("utf-8", "backslashreplace").decode()


_STEERING: Final = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Control characters, ends of lines, and what turns the direction of writing around."""

_CONTROLS: Final = {code: f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" for code in _STEERING}  # noqa: PLR2004 - what `\x` can say
_JSON_CONTROLS: Final = {code: f"\\u{code:04x}" for code in _STEERING}


def _quoted(text: str) -> str:
    plain = spelt_out(text)
    is_word = plain and not any(character in plain for character in ' "=')
    return plain if is_word else '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else str(value)


def _fields_of(record: logging.LogRecord) -> dict[str, Any]:
    return getattr(record, _FIELDS, {})


def _time_of(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _traceback_of(record: logging.LogRecord) -> str:
    return "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
