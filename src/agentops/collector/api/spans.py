"""What happened in a session: its spans, in brief and whole."""

from itertools import islice
from typing import Annotated, Final

from msgspec import Meta, Struct

from agentops.collector.api.naming import SESSION, Cursor, session_named
from agentops.collector.api.positions import SpanPosition, read_position, write_position
from agentops.collector.asked import Asked
from agentops.collector.routes import Route, Tag
from agentops.domain.spans import SpanRecord
from agentops.store.protocol import SpanSummary


class Tree(Struct, frozen=True):
    """All spans of a session in brief, by start; each names the one that it happened in."""

    session_id: str
    spans: list[SpanSummary]


class SpanQuery(Struct, kw_only=True, frozen=True):
    """A part of the spans of a session."""

    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=500, description="How many to give at most.")] = 100


class SpanPage(Struct, frozen=True):
    """Spans, whole, by start; `next` asks for those after them, and is null behind the last."""

    items: list[SpanRecord]
    next: str | None


def read_tree(asked: Asked[None, None]) -> Tree:
    """The spans of a session in brief."""
    session_id = session_named(asked)
    return Tree(session_id, asked.store.tree(session_id))


def list_spans(asked: Asked[SpanQuery, None]) -> SpanPage:
    """Spans of a session, page by page."""
    limit = asked.query.limit
    after = read_position(SpanPosition, asked.query.cursor)
    found = list(islice(asked.store.spans(session_named(asked), after=after), limit + 1))
    items = found[:limit]
    last = items[-1] if len(found) > limit else None
    return SpanPage(items, None if last is None else write_position((last.start, last.span_id)))


def read_span(asked: Asked[None, None]) -> SpanRecord:
    """One span."""
    return asked.store.span(session_named(asked), asked.path["span_id"])


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{SESSION}/tree",
        answer=read_tree,
        summary="All spans of a session in brief, without what went in and came out",
        tag=Tag.SPANS,
        reply=Tree,
    ),
    Route(
        method="GET",
        path=f"{SESSION}/spans",
        answer=list_spans,
        summary="The spans of a session, whole, page by page",
        tag=Tag.SPANS,
        query=SpanQuery,
        reply=SpanPage,
    ),
    Route(
        method="GET",
        path=f"{SESSION}/spans/{{span_id}}",
        answer=read_span,
        summary="One span, whole",
        tag=Tag.SPANS,
        reply=SpanRecord,
    ),
)
