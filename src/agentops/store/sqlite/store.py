"""The embedded store: one SQLite file that many processes write and read at once."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

from agentops.domain.spans import DropRecord, LogRecord, Record, SessionRecord, SpanRecord
from agentops.errors import StoreError, UnknownSessionError
from agentops.store.protocol import (
    Acknowledgement,
    LogFilter,
    SearchHit,
    SessionFilter,
    SessionSummary,
    StoreHealth,
    Totals,
)
from agentops.store.sqlite import logs, removal
from agentops.store.sqlite.connection import check_features
from agentops.store.sqlite.files import make_private
from agentops.store.sqlite.finding import find_session
from agentops.store.sqlite.forks import follow_forks
from agentops.store.sqlite.ingest import ingest
from agentops.store.sqlite.interruption import interrupt
from agentops.store.sqlite.readers import Readers
from agentops.store.sqlite.rows import Stored
from agentops.store.sqlite.search import search
from agentops.store.sqlite.sessions import SessionRow, read_details, read_row
from agentops.store.sqlite.totals import read_totals
from agentops.store.sqlite.transaction import LAST_SPAN, PROOFS
from agentops.store.sqlite.upkeep import Upkeep
from agentops.store.sqlite.writer import Writer

_PAGE = 256


class SqliteStore:
    """Sessions and spans in one file; see `agentops.store.protocol.Store` for what each method promises.

    Safe to use from any thread, from many processes, and in children of a fork.
    """

    def __init__(self, path: Path, *, closing_budget: float = 0.05) -> None:
        """Open the file at `path`, making it and its folder where they are missing.

        Args:
            path: the file; it must lie on a local disk.
            closing_budget: seconds that `close` may spend on the search index.

        Raises:
            NewerStoreError: if a newer agentops wrote the file.
            StoreError: if it cannot be opened, or this Python's SQLite is too old.
        """
        check_features()
        self.path = path.absolute()
        self._closing_budget = closing_budget
        self._writer = Writer(self.path)
        self._readers = Readers(self.path)
        self._upkeep = Upkeep(self._writer)
        self._written = False
        make_private(self.path)
        follow_forks(self)
        self._version = self._writer.migrate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ingest(self, records: Sequence[Record], *, journal: str | None = None) -> Acknowledgement:
        """Commit records; on disk when this returns."""
        if not records:
            return Acknowledgement(new=0, known=0)
        done = self._writer.write(partial(ingest, records=records, journal=journal))
        self._written = True
        self._upkeep.note_write()
        return done

    def interrupt(self, journal: str, *, at: int) -> int:
        """End what the process behind `journal` left running."""
        return self._writer.write(partial(interrupt, journal=journal, at=at))

    def sessions(
        self, where: SessionFilter | None = None, *, limit: int = 50, before: int | None = None
    ) -> list[SessionSummary]:
        """The latest sessions first."""
        wanted = where or SessionFilter()
        parameters = {
            "before": before,
            "since": wanted.since,
            "until": wanted.until,
            "state": wanted.state,
            "name": wanted.name,
            "has_errors": wanted.has_errors,
            "tag": wanted.tag,
            "limit": limit,
        }
        with self._readers.reading() as reading:
            return [read_row(row).summary() for row in reading.rows("list_sessions", parameters)]

    def find(self, prefix: str) -> SessionSummary:
        """The session whose id begins so, or the latest for `last`."""
        with self._readers.reading() as reading:
            return find_session(reading, prefix)

    def session(self, session_id: str) -> SessionRecord:
        """What is known of a session besides spans."""
        with self._readers.reading() as reading:
            row = self._existing(reading.one("find_session", (session_id,)), session_id)
            found = reading.one("read_details", (row.sid,))
        details = read_details(found[0] if found else None)
        return SessionRecord(
            session_id=row.session_id,
            name=row.name,
            state=row.state,
            start=row.started,
            end=row.ended,
            end_state=row.end_state,
            end_state_reason=row.end_state_reason,
            tags=row.tags,
            agents=row.agents,
            host_env=details.host_env,
            video=details.video,
            entrypoint=details.entrypoint,
            process_id=details.process_id,
            user=row.user,
        )

    @staticmethod
    def _existing(row: Sequence[object] | None, session_id: str) -> SessionRow:
        if row is None:
            raise UnknownSessionError(f"there is no session {session_id}")
        return read_row(row)

    def spans(self, session_id: str, *, after: tuple[int, str] | None = None) -> Iterator[SpanRecord]:
        """The spans of a session by start time, whole; read page by page, so that writers never wait."""
        with self._readers.reading() as reading:
            sid = self._existing(reading.one("find_session", (session_id,)), session_id).sid
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

    def changes(self, after: int, *, session_id: str | None = None, limit: int = 500) -> tuple[list[SpanRecord], int]:
        """Spans added or changed since a cursor, and the next cursor."""
        with self._readers.reading() as reading:
            newest = reading.counter(LAST_SPAN)
            if after < 0:
                return [], newest
            if session_id is None:
                rows = reading.rows("changed_spans", (after, newest, limit)).fetchall()
            else:
                session = reading.one("find_session", (session_id,))
                sid = read_row(session).sid if session else 0
                rows = reading.rows("changed_spans_of", (sid, after, newest, limit)).fetchall()
            records = reading.whole([Stored(*row) for row in rows])
        return records, rows[-1][0] if len(rows) == limit else max(after, newest)

    def logs(
        self, session_id: str, where: LogFilter | None = None, *, after: tuple[int, int] | None = None
    ) -> Iterator[LogRecord]:
        """What the program wrote in a session, by time; read page by page, so that writers never wait."""
        with self._readers.reading() as reading:
            sid = self._existing(reading.one("find_session", (session_id,)), session_id).sid
        position = after
        while True:
            with self._readers.reading() as reading:
                page = logs.read_page(reading, sid, where or LogFilter(), position)
            yield from (logs.read_log(session_id, row) for row in page)
            if len(page) < logs.PAGE:
                return
            position = logs.position_of(page[-1])

    def log_changes(
        self, after: int, *, session_id: str | None = None, limit: int = 500
    ) -> tuple[list[LogRecord], int]:
        """What was written since a cursor, and the next cursor."""
        with self._readers.reading() as reading:
            return logs.read_changes(reading, after, session_id, limit)

    def count_lines(self, session_id: str) -> int:
        """How many lines the program wrote in a session."""
        with self._readers.reading() as reading:
            return int(reading.one("count_lines", (session_id,))[0])

    def search(self, phrase: str, *, limit: int = 50) -> list[SearchHit]:
        """Spans that say something, newest first."""
        with self._readers.reading() as reading:
            return search(reading, phrase, limit)

    def totals(self, *, since: int | None = None, until: int | None = None) -> list[Totals]:
        """Counts by day, kind, name and model."""
        with self._readers.reading() as reading:
            return read_totals(reading, since, until)

    def delete(self, session_ids: Sequence[str]) -> int:
        """Forget sessions and everything only they hold."""
        deleted = sum(self._delete(session_id) for session_id in session_ids)
        if deleted:
            self._writer.shrink()
        return deleted

    def _delete(self, session_id: str) -> int:
        for step in (removal.remove_some_spans, removal.remove_some_messages, removal.remove_some_logs):
            while self._writer.write(partial(step, session_id=session_id)):
                pass
        return self._writer.write(partial(removal.remove_rest, session_id=session_id))

    def prune(self, *, before: int) -> int:
        """Delete sessions whose last record is older."""
        with self._readers.reading() as reading:
            old = [session_id for (session_id,) in reading.rows("sessions_last_before", (before,))]
        return self.delete(old)

    def health(self) -> StoreHealth:
        """Sizes, counts and drops."""
        with self._readers.reading() as reading:
            return StoreHealth(
                location=str(self.path),
                size=sum(_size_of(self.path.with_name(self.path.name + suffix)) for suffix in ("", "-wal")),
                sessions=reading.one("count_sessions")[0],
                spans=reading.one("count_spans")[0],
                schema_version=self._version,
                drops=[
                    DropRecord(reason=reason, count=count, time=time)
                    for reason, count, time in reading.rows("read_drops")
                ],
                unindexed=reading.one("count_unindexed")[0],
            )

    def prove_writable(self) -> None:
        """Commit a number that only counts how often this was asked."""
        self._writer.write(lambda transaction: transaction.next_number(PROOFS))

    def index(self, budget: float = float("inf")) -> bool:
        """Bring the search index up to date, for about so many seconds; whether it is."""
        return self._upkeep.index(budget)

    def close(self) -> None:
        """Let go of the file, indexing within the closing budget first."""
        if self._written and self._closing_budget > 0:
            with suppress(StoreError):
                self._upkeep.index(self._closing_budget)
        self._upkeep.stop()
        self._readers.close()
        self._writer.close()

    def before_fork(self) -> None:
        """This process is about to fork."""
        self._writer.before_fork()

    def after_fork_in_parent(self) -> None:
        """It has."""
        self._writer.after_fork_in_parent()

    def after_fork_in_child(self) -> None:
        """This is the child: nothing of the parent's is used or closed."""
        self._writer.after_fork_in_child()
        self._readers.after_fork_in_child()
        self._upkeep.after_fork_in_child()


def _size_of(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
