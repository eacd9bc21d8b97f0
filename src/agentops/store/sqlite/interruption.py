"""Ending what a process left running when it died."""

from collections import defaultdict

from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.domain.states import EndState, SessionState
from agentops.store.sqlite.ingest import Ingest
from agentops.store.sqlite.removal import read_spans
from agentops.store.sqlite.sessions import SessionRow, read_row, write_session
from agentops.store.sqlite.transaction import Transaction


def interrupt(transaction: Transaction, journal: str, at: int) -> int:
    """End what a journal's process left running, at a moment (Unix nanoseconds); how many spans that were."""
    jid = transaction.journal(journal)
    rids = [rid for rid, *_ in transaction.run("spans_left_running", (jid,))]
    running = read_spans(transaction, rids) if rids else []
    sids = [sid for (sid,) in transaction.run("sessions_left_running", (jid,))]
    for record in running:
        record.status = SpanStatus.INTERRUPTED
        record.end = max(at, record.start)
    if running:
        Ingest(transaction, journal).take(running)
    left = defaultdict[str, list[SpanRecord]](list)
    for record in running:
        left[record.session_id].append(record)
    for sid in sids:
        row = read_row(transaction.run("find_session_by_sid", (sid,)).fetchone())
        _cut_off(row, left[row.session_id], at)
        write_session(transaction, row)
    return len(running)


def _cut_off(row: SessionRow, running: list[SpanRecord], at: int) -> None:
    innermost = _innermost(running)
    where = "" if innermost is None else f" in {innermost.kind} {innermost.name!r}"
    row.state, row.interrupted = SessionState.INDETERMINATE.value, True
    row.ended = max(at, row.started)
    row.last = max(row.last, row.ended)
    row.end_state = EndState.INDETERMINATE.value
    row.end_state_reason = f"interrupted: the process ended{where} without ending the session"


def _innermost(running: list[SpanRecord]) -> SpanRecord | None:
    """The latest of the spans that have no running span inside."""
    parents = {record.parent_id for record in running}
    leaves = [record for record in running if record.span_id not in parents and record.kind is not SpanKind.SESSION]
    return max(leaves, key=lambda record: record.start, default=None)
