"""Whatever the order and however often records come, the store ends up saying the same."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import SECOND, START, by_start, counts_of, expected_counts, llm_span, running, said, tool_span

from agentops.domain.failures import failures_of, passed_on
from agentops.domain.genai import Usage
from agentops.domain.spans import ErrorInfo, SpanKind, SpanRecord, SpanStatus
from agentops.domain.tellings import Telling, tellings_of
from agentops.store.protocol import Totals
from agentops.store.sqlite import SqliteStore

SESSIONS = [f"0a000000-0000-4000-8000-00000000000{number}" for number in range(3)]
TALK = [said("system", "brief"), *(said("user", f"question {number}") for number in range(4))]
STATUSES = [SpanStatus.OK, SpanStatus.ERROR, SpanStatus.CANCELLED, SpanStatus.INCOMPLETE]


IDS = [f"{number + 1:016x}" for number in range(9)]
INNER_KINDS = [SpanKind.TOOL, SpanKind.ACTION, SpanKind.AGENT, SpanKind.SESSION, SpanKind.TASK, SpanKind.TASK]


@st.composite
def ended_spans(draw: st.DrawFn) -> list[SpanRecord]:
    """Spans of a few sessions, some of them sharing messages, in one another, or telling of the same calls."""
    spans: list[SpanRecord] = []
    sessions = SESSIONS[: draw(st.integers(1, 3))]
    for number in range(draw(st.integers(1, 8))):
        session_id = draw(st.sampled_from(sessions))
        status = draw(st.sampled_from(STATUSES))
        failed = status is SpanStatus.ERROR
        common: dict[str, Any] = {
            "span_id": IDS[number],
            "parent_id": draw(st.sampled_from([None, *IDS])),
            "status": status,
            "error": ErrorInfo(type="Boom", message=draw(st.sampled_from(["it broke", "late"]))) if failed else None,
            "counted_error": failed and draw(st.booleans()),
            "end": START + number * SECOND + draw(st.integers(2, 5)) * SECOND // 2,
            "agent_name": draw(st.sampled_from([None, "writer"])),
        }
        if draw(st.booleans()):
            common["cost"] = draw(st.sampled_from([None, "0.1", "0.00000125", "2"]))
            asked = TALK[: draw(st.integers(1, 5))]
            kind = draw(st.sampled_from([SpanKind.LLM, SpanKind.EMBEDDING]))
            span = llm_span(session_id, number, asked=asked, kind=kind, **common)
            assert span.response is not None
            span.response.id = draw(st.sampled_from([None, "one", "two"]))
            span.response.usage = draw(st.sampled_from([None, Usage(input=10, output=3)]))
            spans.append(span)
        else:
            kind = draw(st.sampled_from(INNER_KINDS))
            event_type = draw(st.sampled_from([None, "actions", "errors"]))
            spans.append(tool_span(session_id, number, kind=kind, event_type=event_type, **common))
    return spans


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[SpanRecord], list[list[SpanRecord]]]:
    """Spans, and batches in which their beginnings and ends come, in any order and more than once."""
    spans = draw(ended_spans())
    heard = [
        record
        for span in spans
        for record in (
            *[SpanRecord(session_id=span.session_id, span_id=span.span_id, start=span.start, status=SpanStatus.RUNNING)]
            * draw(st.integers(0, 1)),
            *[running(span)] * draw(st.integers(0, 2)),
            *[interrupted(span)] * draw(st.integers(0, 1)),
            *[span] * draw(st.integers(1, 2)),
        )
    ]
    shuffled = draw(st.permutations(heard))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    batches = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]
    return spans, [batch for batch in batches if batch]


def interrupted(span: SpanRecord) -> SpanRecord:
    """The same span as an adopter ended it before its end was read."""
    record = running(span)
    record.status, record.end = SpanStatus.INTERRUPTED, span.start + 1
    return record


def expected_totals(spans: Sequence[SpanRecord]) -> dict[tuple[int, str, str, str | None], tuple[int, int]]:
    """Calls and errors of each day, kind, name and model."""
    tellings: dict[tuple[str, str], Telling] = {}
    passed: set[tuple[str, str]] = set()
    for session_id in SESSIONS:
        own = [span for span in spans if span.session_id == session_id]
        tellings.update({(session_id, span_id): telling for span_id, telling in tellings_of(own).items()})
        passed.update((session_id, span_id) for span_id in passed_on(failures_of(own)))
    totals: dict[tuple[int, str, str, str | None], tuple[int, int]] = {}
    for span in spans:
        telling = tellings.get((span.session_id, span.span_id), Telling.COUNTS)
        if telling is Telling.REPEAT:
            continue
        key = (span.start // 86_400_000_000_000, span.kind.value, span.name, span.response and span.response.model)
        calls, errors = totals.get(key, (0, 0))
        counts = span.counted_error and (span.session_id, span.span_id) not in passed
        is_error = counts or span.event_type == "errors"
        totals[key] = (calls + (telling is Telling.COUNTS), errors + is_error)
    return totals


def said_totals(totals: Sequence[Totals]) -> dict[tuple[int, str, str, str | None], tuple[int, int]]:
    """The same from what a store says."""
    return {(each.day, each.kind, each.name, each.model): (each.calls, each.errors) for each in totals}


def check(store: SqliteStore, spans: Sequence[SpanRecord]) -> None:
    """The store holds exactly these spans, and has counted and indexed exactly them."""
    held = {each.session_id: each for each in store.sessions()}
    assert set(held) == {span.session_id for span in spans}
    for session_id, summary in held.items():
        own = [span for span in spans if span.session_id == session_id]
        assert list(store.spans(session_id)) == by_start(own)
        assert counts_of(summary) == expected_counts(own)
        assert (summary.start, summary.last) == (min(s.start for s in own), max(s.end or 0 for s in own))
    assert said_totals(store.totals()) == expected_totals(spans)
    for phrase in ("question 2", "weather"):
        found = {(hit.session_id, hit.span_id) for hit in store.search(phrase)}
        assert found == expected_hits(spans, phrase)


def expected_hits(spans: Sequence[SpanRecord], phrase: str) -> set[tuple[str, str]]:
    """Spans whose input holds the phrase, and the first span of each session with each message that does."""
    hits: set[tuple[str, str]] = set()
    carried: set[tuple[str, str]] = set()
    for span in by_start(spans):
        if phrase in str(span.input):
            hits.add((span.session_id, span.span_id))
        for message in span.request.messages if span.request else ():
            if phrase in message.text and (span.session_id, message.text) not in carried:
                carried.add((span.session_id, message.text))
                hits.add((span.session_id, span.span_id))
    return hits


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries(), st.sampled_from(["never", "between", "after"]), st.integers(0, 2))
def test_order_and_repetition_make_no_difference(
    delivered: tuple[list[SpanRecord], list[list[SpanRecord]]], indexing: str, forgotten: int
) -> None:
    """Spans, counts, daily totals and the search index equal those of one delivery in order; deleting undoes them."""
    spans, batches = delivered
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "s.db", closing_budget=0) as store:
        acknowledged = 0
        for batch in batches:
            acknowledged += store.ingest(batch).new
            if indexing == "between":
                store.index()
        assert acknowledged == len(spans)
        if indexing == "after":
            store.index()
        check(store, spans)
        gone = SESSIONS[forgotten]
        store.delete([gone])
        check(store, [span for span in spans if span.session_id != gone])
        store.delete(SESSIONS)
        check(store, [])
        assert store.ingest(spans).new == len(spans)
        check(store, spans)


@given(st.lists(st.tuples(st.sampled_from(SESSIONS), st.integers(0, 5)), min_size=1, max_size=30), st.integers(1, 7))
@settings(max_examples=20)
def test_following_changes_sees_every_span_and_every_change(steps: list[tuple[str, int]], page: int) -> None:
    """Whoever asks again and again with the cursor of the last answer ends with the latest of everything."""
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "s.db", closing_budget=0) as store:
        seen: dict[tuple[str, str], SpanRecord] = {}
        begun: dict[tuple[str, int], SpanRecord] = {}
        cursor = 0
        for session_id, number in steps:
            span = begun.pop((session_id, number), None)
            if span is None:
                span = tool_span(session_id, number, span_id=f"{len(begun) + len(seen) + 1:015x}{number:x}")
                begun[session_id, number] = span
                store.ingest([running(span)])
            else:
                store.ingest([span])
            records, cursor = store.changes(cursor, limit=page)
            seen.update({(record.session_id, record.span_id): record for record in records})
        while records := store.changes(cursor, limit=page)[0]:
            seen.update({(record.session_id, record.span_id): record for record in records})
            cursor = store.changes(cursor, limit=page)[1]
        stored = [record for summary in store.sessions() for record in store.spans(summary.session_id)]
        assert seen == {(record.session_id, record.span_id): record for record in stored}
        assert store.changes(-1) == ([], cursor)


def test_changes_of_one_session_pass_over_the_others(store: SqliteStore) -> None:
    """And the cursor moves on past them."""
    spans = [tool_span(SESSIONS[number % 2], number) for number in range(10)]
    store.ingest(spans)
    records, cursor = store.changes(0, session_id=SESSIONS[1])
    assert records == spans[1::2]
    assert store.changes(cursor, session_id=SESSIONS[1]) == ([], cursor)
    assert store.changes(0, session_id="unknown") == ([], cursor)


def test_the_totals_of_a_day_say_how_long_calls_took(store: SqliteStore) -> None:
    """Medians and 95th percentiles are less than five percent off."""
    spans = [tool_span(SESSIONS[0], n, end=START + n * SECOND + (n + 1) * 10_000_000) for n in range(100)]
    store.ingest(spans)
    (total,) = store.totals()
    assert (total.calls, total.name, total.cost) == (100, "search", None)
    assert abs(total.median / 0.5 - 1) < 0.05
    assert abs(total.p95 / 0.95 - 1) < 0.05
    day = START // 86_400_000_000_000 * 86_400_000_000_000
    assert store.totals(since=day, until=day + 1) == [total]
    assert store.totals(until=day) == store.totals(since=day + 86_400_000_000_000) == []
