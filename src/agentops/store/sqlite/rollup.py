"""What spans add to the counts of their session and of their day, and take away again."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from agentops.domain.spans import SpanKind
from agentops.domain.tellings import Telling
from agentops.store.sqlite.costs import add_amounts, negated, write_cost
from agentops.store.sqlite.histograms import bucket_of, histogram_of, write_histogram
from agentops.store.sqlite.rows import ANSWERED, ASKED, COST, ENDED, ERROR_EVENT, STARTED, SpanRow
from agentops.store.sqlite.sessions import SessionRow
from agentops.store.sqlite.transaction import Transaction

DAY: Final = 86_400_000_000_000
"""Nanoseconds."""

_LLM: Final = frozenset({SpanKind.LLM.value, SpanKind.EMBEDDING.value})
_TOOL: Final = SpanKind.TOOL.value
_ACTION: Final = SpanKind.ACTION.value
_REPEAT: Final = Telling.REPEAT.value

DayKey = tuple[int, str, str, str, str]
"""Day, kind, name, model, agent."""


class DayCounts:
    """What one day's calls of one kind, name, model and agent add up to."""

    __slots__ = ("calls", "cost", "durations", "errors", "input_tokens", "output_tokens", "priced", "unpriced")

    def __init__(self) -> None:
        self.calls = self.errors = self.input_tokens = self.output_tokens = self.priced = self.unpriced = 0
        self.durations: dict[int, int] = {}
        self.cost: Decimal | None = None


class Deltas:
    """What the spans of one transaction change in the rollups of days."""

    def __init__(self) -> None:
        self._days: dict[DayKey, DayCounts] = {}

    def apply(self, session: SessionRow, rows: Iterable[SpanRow], sign: int = 1) -> None:
        """Count the rows of one session in (`sign` 1) or out again (-1)."""
        for row in rows:
            session.spans += sign
            started, ended = row[STARTED], row[ENDED]
            session.last = max(session.last, started if ended is None else ended)
            if ended is not None:
                self._count(session, row, sign)

    def _count(self, session: SessionRow, row: SpanRow, sign: int) -> None:
        _, _, _, _, kind, name, model, started, ended, _, error, _, _, cost, agent, _, _, _, repeats, _ = row
        if repeats == _REPEAT:
            return
        key = (started // DAY, kind, name, model, agent or "")
        counts = self._days.get(key)
        if counts is None:
            counts = self._days[key] = DayCounts()
        if error > 0:
            counts.errors += sign
            session.errors += sign
        if repeats:
            return
        counts.calls += sign
        bucket = bucket_of(ended - started)
        counts.durations[bucket] = counts.durations.get(bucket, 0) + sign
        if error == ERROR_EVENT:
            return
        if kind == _TOOL:
            session.tool_calls += sign
        elif kind in _LLM:
            _count_call(session, counts, row, sign)
        elif kind == _ACTION:
            session.actions += sign
        if cost is not None:
            _count_cost(session, counts, cost, sign)

    def write(self, transaction: Transaction) -> None:
        """Add them to the table."""
        days = [
            (
                *key,
                each.calls,
                each.errors,
                each.input_tokens,
                each.output_tokens,
                write_cost(each.cost),
                each.priced,
                each.unpriced,
                write_histogram(histogram_of(each.durations)),
            )
            for key, each in self._days.items()
        ]
        transaction.run_rows("count_daily", days)
        if any(each.calls < 0 or each.errors < 0 for each in self._days.values()):
            transaction.run("forget_empty_days")


def _count_call(session: SessionRow, counts: DayCounts, row: SpanRow, sign: int) -> None:
    session.llm_calls += sign
    if row[COST] is None:
        counts.unpriced += sign
        session.unpriced += sign
    asked, answered = row[ASKED], row[ANSWERED]
    if asked:
        counts.input_tokens += sign * asked
        session.input_tokens += sign * asked
    if answered:
        counts.output_tokens += sign * answered
        session.output_tokens += sign * answered


def _count_cost(session: SessionRow, counts: DayCounts, cost: str, sign: int) -> None:
    amount = Decimal(cost) if sign > 0 else negated(Decimal(cost))
    counts.priced += sign
    counts.cost = add_amounts(counts.cost, amount)
    session.priced += sign
    session.cost = add_amounts(session.cost, amount) if session.priced else None
