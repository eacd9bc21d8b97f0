"""What happens in the store, as it happens."""

import time
from collections.abc import Iterator

from agentops.domain.spans import LogRecord, SpanKind, SpanRecord, SpanStatus
from agentops.domain.states import SessionState
from agentops.store.protocol import SessionSummary, Store

NOW, BEGINNING = -1, 0
"""Cursors of `Store.changes`."""

_PAUSE = 0.2
_QUIET_ROUNDS = 2
_TOLD_AT_START = frozenset({SpanKind.SESSION, SpanKind.AGENT, SpanKind.WORKFLOW})


def changes(store: Store, after: int, *, session_id: str | None = None) -> Iterator[list[SpanRecord]]:
    """Spans added or changed since a cursor, for ever; an empty list after each pause in which nothing came."""
    cursor = after
    while True:
        spans, cursor = store.changes(cursor, session_id=session_id)
        yield sorted(spans, key=moment)
        if not spans:
            time.sleep(_PAUSE)


def until_over(store: Store, session_id: str, *, after: int = BEGINNING) -> Iterator[list[SpanRecord]]:
    """The changes of one session until it is over and nothing has come for a moment."""
    quiet = 0
    for spans in changes(store, after, session_id=session_id):
        yield spans
        quiet = 0 if spans or not is_over(store.find(session_id)) else quiet + 1
        if quiet >= _QUIET_ROUNDS:
            return


def lines_until_over(store: Store, session_id: str) -> Iterator[list[LogRecord]]:
    """What was and is written in one session, until it is over and nothing has come for a moment."""
    quiet, cursor = 0, BEGINNING
    while quiet < _QUIET_ROUNDS:
        records, cursor = store.log_changes(cursor, session_id=session_id)
        yield sorted(records, key=lambda record: (record.time, record.number))
        quiet = 0 if records or not is_over(store.find(session_id)) else quiet + 1
        if not records:
            time.sleep(_PAUSE)


def moment(span: SpanRecord) -> int:
    """When there was something to tell of a span: its end, or its beginning while it runs; Unix nanoseconds."""
    return span.start if span.end is None else span.end


def is_over(session: SessionSummary) -> bool:
    """Whether nothing more is to be expected of a session."""
    return SessionState(session.state).is_terminal


class Telling:
    """Which spans have been told of: each once when it ended, and agents, workflows and sessions when they began."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], SpanStatus] = {}

    def is_news(self, span: SpanRecord) -> bool:
        """Whether to tell of this record; afterwards the same is no news."""
        if span.status == SpanStatus.RUNNING and span.kind not in _TOLD_AT_START:
            return False
        key = (span.session_id, span.span_id)
        known = self._told.get(key)
        if known is not None and (known != SpanStatus.RUNNING or span.status == SpanStatus.RUNNING):
            return False
        self._told[key] = span.status
        return True
