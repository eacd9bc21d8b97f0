"""Summing up: what spans add up to, by any dimensions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Final

from agentops.domain.spans import MODEL_KINDS, SpanKind, SpanRecord
from agentops.store.protocol import Aggregate, AggregateFilter, Dimension, Store
from agentops.testing.stores.crew import AGENTS, MODELS, TAGS, crew, in_disorder, session_id_of, spans_in, start_of
from agentops.testing.stores.demands import Demand, amount, every_session, require_same

COUNT: Final = 12
_OFF: Final = 0.06
"""How far from the true one a quantile may be, as a share of it."""

_BY: Final[tuple[tuple[Dimension, ...], ...]] = (
    (),
    *[(dimension,) for dimension in Dimension],
    (Dimension.DAY, Dimension.MODEL),
    (Dimension.AGENT, Dimension.KIND, Dimension.NAME),
    (Dimension.TAG, Dimension.TOOL),
    (Dimension.USER, Dimension.DAY),
)
_WHERE: Final = (
    AggregateFilter(),
    AggregateFilter(kind="llm"),
    AggregateFilter(name="search"),
    AggregateFilter(model=MODELS[0]),
    AggregateFilter(agent=AGENTS[1]),
    AggregateFilter(tool="fetch"),
    AggregateFilter(tag=TAGS[2]),
    AggregateFilter(user="user-1"),
    AggregateFilter(since=start_of(4), until=start_of(7)),
    AggregateFilter(tag=TAGS[0], model=MODELS[1]),
    AggregateFilter(user="nobody"),
    AggregateFilter(since=10**30),
)

Told = tuple[int, int, int, int, Decimal | None, int]


def sums_are_those_of_the_spans(store: Store) -> None:
    """By every dimension and with every filter: calls, errors, tokens, cost and what has no price."""
    records = crew(COUNT)
    for batch in in_disorder(records, seed=3):
        store.ingest(batch)
    facts = _facts(store, spans_in(records))
    for by, where in product(_BY, _WHERE):
        found = {tuple(group.keys.values()): _told(group) for group in store.aggregate(by, where)}
        require_same(found, _expected(facts, by, where), f"sums by {[each.value for each in by]} where {where}")


def quantiles_are_near_the_true_ones(store: Store) -> None:
    """A twentieth off at most."""
    records = crew(COUNT)
    store.ingest(records)
    seconds = sorted((span.duration or 0.0) for span in spans_in(records) if span.kind is SpanKind.TOOL)
    (group,) = store.aggregate([], AggregateFilter(kind="tool"))
    for share, found in ((0.5, group.p50), (0.95, group.p95), (0.99, group.p99)):
        wanted = next(each for n, each in enumerate(seconds, 1) if n >= share * len(seconds))
        is_near = abs(found - wanted) <= _OFF * wanted
        require_same(found if is_near else wanted, found, f"a quantile of {share}, which is {wanted}")


def groups_come_in_order(store: Store) -> None:
    """By their keys, what has none first; and totals say the same."""
    store.ingest(crew(COUNT))
    days = [group.keys["day"] or "" for group in store.aggregate([Dimension.DAY])]
    require_same(days, sorted(days), "the order of days")
    models = [group.keys["model"] for group in store.aggregate([Dimension.MODEL])]
    require_same(models, [None, *sorted(MODELS)], "the order of models")
    totals = sum(total.calls for total in store.totals())
    require_same(totals, sum(group.calls for group in store.aggregate([])), "calls in totals")


def a_call_told_twice_counts_once(store: Store) -> None:
    """A model call within a model call, the inner one first: one call, its tokens and its cost, and both are there."""
    outer = next(span for span in spans_in(crew(1)) if span.kind is SpanKind.LLM)
    inner = next(span for span in spans_in(crew(1)) if span.kind is SpanKind.LLM)
    inner.span_id, inner.parent_id, inner.start = "00000000000000ee", outer.span_id, outer.start + 1
    for record in (inner, outer):
        store.ingest([record])
    summary = store.find(outer.session_id)
    usage = outer.response.usage if outer.response else None
    found = (summary.spans, summary.llm_calls, summary.input_tokens, summary.cost)
    require_same(found, (2, 1, usage.input_total if usage else 0, amount(outer.cost)), "a call told twice")
    require_same([each.repeats for each in store.tree(outer.session_id)], [False, True], "which of them repeats")
    (group,) = store.aggregate([Dimension.MODEL])
    (tagged,) = store.aggregate([Dimension.MODEL, Dimension.TAG])
    require_same((group.calls, tagged.calls), (1, 1), "sums of a call told twice")


def sums_follow_what_is_deleted(store: Store) -> None:
    """Nothing is left of what is gone."""
    store.ingest(crew(COUNT))
    store.delete([session_id_of(number) for number in range(3, COUNT)])
    facts = _facts(store, spans_in(crew(3)))
    for by in _BY:
        found = {tuple(group.keys.values()): _told(group) for group in store.aggregate(by)}
        require_same(found, _expected(facts, by, AggregateFilter()), f"sums by {[each.value for each in by]}")
    store.delete([session_id_of(number) for number in range(3)])
    require_same(store.aggregate([Dimension.DAY]), [], "sums of nothing")


def _told(group: Aggregate) -> Told:
    return (group.calls, group.errors, group.input_tokens, group.output_tokens, group.cost, group.unpriced)


Fact = tuple[dict[str, list[str | None]], SpanRecord]
"""What groups a span belongs to in each dimension."""


def _facts(store: Store, spans: Iterable[SpanRecord]) -> list[Fact]:
    sessions = {each.session_id: each for each in every_session(store)}
    return [
        (
            {
                "day": [datetime.fromtimestamp(span.start // 10**9, UTC).date().isoformat()],
                "kind": [span.kind.value],
                "name": [span.name],
                "model": [span.response.model if span.response else None],
                "agent": [span.agent_name],
                "tool": [span.name] if span.kind is SpanKind.TOOL else [],
                "tag": list[str | None](sessions[span.session_id].tags) or [None],
                "user": [sessions[span.session_id].user],
            },
            span,
        )
        for span in spans
    ]


def _expected(
    facts: Iterable[Fact], by: Sequence[Dimension], where: AggregateFilter
) -> dict[tuple[str | None, ...], Told]:
    groups: dict[tuple[str | None, ...], list[SpanRecord]] = defaultdict(list)
    for belongs, span in facts:
        if _matches(belongs, span, where):
            for keys in product(*(belongs[dimension.value] for dimension in by)):
                groups[keys].append(span)
    return {keys: _sum(spans) for keys, spans in groups.items()}


def _matches(belongs: dict[str, list[str | None]], span: SpanRecord, where: AggregateFilter) -> bool:
    day = 86_400 * 10**9
    if where.since is not None and span.start < where.since // day * day:
        return False
    if where.until is not None and span.start >= -(-where.until // day) * day:
        return False
    wanted = {dimension.value: getattr(where, dimension.value, None) for dimension in Dimension}
    return all(value is None or value in belongs[name] for name, value in wanted.items())


def _sum(spans: list[SpanRecord]) -> Told:
    usages = [span.response.usage for span in spans if span.response is not None and span.response.usage is not None]
    costs = [cost for span in spans if (cost := amount(span.cost)) is not None]
    return (
        len(spans),
        sum(span.counted_error for span in spans),
        sum(usage.input_total or 0 for usage in usages),
        sum(usage.output_total or 0 for usage in usages),
        sum(costs, Decimal()) if costs else None,
        sum(span.kind in MODEL_KINDS and span.cost is None for span in spans),
    )


DEMANDS: Final[list[Demand]] = [
    sums_are_those_of_the_spans,
    quantiles_are_near_the_true_ones,
    groups_come_in_order,
    a_call_told_twice_counts_once,
    sums_follow_what_is_deleted,
]
