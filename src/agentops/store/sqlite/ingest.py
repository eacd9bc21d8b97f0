"""Taking records in: once each, in any order, with the counts right."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TypeVar

import msgspec

from agentops.domain import wire
from agentops.domain.spans import DropRecord, LogRecord, Record, SessionRecord, SpanRecord
from agentops.store.merge import merge
from agentops.store.protocol import Acknowledgement
from agentops.store.sqlite.bodies import Blobs, Content, scrubbed, take_apart
from agentops.store.sqlite.contents import Contents
from agentops.store.sqlite.logs import add_logs
from agentops.store.sqlite.removal import read_spans, remove_rows
from agentops.store.sqlite.rollup import Deltas
from agentops.store.sqlite.rows import RID, SPAN_ID, SpanRow, bare, is_bare, moment, span_row
from agentops.store.sqlite.sessions import SessionRow, announce, open_session, write_session
from agentops.store.sqlite.tellings import settle
from agentops.store.sqlite.transaction import LAST_SPAN, Transaction

Said = TypeVar("Said", SessionRecord, DropRecord)

UNWRITABLE = "a span that cannot be written"
"""The reason under which a span is counted that no JSON can hold."""


def ingest(transaction: Transaction, records: Sequence[Record], journal: str | None) -> Acknowledgement:
    """Take records in; what they change is on disk once the transaction is."""
    return Ingest(transaction, journal).take(records)


class Ingest:
    """One batch of records on its way in.

    Attributes:
        new: records not seen before.
    """

    def __init__(self, transaction: Transaction, journal: str | None) -> None:
        self.new = 0
        self._transaction = transaction
        self._jid = transaction.journal(journal)
        self._deltas = Deltas()
        self._contents = Contents(transaction)
        self._sessions: dict[str, SessionRow] = {}
        self._fresh: set[str] = set()
        self._unwritable = 0

    def take(self, records: Sequence[Record]) -> Acknowledgement:
        """Write everything."""
        spans: dict[str, dict[str, SpanRecord]] = {}
        logs: dict[str, list[LogRecord]] = {}
        for record in records:
            if isinstance(record, SpanRecord):
                group = spans.get(record.session_id)
                if group is None:
                    group = spans[record.session_id] = {}
                twin = group.get(record.span_id)
                group[record.span_id] = record if twin is None else merge(twin, record)
            elif isinstance(record, LogRecord):
                logs.setdefault(record.session_id, []).append(record)
            elif isinstance(record, SessionRecord):
                self._announce(_writable(record))
            else:
                self._drop(_writable(record))
        for session_id, group in spans.items():
            self._take_spans(session_id, group)
        for session_id, lines in logs.items():
            self._take_logs(session_id, lines)
        self._finish()
        return Acknowledgement(new=self.new, known=len(records) - self.new)

    def _session(self, session_id: str, started: int) -> SessionRow:
        row = self._sessions.get(session_id)
        if row is None:
            row, is_fresh = open_session(self._transaction, session_id, started)
            self._sessions[session_id] = row
            if is_fresh:
                self._fresh.add(session_id)
        return row

    def _announce(self, record: SessionRecord) -> None:
        row = self._session(record.session_id, record.start)
        self.new += not row.announced
        announce(self._transaction, row, record, self._jid)

    def _drop(self, record: DropRecord) -> None:
        changes = self._transaction.connection.total_changes
        self._transaction.run("add_drop", (self._jid, record.reason, moment(record.time), moment(record.count)))
        self.new += self._transaction.connection.total_changes > changes

    def _take_spans(self, session_id: str, group: dict[str, SpanRecord]) -> None:
        first = next(iter(group.values()))
        session = self._session(session_id, first.start)
        known = {} if session_id in self._fresh else self._find_known(session.sid, list(group))
        self.new += len(group) - len(known)
        outdated: list[SpanRow] = []
        records = list(group.values()) if not known else list(self._merged(session, group, known, outdated))
        if not session.announced:
            session.started = min(chain((session.started,), (moment(record.start) for record in records)))
        if records:
            self._write(session, records, outdated)

    def _take_logs(self, session_id: str, records: list[LogRecord]) -> None:
        times = [moment(record.time) for record in records]
        session = self._session(session_id, min(times))
        if not session.announced:
            session.started = min(session.started, *times)
        session.last = max(session.last, *times)
        self.new += add_logs(self._transaction, session.sid, records)

    def _find_known(self, sid: int, span_ids: list[str]) -> dict[str, SpanRow]:
        found = self._transaction.run("known_spans", (wire.to_json(span_ids).decode(), sid))
        return {row[SPAN_ID]: row for row in found}

    def _merged(
        self, session: SessionRow, group: dict[str, SpanRecord], known: dict[str, SpanRow], outdated: list[SpanRow]
    ) -> Iterator[SpanRecord]:
        """The spans to be written: those not known, and the known ones that changed, whose old rows are removed."""
        stored = {
            record.span_id: record for record in read_spans(self._transaction, [row[RID] for row in known.values()])
        }
        changed: list[SpanRecord] = []
        for span_id, record in group.items():
            if span_id not in known:
                yield record
                continue
            merged = merge(stored[span_id], record)
            if merged != stored[span_id]:
                outdated.append(known[span_id])
                changed.append(merged)
        if outdated:
            self._deltas.apply(session, outdated, -1)
            remove_rows(self._transaction, [row[RID] for row in outdated])
            yield from changed

    def _write(self, session: SessionRow, records: list[SpanRecord], outdated: list[SpanRow]) -> None:
        rows: list[SpanRow] = []
        bodies: list[tuple[int, bytearray]] = []
        held: list[tuple[int, bytearray, SpanRecord, Content]] = []
        blobs: Blobs = {}
        rid, sid, jid = self._transaction.counter(LAST_SPAN), session.sid, self._jid
        for record in records:
            try:
                body, content = take_apart(record, blobs)
            except (UnicodeEncodeError, TypeError, ValueError, OverflowError, RecursionError):
                written = self._scrub(record, blobs)
                if written is None:
                    continue
                record, body, content = written  # noqa: PLW2901 - the same span, made writable
            rid += 1
            rows.append(span_row(rid, sid, jid, record))
            if content is None:
                bodies.append((rid, bytearray(body)))
            else:
                held.append((rid, bytearray(body), record, content))
        self._transaction.counters[LAST_SPAN] = rid
        settle(self._transaction, session, rows, outdated, self._deltas)
        self._transaction.run_rows("add_bare_spans", [bare(row) for row in rows if is_bare(row)])
        self._transaction.run_rows("add_spans", [row for row in rows if not is_bare(row)])
        self._transaction.run_rows("add_bare_bodies", bodies)
        self._write_held(sid, held, blobs)
        self._deltas.apply(session, rows)

    def _write_held(self, sid: int, held: list[tuple[int, bytearray, SpanRecord, Content]], blobs: Blobs) -> None:
        if held:
            mids = self._contents.store(blobs)
            bodies = [(rid, body, self._contents.hold(sid, record, said, mids)) for rid, body, record, said in held]
            self._transaction.run_rows("add_bodies", bodies)

    def _scrub(self, record: SpanRecord, blobs: Blobs) -> tuple[SpanRecord, bytes, Content | None] | None:
        try:
            clean = scrubbed(record)
            return clean, *take_apart(clean, blobs)
        except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
            self._unwritable += 1
            return None

    def _finish(self) -> None:
        if self._unwritable:
            self._drop(DropRecord(reason=UNWRITABLE, count=self._unwritable))
        self._contents.finish()
        self._deltas.write(self._transaction)
        for row in self._sessions.values():
            write_session(self._transaction, row, is_new=row.session_id in self._fresh)


def _writable(record: Said) -> Said:
    try:
        wire.to_json(record)
    except UnicodeEncodeError:
        return scrubbed(record)
    return record
