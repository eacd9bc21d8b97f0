"""Sessions as JSON: a document each, or the records one a line."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec
from msgspec import Struct

from agentops.collector.export.entries import Entry, entries_of
from agentops.domain import wire
from agentops.domain.analytics import analytics_dict
from agentops.domain.spans import LogRecord, SessionRecord, SpanRecord
from agentops.errors import UnknownSessionError
from agentops.store.protocol import Note, Score, SessionSummary, Store


class Document(Struct, kw_only=True):
    """A session: what is known of it, its counts as `get_analytics()` gives them, and everything in it."""

    session: SessionRecord
    analytics: dict[str, Any] = {}
    spans: list[SpanRecord] = []
    logs: list[LogRecord] = []
    scores: list[Score] = []
    notes: list[Note] = []

    def entries(self) -> Iterator[Entry]:
        """What it holds."""
        yield self.session
        yield from self.spans
        yield from self.logs
        yield from self.scores
        yield from self.notes


class Documents(Struct):
    """Several sessions."""

    sessions: list[Document]


def analytics_of(summary: SessionSummary) -> dict[str, Any]:
    """What `get_analytics()` says of a session."""
    return analytics_dict(
        llm_calls=summary.llm_calls,
        tool_calls=summary.tool_calls,
        actions=summary.actions,
        errors=summary.errors,
        duration_seconds=summary.duration,
        cost=summary.cost,
    )


def write_lines(store: Store, session_ids: Iterable[str]) -> Iterator[bytes]:
    """The entries of sessions, one a line; a session that is deleted meanwhile is passed over."""
    for session_id in session_ids:
        with suppress(UnknownSessionError):
            for entry in entries_of(store, session_id):
                yield wire.to_legible_json(entry) + b"\n"


def write_documents(store: Store, session_ids: Iterable[str]) -> Iterator[bytes]:
    """Sessions in one document, as `Documents` reads it."""
    between = b""
    yield b'{"sessions":['
    for session_id in session_ids:
        with suppress(UnknownSessionError):
            for piece in write_document(store, session_id):
                yield between + piece
                between = b""
            between = b","
    yield b"]}\n"


def write_document(store: Store, session_id: str) -> Iterator[bytes]:
    """A session as one document, as `Document` reads it, with each record on a line of its own.

    Raises:
        UnknownSessionError: if there is no such session.
    """
    session, summary = store.session(session_id), store.find(session_id)
    yield b'{"session":' + wire.to_legible_json(session)
    yield b',\n"analytics":' + wire.to_legible_json(analytics_of(summary))
    parts = {"spans": store.spans, "logs": store.logs, "scores": store.scores, "notes": store.notes}
    for name, read in parts.items():
        yield b',\n"' + name.encode() + b'":['
        between = b"\n"
        with suppress(UnknownSessionError):  # deleted meanwhile; the document stays one
            for item in read(session_id):
                yield between + wire.to_legible_json(item)
                between = b",\n"
        yield b"]"
    yield b"}\n"


_documents: Final = msgspec.json.Decoder(Documents)
_document: Final = msgspec.json.Decoder(Document)


def read_documents(data: bytes) -> Iterator[Entry]:
    """The entries of what `write_document` or `write_documents` wrote.

    Raises:
        msgspec.DecodeError: if it is neither.
    """
    try:
        found = _documents.decode(data).sessions
    except msgspec.ValidationError:
        found = [_document.decode(data)]
    for document in found:
        yield from document.entries()
