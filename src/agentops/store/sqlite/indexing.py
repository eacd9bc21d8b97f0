"""Filling the search index behind the writers, a slice at a time."""

import time
from typing import Final

from agentops.store.sqlite.bodies import MESSAGE, read_body, read_message
from agentops.store.sqlite.logs import texts_of
from agentops.store.sqlite.texts import text_of_log, text_of_message, text_of_span
from agentops.store.sqlite.transaction import (
    INDEXED_LOG,
    INDEXED_MESSAGE,
    INDEXED_SPAN,
    LAST_LOG,
    LAST_MESSAGE,
    LAST_SPAN,
    Transaction,
)

SLICE: Final = 0.02
"""Seconds that one slice holds up a writer at most, single long texts excepted."""

_STEP: Final = 32


def index_slice(transaction: Transaction) -> bool:
    """Index the oldest of what is not indexed yet; whether there is more."""
    deadline = time.monotonic() + SLICE
    while time.monotonic() < deadline:
        if not any(index(transaction) for index in (_index_messages, _index_spans, _index_logs)):
            return False
    return is_behind(transaction)


def is_behind(transaction: Transaction) -> bool:
    """Whether something is not indexed yet."""
    return (
        transaction.counter(INDEXED_MESSAGE) < transaction.counter(LAST_MESSAGE)
        or transaction.counter(INDEXED_SPAN) < transaction.counter(LAST_SPAN)
        or transaction.counter(INDEXED_LOG) < transaction.counter(LAST_LOG)
    )


def _index_messages(transaction: Transaction) -> bool:
    behind = transaction.counter(INDEXED_MESSAGE)
    rows = transaction.run("next_messages", (behind, _STEP)).fetchall()
    texts = [(mid, text_of_message(read_message(body))) for mid, kind, body in rows if kind == MESSAGE]
    transaction.run_each("index_messages", texts)
    end = rows[-1][0] if len(rows) == _STEP else transaction.counter(LAST_MESSAGE)
    transaction.counters[INDEXED_MESSAGE] = max(end, behind)
    return bool(rows)


def _index_spans(transaction: Transaction) -> bool:
    behind = transaction.counter(INDEXED_SPAN)
    rows = transaction.run("next_bodies", (behind, _STEP)).fetchall()
    transaction.run_each("index_spans", [(rid, text_of_span(read_body(body))) for rid, body in rows])
    end = rows[-1][0] if len(rows) == _STEP else transaction.counter(LAST_SPAN)
    transaction.counters[INDEXED_SPAN] = max(end, behind)
    return bool(rows)


def _index_logs(transaction: Transaction) -> bool:
    behind = transaction.counter(INDEXED_LOG)
    rows = transaction.run("next_logs", (behind, _STEP)).fetchall()
    transaction.run_each("index_logs", [(lid, text_of_log(text)) for lid, text in texts_of(rows).items()])
    end = rows[-1][0] if len(rows) == _STEP else transaction.counter(LAST_LOG)
    transaction.counters[INDEXED_LOG] = max(end, behind)
    return bool(rows)
