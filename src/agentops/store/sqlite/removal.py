"""Taking spans, messages, lines and sessions out again, and the search index with them."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from agentops.domain import wire
from agentops.domain.spans import SpanRecord
from agentops.store.sqlite.bodies import MESSAGE, Stored, put_together, read_body, read_message
from agentops.store.sqlite.logs import texts_of
from agentops.store.sqlite.rollup import Deltas
from agentops.store.sqlite.rows import RID
from agentops.store.sqlite.sessions import read_row, write_session
from agentops.store.sqlite.texts import text_of_log, text_of_message, text_of_span
from agentops.store.sqlite.transaction import INDEXED_LOG, INDEXED_MESSAGE, INDEXED_SPAN, Transaction

CHUNK: Final = 500
"""Spans, messages or lines removed at once."""

SLICE: Final = 0.05
"""Seconds after which a transaction that removes makes way for others."""


def as_list(numbers: Iterable[int]) -> str:
    """Numbers as the JSON array that `json_each` takes."""
    return wire.to_json(list(numbers)).decode()


def read_spans(transaction: Transaction, rids: Sequence[int]) -> list[SpanRecord]:
    """Whole spans by their rows."""
    rows = [Stored(*row) for row in transaction.run("read_bodies", (as_list(rids),))]

    def read_messages(mids: set[int]) -> Mapping[int, tuple[str, bytes]]:
        found = transaction.run("read_messages", (as_list(mids),))
        return {mid: (kind, body) for mid, kind, body in found}

    return put_together(rows, read_messages)


def remove_rows(transaction: Transaction, rids: Sequence[int]) -> None:
    """Remove rows of spans, their bodies and what the index holds of them; the counts are the caller's affair."""
    indexed = transaction.counter(INDEXED_SPAN)
    old = [rid for rid in rids if rid <= indexed]
    if old:
        bodies = transaction.run("read_bodies", (as_list(old),)).fetchall()
        transaction.run_each("unindex_spans", [(rid, text_of_span(read_body(body))) for rid, body, _ in bodies])
    wanted = (as_list(rids),)
    transaction.run("remove_spans", wanted)
    transaction.run("remove_bodies", wanted)


def remove_some_spans(transaction: Transaction, session_id: str) -> bool:
    """Remove a chunk of a session's spans, its counts following; whether there may be more."""
    found = transaction.run("find_session", (session_id,)).fetchone()
    if found is None:
        return False
    session = read_row(found)
    rows = transaction.run("some_spans_of", (session.sid, CHUNK)).fetchall()
    deltas = Deltas()
    deltas.apply(session, rows, -1)
    deltas.write(transaction)
    remove_rows(transaction, [row[RID] for row in rows])
    write_session(transaction, session)
    return len(rows) == CHUNK


def remove_some_messages(transaction: Transaction, session_id: str) -> bool:
    """Remove a chunk of the messages that no other session holds; whether there may be more."""
    found = transaction.run("find_session", (session_id,)).fetchone()
    if found is None:
        return False
    sid = read_row(found).sid
    rows = transaction.run("messages_only_of", (sid, CHUNK)).fetchall()
    indexed = transaction.counter(INDEXED_MESSAGE)
    texts = [
        (mid, text_of_message(read_message(body))) for mid, kind, body in rows if kind == MESSAGE and mid <= indexed
    ]
    transaction.run_each("unindex_messages", texts)
    mids = as_list(mid for mid, *_ in rows)
    transaction.run("release_messages", (sid, mids))
    transaction.run("remove_messages", (mids,))
    transaction.forget()
    return len(rows) == CHUNK


def remove_some_logs(transaction: Transaction, session_id: str) -> bool:
    """Remove a chunk of what was written in a session; whether there may be more."""
    found = transaction.run("find_session", (session_id,)).fetchone()
    if found is None:
        return False
    rows = transaction.run("some_logs_of", (read_row(found).sid, CHUNK)).fetchall()
    indexed = transaction.counter(INDEXED_LOG)
    texts = texts_of([row for row in rows if row[0] <= indexed])
    transaction.run_each("unindex_logs", [(lid, text_of_log(text)) for lid, text in texts.items()])
    transaction.run("remove_logs", (as_list(lid for lid, *_ in rows),))
    return len(rows) == CHUNK


def remove_slice(transaction: Transaction, session_ids: Sequence[str]) -> tuple[int, int]:
    """Remove sessions for as long as one transaction may take: how many there were, and how many ids are done with."""
    deadline = time.monotonic() + SLICE
    removed = done = 0
    while done < len(session_ids):
        session_id = session_ids[done]
        if not any(remove_some(transaction, session_id) for remove_some in _STEPS):
            removed += remove_rest(transaction, session_id)
            done += 1
        if time.monotonic() >= deadline:
            break
    return removed, done


def remove_rest(transaction: Transaction, session_id: str) -> int:
    """Remove what is left of a session; how many sessions that was, 0 or 1.

    What came while the others were being removed goes with it.
    """
    for remove_some in _STEPS:
        while remove_some(transaction, session_id):
            pass
    found = transaction.run("find_session", (session_id,)).fetchone()
    if found is None:
        return 0
    sid = read_row(found).sid
    for name in ("release_all_messages", "remove_details", "remove_parts", "remove_session"):
        transaction.run(name, (sid,))
    transaction.forget()
    return 1


_STEPS: Final = (remove_some_spans, remove_some_messages, remove_some_logs)
