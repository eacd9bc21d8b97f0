"""What programs wrote, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct, field

from agentops.domain import wire
from agentops.domain.spans import ErrorInfo, LogRecord, LogSource
from agentops.store.sqlite.rows import moment
from agentops.store.sqlite.texts import legible
from agentops.store.sqlite.transaction import LAST_LOG, Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops.store.protocol import LogFilter
    from agentops.store.sqlite.readers import Reading

PAGE: Final = 512
_BEFORE_ALL: Final = -(2**63)
_LARGEST: Final = 2**63 - 1


class Details(Struct, omit_defaults=True):
    """What few records have; the fields are those of `LogRecord`."""

    severity_text: str | None = None
    logger: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])
    error: ErrorInfo | None = None


_decode_details: Final = msgspec.json.Decoder(Details).decode


def add_logs(transaction: Transaction, sid: int, records: Sequence[LogRecord]) -> int:
    """Write what is not there yet; how many that were."""
    lid = transaction.counter(LAST_LOG)
    rows = [_row(number, sid, record) for number, record in enumerate(records, lid + 1)]
    transaction.counters[LAST_LOG] = lid + len(rows)
    changes = transaction.connection.total_changes
    transaction.run_rows("add_logs", rows)
    return transaction.connection.total_changes - changes


def _row(lid: int, sid: int, record: LogRecord) -> tuple[Any, ...]:
    details = Details(record.severity_text, record.logger, record.attributes, record.error)
    return (
        lid,
        sid,
        moment(record.time),
        max(-_LARGEST, min(record.number, _LARGEST)),
        record.span_id,
        record.source.value,
        record.severity,
        record.lines,
        legible(record.body),
        None if details == _NONE else wire.to_legible_json(details).decode(),
    )


_NONE: Final = Details()


def read_log(session_id: str, row: Sequence[Any]) -> LogRecord:
    """The record that a row holds."""
    _, time, number, span_id, source, severity, body, details, *_ = row
    more = _NONE if details is None else _decode_details(details)
    return LogRecord(
        session_id=session_id,
        time=time,
        number=number,
        span_id=span_id,
        source=LogSource(source),
        severity=severity,
        severity_text=more.severity_text,
        body=body,
        logger=more.logger,
        attributes=more.attributes,
        error=more.error,
    )


def read_page(reading: Reading, sid: int, where: LogFilter, after: tuple[int, int] | None) -> list[Sequence[Any]]:
    """The next rows of a session, by time."""
    time, number = after or (_BEFORE_ALL, _BEFORE_ALL)
    wanted = {
        "sid": sid,
        "time": time,
        "number": number,
        "span_id": where.span_id,
        "source": where.source,
        "severity": where.severity,
        "limit": PAGE,
    }
    return reading.rows("page_of_logs", wanted).fetchall()


def read_changes(reading: Reading, after: int, session_id: str | None, limit: int) -> tuple[list[LogRecord], int]:
    """What was written down since a cursor, and the next cursor."""
    newest = reading.counter(LAST_LOG)
    if after < 0:
        return [], newest
    if session_id is None:
        rows = reading.rows("changed_logs", (after, newest, limit)).fetchall()
    else:
        rows = reading.rows("changed_logs_of", (session_id, after, newest, limit)).fetchall()
    return [read_log(row[-1], row) for row in rows], rows[-1][0] if len(rows) == limit else max(after, newest)


def position_of(row: Sequence[Any]) -> tuple[int, int]:
    """Where the next page begins."""
    return row[1], row[2]


def texts_of(rows: Iterable[Sequence[Any]]) -> dict[int, str]:
    """What rows of `lid`, `body` and `details` say: the text, the logger and the exception."""
    found: dict[int, str] = {}
    for lid, body, details in rows:
        more = _NONE if details is None else _decode_details(details)
        said = [body]
        if more.logger is not None:
            said.append(more.logger)
        if more.error is not None:
            said.append(f"{more.error.type}: {more.error.message}")
        found[lid] = "\n".join(said)
    return found
