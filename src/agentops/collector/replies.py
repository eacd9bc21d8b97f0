"""What a route answers with, where it is not simply a value to be written as JSON."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agentops.domain import wire

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
EVENTS: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of some media type, or a value to be written as JSON under another status than 200."""

    body: Any
    media_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def encoded(self) -> bytes:
        """The bytes."""
        return self.body if isinstance(self.body, bytes) else to_json(self.body)


@dataclass(frozen=True, slots=True)
class Stream:
    """Pieces of some media type, sent as they come; what is iterated on a thread may read files."""

    pieces: Iterator[bytes] | AsyncIterator[bytes]
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def download(name: str) -> dict[str, str]:
    """The header under which a browser saves what it gets; `name` is of plain letters, digits, dots and dashes."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def to_json(value: Any) -> bytes:
    """A value as JSON; amounts of money are decimal strings, lone surrogates become `?`."""
    return wire.to_legible_json(value)
