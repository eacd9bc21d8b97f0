"""What can be asked of the embedded store's file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agentops.domain.metric_points import MetricPoint
from agentops.domain.spans import DropRecord, LogRecord, SessionRecord, SpanRecord
from agentops.errors import UnknownSessionError, UnknownSpanError
from agentops.store.protocol import (
    Aggregate,
    AggregateFilter,
    ChatMessage,
    Dimension,
    LogFilter,
    Note,
    Page,
    Score,
    SearchHit,
    SessionFilter,
    SessionOrder,
    SessionSummary,
    SpanSummary,
    StoreHealth,
    Table,
    Totals,
)
from agentops.store.sqlite import annotations, listing, logs, metric_points, viewing
from agentops.store.sqlite.aggregates import read_aggregates
from agentops.store.sqlite.bodies import Stored
from agentops.store.sqlite.files import size_of
from agentops.store.sqlite.finding import find_session
from agentops.store.sqlite.readers import Readers, Reading
from agentops.store.sqlite.search import search
from agentops.store.sqlite.sessions import SessionRow, read_record, read_row
from agentops.store.sqlite.sql import columns_of_views, query
from agentops.store.sqlite.texts import legible
from agentops.store.sqlite.totals import read_totals
from agentops.store.sqlite.transaction import LAST_SPAN

_PAGE = 256


class Answers:
    """The questions of a store; see `agentops.store.protocol.Store` for what each method promises."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._readers = Readers(path)

    def sessions(
        self, where: SessionFilter | None = None, *, limit: int = 50, before: int | None = None
    ) -> list[SessionSummary]:
        """The latest sessions first."""
        with self._readers.reading() as reading:
            return listing.read_sessions(reading, where or SessionFilter(), limit=limit, before=before)

    def page(
        self,
        where: SessionFilter | None = None,
        *,
        order: SessionOrder = SessionOrder.START,
        descending: bool = True,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Sessions in an order, from the beginning or from where a page's `next` points."""
        wanted = listing.Listing(where or SessionFilter(), order, descending, cursor, limit)
        with self._readers.reading() as reading:
            return listing.read_page(reading, wanted)

    def session_changes(self, after: int, *, limit: int = 500) -> tuple[list[SessionSummary], int]:
        """Sessions changed since a cursor, and the next cursor."""
        with self._readers.reading() as reading:
            return listing.read_changes(reading, after, limit)

    def find(self, prefix: str) -> SessionSummary:
        """The session whose id begins so, or the latest for `last`."""
        with self._readers.reading() as reading:
            return find_session(reading, prefix)

    def session(self, session_id: str) -> SessionRecord:
        """What is known of a session besides spans."""
        with self._readers.reading() as reading:
            row = _existing(reading, session_id)
            found = reading.one("read_details", (row.sid,))
        return read_record(row, found[0] if found else None)

    def spans(self, session_id: str, *, after: tuple[int, str] | None = None) -> Iterator[SpanRecord]:
        """The spans of a session by start time, whole; read page by page, so that writers never wait."""
        sid = self._sid(session_id)
        position = after or (-(2**63), "")
        seen: set[str] = set()
        while True:
            with self._readers.reading() as reading:
                page = reading.rows("page_of_spans", (sid, *position, _PAGE)).fetchall()
                records = reading.whole([Stored(0, body, contents) for _, _, body, contents in page])
            for record in records:
                if record.span_id not in seen:
                    seen.add(record.span_id)
                    yield record
            if len(page) < _PAGE:
                return
            position = page[-1][:2]

    def tree(self, session_id: str) -> list[SpanSummary]:
        """All spans of a session by start time, in brief."""
        with self._readers.reading() as reading:
            return viewing.read_tree(reading, _existing(reading, session_id).sid)

    def span(self, session_id: str, span_id: str) -> SpanRecord:
        """One span, whole."""
        with self._readers.reading() as reading:
            found = viewing.read_span(reading, "one_span", (_existing(reading, session_id).sid, legible(span_id)))
        if found is None:
            raise UnknownSpanError(f"the session {session_id} has no span {span_id}")
        return found

    def find_span(self, span_id: str) -> SpanRecord:
        """One span of whatever session, whole."""
        with self._readers.reading() as reading:
            found = viewing.read_span(reading, "find_span", (legible(span_id),))
        if found is None:
            raise UnknownSpanError(f"there is no span {span_id}")
        return found

    def messages(self, session_id: str) -> list[ChatMessage]:
        """The chat of a session."""
        with self._readers.reading() as reading:
            return viewing.read_chat(reading, _existing(reading, session_id).sid)

    def changes(self, after: int, *, session_id: str | None = None, limit: int = 500) -> tuple[list[SpanRecord], int]:
        """Spans added or changed since a cursor, and the next cursor."""
        with self._readers.reading() as reading:
            newest = reading.counter(LAST_SPAN)
            if after < 0:
                return [], newest
            if session_id is None:
                rows = reading.rows("changed_spans", (after, newest, limit)).fetchall()
            else:
                session = reading.one("find_session", (legible(session_id),))
                sid = read_row(session).sid if session else 0
                rows = reading.rows("changed_spans_of", (sid, after, newest, limit)).fetchall()
            records = reading.whole([Stored(*row) for row in rows])
        return records, rows[-1][0] if len(rows) == limit else max(after, newest)

    def logs(
        self, session_id: str, where: LogFilter | None = None, *, after: tuple[int, int] | None = None
    ) -> Iterator[LogRecord]:
        """What the program wrote in a session, by time; read page by page, so that writers never wait."""
        sid = self._sid(session_id)
        position = after
        while True:
            with self._readers.reading() as reading:
                page = logs.read_page(reading, sid, where or LogFilter(), position)
            yield from (logs.read_log(session_id, row) for row in page)
            if len(page) < logs.PAGE:
                return
            position = logs.position_of(page[-1])

    def log_times(self, session_id: str) -> Iterator[tuple[int, int]]:
        """The time and the number of every line of a session."""
        with self._readers.reading() as reading:
            yield from reading.rows("times_of_logs", (_existing(reading, session_id).sid,))

    def log_changes(
        self, after: int, *, session_id: str | None = None, limit: int = 500
    ) -> tuple[list[LogRecord], int]:
        """What was written since a cursor, and the next cursor."""
        with self._readers.reading() as reading:
            return logs.read_changes(reading, after, session_id, limit)

    def count_lines(self, session_id: str) -> int:
        """How many lines the program wrote in a session."""
        with self._readers.reading() as reading:
            return int(reading.one("count_lines", (legible(session_id),))[0])

    def search(self, phrase: str, *, limit: int = 50) -> list[SearchHit]:
        """Spans that say something, newest first."""
        with self._readers.reading() as reading:
            return search(reading, phrase, limit)

    def metric_points(
        self, name: str | None = None, *, since: int | None = None, until: int | None = None, limit: int = 1000
    ) -> list[MetricPoint]:
        """Points of one metric or of all."""
        with self._readers.reading() as reading:
            return metric_points.read_points(reading, name, since, until, limit)

    def metric_names(self) -> list[str]:
        """The names of all metrics."""
        with self._readers.reading() as reading:
            return metric_points.read_names(reading)

    def totals(self, *, since: int | None = None, until: int | None = None) -> list[Totals]:
        """Counts by day, kind, name and model."""
        with self._readers.reading() as reading:
            return read_totals(reading, since, until)

    def aggregate(self, by: Sequence[Dimension], where: AggregateFilter | None = None) -> list[Aggregate]:
        """What the ended spans of each group add up to."""
        with self._readers.reading() as reading:
            return read_aggregates(reading, by, where or AggregateFilter())

    def query(self, sql: str, parameters: Sequence[Any] = (), *, rows: int = 1000, seconds: float = 2.0) -> Table:
        """What one SELECT over the documented views finds."""
        return query(self.path, sql, parameters, rows=rows, seconds=seconds)

    def views(self) -> dict[str, list[str]]:
        """What `query` may read: the columns of each view, by its name."""
        with self._readers.reading() as reading:
            return columns_of_views(reading)

    def scores(self, session_id: str) -> list[Score]:
        """The scores of a session and its spans, by time."""
        with self._readers.reading() as reading:
            return annotations.read_scores(reading, session_id, _existing(reading, session_id).sid)

    def notes(self, session_id: str) -> list[Note]:
        """The notes on a session and its spans, by time."""
        with self._readers.reading() as reading:
            return annotations.read_notes(reading, session_id, _existing(reading, session_id).sid)

    def _sid(self, session_id: str) -> int:
        with self._readers.reading() as reading:
            return _existing(reading, session_id).sid

    def _health(self, version: int) -> StoreHealth:
        with self._readers.reading() as reading:
            return StoreHealth(
                location=str(self.path),
                size=sum(size_of(self.path.with_name(self.path.name + suffix)) for suffix in ("", "-wal")),
                sessions=reading.one("count_sessions")[0],
                spans=reading.one("count_spans")[0],
                schema_version=version,
                drops=[
                    DropRecord(reason=reason, count=count, time=time)
                    for reason, count, time in reading.rows("read_drops")
                ],
                unindexed=reading.one("count_unindexed")[0],
            )


def _existing(reading: Reading, session_id: str) -> SessionRow:
    found = reading.one("find_session", (legible(session_id),))
    if found is None:
        raise UnknownSessionError(f"there is no session {session_id}")
    return read_row(found)
