"""Exports: one session, or all that a filter finds, written while they are sent."""

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from agentops.collector.api.naming import PREFIX, SESSION, session_named
from agentops.collector.api.sessions import Wanted, filter_of
from agentops.collector.asked import Asked
from agentops.collector.export import FORMS, Format, ids_of, packed, write_document
from agentops.collector.replies import Stream, download
from agentops.collector.routes import Route, Tag
from agentops.store.protocol import Store

FormatField = Annotated[
    Format,
    Meta(
        description="`json` (one document) and `jsonl` (a record a line) can be imported again; `otlp` is"
        " OpenTelemetry's JSON, a request a line; `csv` and `parquet` are tables of spans."
    ),
]


class SessionExportQuery(Struct, kw_only=True, frozen=True):
    """How to write the session."""

    format: FormatField = Format.JSON


class ExportQuery(Wanted, kw_only=True, frozen=True):
    """Which sessions to write, and how."""

    format: FormatField = Format.JSONL


def export_session(asked: Asked[SessionExportQuery, None]) -> Stream:
    """One session in a format; as JSON it is the document itself, not a list of one."""
    session_id, form = session_named(asked), FORMS[asked.query.format]
    form.check()
    asked.store.find(session_id)

    def write(store: Store) -> Iterable[bytes]:
        if asked.query.format is Format.JSON:
            return write_document(store, session_id)
        return form.write(store, [session_id])

    return Stream(_written(asked, write), form.media_type, download(f"session-{session_id}.{form.suffix}"))


def export_sessions(asked: Asked[ExportQuery, None]) -> Stream:
    """All sessions that a filter finds in a format, the oldest first."""
    where, form = filter_of(asked.query), FORMS[asked.query.format]
    form.check()

    def write(store: Store) -> Iterable[bytes]:
        return form.write(store, ids_of(store, where))

    return Stream(_written(asked, write), form.media_type, download(f"sessions.{form.suffix}"))


def _written(asked: Asked[Any, Any], write: Callable[[Store], Iterable[bytes]]) -> Iterator[bytes]:
    """The pieces, for which the store stays open as long as somebody reads them."""
    with asked.services.projects.lease(asked.principal.project) as store:
        yield from packed(write(store))


MEDIA_TYPES: Final = tuple(dict.fromkeys(form.media_type.partition(";")[0] for form in FORMS.values()))

ROUTES: Final = (
    Route(
        method="GET",
        path=f"{SESSION}/export",
        answer=export_session,
        summary="A session as JSON, JSON lines, OTLP, CSV or Parquet",
        tag=Tag.EXPORT,
        query=SessionExportQuery,
        replies=MEDIA_TYPES,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/export",
        answer=export_sessions,
        summary="All sessions that a filter finds as JSON, JSON lines, OTLP, CSV or Parquet",
        tag=Tag.EXPORT,
        query=ExportQuery,
        replies=MEDIA_TYPES,
    ),
)
