"""Keeping: what came is there, once, whole, and until it is forgotten."""

from typing import Final

from agentops.domain.spans import SessionRecord, SpanRecord, SpanStatus
from agentops.errors import UnknownSessionError
from agentops.store.protocol import Dimension, Store
from agentops.testing.stores.crew import (
    DAY,
    SECOND,
    WORDS,
    beginning_of,
    crew,
    in_disorder,
    long_session,
    session_id_of,
    spans_in,
    spans_of,
    start_of,
)
from agentops.testing.stores.demands import Demand, every_session, everything, require_error, require_same


def a_batch_sent_twice_counts_once(store: Store) -> None:
    """Sending again changes nothing, and is acknowledged as known."""
    records = crew(6)
    spans = spans_in(records)
    store.ingest(records)
    before = everything(store)
    acknowledged = store.ingest(spans)
    require_same((acknowledged.new, acknowledged.known), (0, len(spans)), "the spans are known")
    store.ingest(records)
    require_same(everything(store), before, "a batch that was sent twice")


def any_order_says_the_same(store: Store) -> None:
    """Ends before beginnings, spans before their session, everything in pieces: the answers are those of the order."""
    records = crew(8)
    for batch in in_disorder(records, seed=1):
        store.ingest(batch)
    disordered = everything(store)
    store.delete([session_id_of(number) for number in range(8)])
    require_same(everything(store).get(session_id_of(0)), None, "a deleted session")
    store.ingest(records)
    require_same(everything(store), disordered, "records in order and in none")


def spans_come_back_whole(store: Store) -> None:
    """Every field, in every language, by start."""
    records = crew(6)
    store.ingest(records)
    for number in range(6):
        require_same(
            list(store.spans(session_id_of(number))), spans_in(spans_of(number)), f"the spans of session {number}"
        )


def a_running_span_ends_once(store: Store) -> None:
    """A span is running until its end comes, and a beginning that comes later does not reopen it."""
    first = spans_of(0)[2]
    store.ingest([beginning_of(first)])
    (found,) = store.spans(first.session_id)
    require_same((found.status, found.end), (SpanStatus.RUNNING, None), "a running span")
    require_same(store.find(first.session_id).tool_calls, 0, "calls of a running span")
    for record in (first, beginning_of(first)):
        store.ingest([record])
    require_same(list(store.spans(first.session_id)), [first], "an ended span")
    require_same(store.find(first.session_id).tool_calls, 1, "calls of an ended span")


def what_a_dead_process_left_is_ended(store: Store) -> None:
    """Spans and sessions of a journal whose process is gone."""
    first, second = spans_of(0)[2], spans_of(1)[2]
    store.ingest([SessionRecord(session_id=first.session_id, start=first.start), beginning_of(first)], journal="dead")
    store.ingest([beginning_of(second)], journal="alive")
    require_same(store.interrupt("dead", at=first.start + SECOND), 1, "interrupted spans")
    (found,) = store.spans(first.session_id)
    require_same((found.status, found.end), (SpanStatus.INTERRUPTED, first.start + SECOND), "the interrupted span")
    require_same(store.find(first.session_id).state, "INDETERMINATE", "the interrupted session")
    require_same(next(store.spans(second.session_id)).status, SpanStatus.RUNNING, "another process's span")


def ten_thousand_spans_are_one_session(store: Store) -> None:
    """A long session comes back whole and by start, in brief and in full."""
    spans = long_session(10_000)
    for at in range(0, len(spans), 2_500):
        store.ingest(spans[at : at + 2_500])
    session_id = spans[0].session_id
    ids = [span.span_id for span in spans]
    require_same([span.span_id for span in store.tree(session_id)], ids, "the tree of a long session")
    require_same([span.span_id for span in store.spans(session_id)], ids, "the spans of a long session")
    require_same(store.find(session_id).tool_calls, len(spans), "the calls of a long session")


def sessions_are_forgotten_whole(store: Store) -> None:
    """What is deleted leaves no trace in lists, search or sums, and what others share with it stays."""
    store.ingest(crew(6))
    kept = [number for number in range(6) if number != 2]  # noqa: PLR2004 - the deleted one
    require_same(store.delete([session_id_of(2), session_id_of(77)]), 1, "deleted sessions")
    deleted = everything(store)
    require_error(UnknownSessionError, lambda: store.session(session_id_of(2)), "a deleted session")
    require_same(store.search("answer 2:"), [], "what a deleted session said")
    store.delete([session_id_of(number) for number in kept])
    store.ingest([record for number in kept for record in crew(6) if _session_of(record) == session_id_of(number)])
    require_same(everything(store), deleted, "deleting, and never having had")


def old_sessions_are_pruned(store: Store) -> None:
    """By the last thing recorded of them."""
    store.ingest(crew(9))
    require_same(store.prune(before=start_of(0)), 0, "sessions older than the first")
    require_same(store.prune(before=start_of(3) - DAY // 2), 3, "sessions of the first day")
    require_same(
        sorted(each.session_id for each in every_session(store)),
        [session_id_of(number) for number in range(3, 9)],
        "sessions that are left",
    )
    days = [group.keys["day"] for group in store.aggregate([Dimension.DAY])]
    require_same(days, ["2026-05-28", "2026-05-29"], "the days that are left")


def unwritable_texts_are_kept_legible(store: Store) -> None:
    """A lone surrogate has no place in UTF-8; what came with it stays."""
    broken = SpanRecord(session_id=session_id_of(1), span_id="00000001000000ff", name="a\ud800b", start=1, end=2)
    store.ingest([broken, *spans_of(1)])
    names = [span.name for span in store.tree(session_id_of(1))]
    require_same((names[0], len(names)), ("a?b", 5), "spans beside an unwritable one")
    require_same(store.search(WORDS[1])[0].session_id, session_id_of(1), "what they say")


def _session_of(record: object) -> str | None:
    return getattr(record, "session_id", None)


DEMANDS: Final[list[Demand]] = [
    a_batch_sent_twice_counts_once,
    any_order_says_the_same,
    spans_come_back_whole,
    a_running_span_ends_once,
    what_a_dead_process_left_is_ended,
    ten_thousand_spans_are_one_session,
    sessions_are_forgotten_whole,
    old_sessions_are_pruned,
    unwritable_texts_are_kept_legible,
]
