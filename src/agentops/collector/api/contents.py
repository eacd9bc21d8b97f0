"""What was said and written in a session, and where a phrase was."""

from itertools import islice
from typing import Annotated, Final

from msgspec import Meta, Struct

from agentops.collector.api.naming import PREFIX, SESSION, Cursor, Limit, Word, session_named
from agentops.collector.api.positions import LinePosition, read_position, write_position
from agentops.collector.asked import Asked
from agentops.collector.routes import Route, Tag
from agentops.domain.spans import LogRecord, LogSource
from agentops.store.protocol import ChatMessage, LogFilter, SearchHit


class Chat(Struct, frozen=True):
    """The messages of a session, each where it appeared first."""

    session_id: str
    messages: list[ChatMessage]


class LogQuery(Struct, kw_only=True, frozen=True):
    """Which lines to give; every given field must hold."""

    span_id: Annotated[Word | None, Meta(description="The span in which they were written.")] = None
    source: Annotated[LogSource | None, Meta(description="Where they were written.")] = None
    severity: Annotated[
        Annotated[int, Meta(ge=1, le=24)] | None,
        Meta(description="How severe they are at least, as OpenTelemetry numbers it, from 1 (trace) to 24 (fatal)."),
    ] = None
    cursor: Cursor | None = None
    limit: Limit = 500


class LogPage(Struct, frozen=True):
    """What a program wrote, by time; `next` asks for what comes after it, and is null behind the last."""

    items: list[LogRecord]
    next: str | None


class SearchQuery(Struct, kw_only=True, frozen=True):
    """What to look for."""

    text: Annotated[str, Meta(min_length=1, max_length=1000, description="The phrase, in any language.")]
    limit: Limit = 50


class Hits(Struct, frozen=True):
    """Where a phrase was found, the newest first."""

    items: list[SearchHit]


def read_messages(asked: Asked[None, None]) -> Chat:
    """The chat of a session."""
    session_id = session_named(asked)
    return Chat(session_id, asked.store.messages(session_id))


def list_logs(asked: Asked[LogQuery, None]) -> LogPage:
    """What the program of a session wrote, page by page."""
    query = asked.query
    where = LogFilter(span_id=query.span_id, source=query.source, severity=query.severity)
    after = read_position(LinePosition, query.cursor)
    found = list(islice(asked.store.logs(session_named(asked), where, after=after), query.limit + 1))
    items = found[: query.limit]
    last = items[-1] if len(found) > query.limit else None
    return LogPage(items, None if last is None else write_position((last.time, last.number)))


def search(asked: Asked[SearchQuery, None]) -> Hits:
    """Spans that hold a phrase."""
    return Hits(asked.store.search(asked.query.text, limit=asked.query.limit))


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{SESSION}/messages",
        answer=read_messages,
        summary="The chat of a session, without the history that is sent again with every call",
        tag=Tag.SPANS,
        reply=Chat,
    ),
    Route(
        method="GET",
        path=f"{SESSION}/logs",
        answer=list_logs,
        summary="What the program wrote in a session, page by page",
        tag=Tag.SPANS,
        query=LogQuery,
        reply=LogPage,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/search",
        answer=search,
        summary="Find a phrase in messages, inputs, outputs, names and lines",
        tag=Tag.SPANS,
        query=SearchQuery,
        reply=Hits,
    ),
)
