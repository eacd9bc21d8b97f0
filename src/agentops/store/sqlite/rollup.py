"""What spans add to the counts of their session and of their day, and take away again."""

from collections.abc import Iterable
from math import log2
from typing import Final

from agentops.domain.spans import SpanKind
from agentops.store.sqlite.costs import add_amounts, negated, read_cost, write_cost
from agentops.store.sqlite.rows import ERROR_EVENT, SpanRow
from agentops.store.sqlite.sessions import SessionRow
from agentops.store.sqlite.transaction import Transaction

DAY: Final = 86_400_000_000_000
"""Nanoseconds."""

BUCKETS_A_DOUBLING: Final = 8

_LLM: Final = frozenset({SpanKind.LLM.value, SpanKind.EMBEDDING.value})
_TOOL: Final = SpanKind.TOOL.value
_ACTION: Final = SpanKind.ACTION.value

DayKey = tuple[int, str, str, str]
"""Day, kind, name, model."""


class DayCounts:
    """What one day's calls of one kind, name and model add up to."""

    __slots__ = ("calls", "cost", "errors", "input_tokens", "output_tokens", "priced")

    def __init__(self) -> None:
        self.calls = self.errors = self.input_tokens = self.output_tokens = self.priced = 0
        self.cost: str | None = None


class Deltas:
    """What the spans of one transaction change in the rollups of days."""

    def __init__(self) -> None:
        self._days: dict[DayKey, DayCounts] = {}
        self._durations: dict[tuple[int, str, str, str, int], int] = {}

    def apply(self, session: SessionRow, rows: Iterable[SpanRow], sign: int = 1) -> None:
        """Count the rows of one session in (`sign` 1) or out again (-1)."""
        days, durations = self._days, self._durations
        for _, _, _, _, kind, name, model, started, ended, _, error, asked, answered, cost, _, _ in rows:
            session.spans += sign
            session.last = max(session.last, started if ended is None else ended)
            if ended is None:
                continue
            day = started // DAY
            key = (day, kind, name, model)
            counts = days.get(key)
            if counts is None:
                counts = days[key] = DayCounts()
            counts.calls += sign
            bucket = (*key, bucket_of(ended - started))
            durations[bucket] = durations.get(bucket, 0) + sign
            if error:
                counts.errors += sign
                session.errors += sign
            if error == ERROR_EVENT:
                continue
            if kind == _TOOL:
                session.tool_calls += sign
            elif kind in _LLM:
                session.llm_calls += sign
                session.unpriced += sign if cost is None else 0
                _count_tokens(session, counts, asked, answered, sign)
            elif kind == _ACTION:
                session.actions += sign
            if cost is not None:
                _count_cost(session, counts, cost, sign)

    def write(self, transaction: Transaction) -> None:
        """Add them to the tables."""
        days = [
            (*key, each.calls, each.errors, each.input_tokens, each.output_tokens, each.cost, each.priced)
            for key, each in self._days.items()
        ]
        transaction.run_rows("count_daily", days)
        changed = [(*key, calls) for key, calls in self._durations.items() if calls]
        transaction.run_rows("count_durations", changed)
        if any(each.calls < 0 for each in self._days.values()):
            transaction.run("forget_empty_days")
        if any(calls < 0 for *_, calls in changed):
            transaction.run("forget_empty_durations")


def _count_tokens(session: SessionRow, counts: DayCounts, asked: int | None, answered: int | None, sign: int) -> None:
    if asked:
        counts.input_tokens += sign * asked
        session.input_tokens += sign * asked
    if answered:
        counts.output_tokens += sign * answered
        session.output_tokens += sign * answered


def _count_cost(session: SessionRow, counts: DayCounts, cost: str, sign: int) -> None:
    signed = cost if sign > 0 else negated(cost)
    counts.priced += sign
    counts.cost = write_cost(add_amounts(read_cost(counts.cost), read_cost(signed)))
    session.priced += sign
    session.cost = add_amounts(session.cost, read_cost(signed)) if session.priced else None


def bucket_of(duration: int) -> int:
    """The bucket of a duration in nanoseconds."""
    return int(log2(duration) * BUCKETS_A_DOUBLING) if duration > 1 else 0


def middle_of(bucket: int) -> float:
    """The duration in nanoseconds that stands for a bucket, less than five percent off."""
    return 2 ** ((bucket + 0.5) / BUCKETS_A_DOUBLING)
