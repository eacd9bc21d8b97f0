"""A model call that several instrumentations tell of counts once, in whatever order its spans come; so do failures."""

import random
import tempfile
from copy import copy
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import SECOND, START, counts_of, expected_counts, llm_span, running, tool_span

from agentops.domain.genai import Response, Usage
from agentops.domain.spans import ErrorInfo, SpanKind, SpanRecord, SpanStatus
from agentops.store.protocol import Dimension
from agentops.store.sqlite import SqliteStore

SESSION = "0a000000-0000-4000-8000-000000000001"
ORDERS = list(permutations(range(3)))
OUTER, BETWEEN, INNER = "000000000000000a", "000000000000000b", "000000000000000c"


def call(span_id: str, *, tokens: int | None = 10, answer: str | None = None, **changes: Any) -> SpanRecord:
    """A model call that took ten seconds."""
    usage = None if tokens is None else Usage(input=tokens)
    values: dict[str, Any] = {"end": START + 10 * SECOND, **changes}
    return llm_span(SESSION, span_id=span_id, response=Response(id=answer, model="small-1", usage=usage), **values)


def task(span_id: str, parent_id: str | None, kind: SpanKind = SpanKind.TASK) -> SpanRecord:
    """What may lie between two calls."""
    return tool_span(SESSION, span_id=span_id, parent_id=parent_id, kind=kind)


def counted(store: SqliteStore) -> tuple[int, int, str, int]:
    """Calls, tokens, cost and unpriced calls of the session; those of the day are the same."""
    summary = store.find(SESSION)
    (day,) = [total for total in store.totals() if total.kind == SpanKind.LLM]
    assert (day.calls, day.input_tokens, day.cost) == (summary.llm_calls, summary.input_tokens, summary.cost)
    return summary.llm_calls, summary.input_tokens, str(summary.cost), summary.unpriced


@pytest.mark.parametrize("order", ORDERS)
def test_a_call_within_a_call_is_the_same_call(store: SqliteStore, order: tuple[int, ...]) -> None:
    """Spans of no kind of their own may lie between them; both stay to be seen."""
    spans = [
        call(OUTER, tokens=7, cost="0.5"),
        task(BETWEEN, OUTER),
        call(INNER, tokens=10, cost="0.7", parent_id=BETWEEN),
    ]
    for position in order:
        store.ingest([spans[position]])
    assert counted(store) == (1, 7, "0.5", 0)
    assert {span.span_id for span in store.spans(SESSION)} == {OUTER, BETWEEN, INNER}


@pytest.mark.parametrize("order", ORDERS)
def test_the_outermost_that_knows_its_usage_counts(store: SqliteStore, order: tuple[int, ...]) -> None:
    """A function that only wraps two calls is no call itself."""
    spans = [
        call(OUTER, tokens=None, cost=None),
        call(BETWEEN, parent_id=OUTER, cost="0.5"),
        call(INNER, parent_id=OUTER, cost="0.25"),
    ]
    for position in order:
        store.ingest([spans[position]])
    assert counted(store) == (2, 20, "0.75", 0)


def test_where_nobody_knows_the_usage_the_outermost_counts(store: SqliteStore) -> None:
    """It is one call of unknown cost."""
    store.ingest([call(INNER, tokens=None, cost=None, parent_id=OUTER)])
    assert counted(store) == (1, 0, "None", 1)
    store.ingest([call(OUTER, tokens=None, cost=None)])
    assert counted(store) == (1, 0, "None", 1)


@pytest.mark.parametrize("kind", [SpanKind.TOOL, SpanKind.AGENT, SpanKind.WORKFLOW])
def test_what_a_tool_or_an_agent_within_a_call_asks_is_another_call(store: SqliteStore, kind: SpanKind) -> None:
    """A model that the client library lets call tools by itself, one of which asks a model."""
    store.ingest([call(OUTER), task(BETWEEN, OUTER, kind), call(INNER, parent_id=BETWEEN)])
    assert counted(store)[:2] == (2, 20)


@pytest.mark.parametrize("is_late", [False, True])
def test_the_same_answer_at_the_same_time_is_the_same_call(store: SqliteStore, *, is_late: bool) -> None:
    """Two instrumentations side by side; the same answer given again later is another call."""
    store.ingest([call(OUTER, answer="answer-1")])
    start = START + (11 if is_late else 5) * SECOND
    store.ingest([call(INNER, answer="answer-1", start=start, end=start + SECOND), call(BETWEEN, answer="answer-2")])
    assert counted(store)[0] == (3 if is_late else 2)


def test_a_failure_told_twice_counts_once(store: SqliteStore) -> None:
    """Whether both say so or only the one that does not count."""
    failed: dict[str, Any] = {"status": SpanStatus.ERROR, "counted_error": True}
    store.ingest([call(INNER, parent_id=OUTER, **failed)])
    assert store.find(SESSION).errors == 1
    store.ingest([call(OUTER)])
    assert store.find(SESSION).errors == 1
    store.ingest([call(BETWEEN, parent_id=INNER, **failed)])
    assert store.find(SESSION).errors == sum(total.errors for total in store.totals()) == 1


def failing(span_id: str, parent_id: str | None, message: str = "it broke", **changes: Any) -> SpanRecord:
    """An agent that failed."""
    error = ErrorInfo(type="Boom", message=message)
    values: dict[str, Any] = {"kind": SpanKind.AGENT, "status": SpanStatus.ERROR, "counted_error": True, **changes}
    return tool_span(SESSION, span_id=span_id, parent_id=parent_id, error=error, **values)


def errors(store: SqliteStore) -> int:
    """Errors of the session; those of the day and of its spans are the same."""
    found = store.find(SESSION).errors
    assert sum(total.errors for total in store.totals()) == found
    assert sum(group.errors for group in store.aggregate([Dimension.TAG])) == found
    return found


@pytest.mark.parametrize("order", ORDERS)
def test_a_failure_that_passes_through_spans_counts_where_it_began(store: SqliteStore, order: tuple[int, ...]) -> None:
    """Each span in a request of its own: an exporter sends a span when it ends, so those inside come first."""
    spans = [failing(OUTER, None), failing(BETWEEN, OUTER), failing(INNER, BETWEEN)]
    for position in order:
        store.ingest([spans[position]])
    assert errors(store) == 1
    assert [span.span_id for span in store.tree(SESSION) if span.error] == [INNER]
    assert {span.span_id: span for span in store.spans(SESSION)} == {span.span_id: span for span in spans}


def test_another_failure_around_one_counts_too(store: SqliteStore) -> None:
    """Another message, a failure that the span inside did not count, and one beside it are failures of their own."""
    store.ingest([failing(OUTER, None), failing(BETWEEN, OUTER, "late"), failing(INNER, BETWEEN, counted_error=False)])
    assert errors(store) == 2
    store.ingest([failing("000000000000000d", BETWEEN)])
    assert errors(store) == 3


def test_a_failure_that_turns_out_to_be_another_is_counted_anew(store: SqliteStore) -> None:
    """What a span says when it ends later prevails."""
    early = failing(INNER, OUTER)
    late = failing(INNER, OUTER, "late", start=early.start, end=(early.end or 0) + SECOND)
    store.ingest([early, failing(OUTER, None)])
    assert errors(store) == 1
    store.ingest([late])
    assert errors(store) == 2
    store.delete([SESSION])
    assert store.totals() == []


@pytest.mark.parametrize("order", ORDERS)
def test_a_failure_of_a_call_told_twice_counts_once(store: SqliteStore, order: tuple[int, ...]) -> None:
    """A call, a plain span and a call again that all failed by the same."""
    spans = [
        failing(OUTER, None, kind=SpanKind.LLM),
        failing(BETWEEN, OUTER, kind=SpanKind.TASK),
        failing(INNER, BETWEEN, kind=SpanKind.LLM),
    ]
    for position in order:
        store.ingest([spans[position]])
    assert (errors(store), store.find(SESSION).llm_calls) == (1, 1)


def test_a_tool_that_failed_takes_its_failure_from_the_call_around_it(store: SqliteStore) -> None:
    """Of the tellings of one call another then says that it failed."""
    inner = [failing(BETWEEN, OUTER, kind=SpanKind.LLM), failing(INNER, OUTER, "late", kind=SpanKind.LLM)]
    store.ingest([call(OUTER), *inner])
    assert errors(store) == 1
    tool = failing("000000000000000d", BETWEEN, kind=SpanKind.TOOL)
    store.ingest([tool])
    assert errors(store) == expected_counts([call(OUTER), *inner, tool])["errors"] == 2


def test_a_span_that_is_its_own_parent_keeps_its_failure(store: SqliteStore) -> None:
    """Broken ids lose nothing."""
    store.ingest([failing(OUTER, OUTER)])
    store.ingest([failing(INNER, OUTER, "late")])
    assert errors(store) == 2


def test_deleting_takes_away_what_was_counted(store: SqliteStore) -> None:
    """And nothing that was not."""
    store.ingest([call(OUTER), call(INNER, parent_id=OUTER)])
    store.delete([SESSION])
    assert store.totals() == []


def tellings_of_calls(chance: random.Random) -> list[SpanRecord]:
    """A few spans in and beside one another, most of them calls, in circles even."""
    ids = [f"{number + 1:016x}" for number in range(7)]
    spans: list[SpanRecord] = []
    for number, span_id in enumerate(ids[: chance.randint(2, 7)]):
        is_failed = chance.random() < chance.choice([0.3, 0.8])
        shape: dict[str, Any] = {
            "span_id": span_id,
            "parent_id": chance.choice([None, *ids]),
            "start": START + number * SECOND,
            "end": START + number * SECOND + chance.randint(1, 4) * SECOND,
            "status": SpanStatus.ERROR if is_failed else SpanStatus.OK,
            "counted_error": is_failed,
            "error": ErrorInfo(type="Boom", message=chance.choice(["it broke", "late"])) if is_failed else None,
        }
        if chance.random() < 0.6:
            answer, tokens, cost = chance.choice([None, "a", "b"]), chance.choice([None, 1]), chance.choice([None, "1"])
            spans.append(llm_span(SESSION, **shape, cost=cost))
            spans[-1].response = Response(id=answer, usage=None if tokens is None else Usage(input=tokens))
        else:
            kind = chance.choice([SpanKind.TOOL, SpanKind.TASK, SpanKind.TASK])
            spans.append(tool_span(SESSION, **shape, kind=kind))
    return spans


def failed_before(span: SpanRecord) -> SpanRecord:
    """The same span, as it was told when another failure seemed to end it a moment before."""
    early = copy(span)
    early.status, early.counted_error, early.end = SpanStatus.ERROR, True, (span.end or 0) - 1
    early.error = ErrorInfo(type="Boom", message="late")
    return early


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_tellings_come_makes_no_difference(chance: random.Random) -> None:
    """Whatever lies in whatever, and however often and in how many parts it is told."""
    spans = tellings_of_calls(chance)
    early = [failed_before(span) for span in spans if chance.random() < 0.3]
    bare = [SpanRecord(session_id=SESSION, span_id=s.span_id, start=s.start, status=SpanStatus.RUNNING) for s in spans]
    heard = [
        *spans,
        *early,
        *chance.sample(bare, len(bare) // 2),
        *(running(s) for s in spans if chance.random() < 0.5),
    ]
    chance.shuffle(heard)
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "s.db", closing_budget=0) as store:
        while heard:
            size = chance.randint(1, len(heard))
            store.ingest(heard[:size])
            del heard[:size]
        assert counts_of(store.find(SESSION)) == expected_counts(spans)
        days = store.totals()
        assert sum(day.errors for day in days) == store.find(SESSION).errors
        assert sum(day.input_tokens for day in days) == store.find(SESSION).input_tokens
        store.delete([SESSION])
        assert store.totals() == []
