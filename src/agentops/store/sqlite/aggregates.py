"""What spans add up to, by any dimensions: from the rollups of days, or from the spans of sessions themselves."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from agentops.domain.spans import SpanKind
from agentops.store.protocol import Aggregate, AggregateFilter, Dimension
from agentops.store.sqlite.costs import add_amounts, read_cost
from agentops.store.sqlite.histograms import quantiles, read_histogram
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.rollup import DAY
from agentops.store.sqlite.sessions import read_tags
from agentops.store.sqlite.statements import SQL
from agentops.store.sqlite.texts import legible

if TYPE_CHECKING:
    from decimal import Decimal

_OF_SESSIONS: Final = frozenset({Dimension.TAG, Dimension.USER})
_COLUMNS: Final = {
    Dimension.DAY: 0,
    Dimension.KIND: 1,
    Dimension.NAME: 2,
    Dimension.TOOL: 2,
    Dimension.MODEL: 3,
    Dimension.AGENT: 4,
}
_KEYS: Final = 5
_LAST_DAY: Final = 2**62 // DAY
_SHARES: Final = (0.5, 0.95, 0.99)

Counted = tuple[tuple[str | None, ...], Sequence[Any]]
"""A group, and its calls, errors, input tokens, output tokens, cost, unpriced calls and histogram."""


class Sum:
    """What one group adds up to."""

    __slots__ = ("calls", "cost", "errors", "histogram", "input_tokens", "output_tokens", "unpriced")

    def __init__(self) -> None:
        self.calls = self.errors = self.input_tokens = self.output_tokens = self.unpriced = self.histogram = 0
        self.cost: Decimal | None = None

    def add(self, counts: Sequence[Any]) -> None:
        """One row more."""
        calls, errors, input_tokens, output_tokens, cost, unpriced, durations = counts
        self.calls += calls
        self.errors += errors
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens
        self.unpriced += unpriced
        if cost is not None:
            self.cost = add_amounts(self.cost, read_cost(cost))
        if durations is not None:
            self.histogram += read_histogram(durations)

    def told(self, keys: dict[str, str | None]) -> Aggregate:
        """As the store gives it."""
        p50, p95, p99 = quantiles(self.histogram, _SHARES)
        return Aggregate(
            keys=keys,
            calls=self.calls,
            errors=self.errors,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cost=self.cost,
            unpriced=self.unpriced,
            p50=p50,
            p95=p95,
            p99=p99,
        )


def read_aggregates(reading: Reading, by: Sequence[Dimension], where: AggregateFilter) -> list[Aggregate]:
    """What the ended spans of each group add up to, in the order of the groups' keys."""
    wanted = list(dict.fromkeys(by))
    if Dimension.TOOL in wanted or where.tool is not None:
        if where.kind not in {None, SpanKind.TOOL.value} or where.name not in {None, where.tool or where.name}:
            return []
        where = replace(where, kind=SpanKind.TOOL.value, name=where.tool or where.name, tool=None)
    needs_sessions = where.tag is not None or where.user is not None or not _OF_SESSIONS.isdisjoint(wanted)
    counted = _from_sessions(reading, wanted, where) if needs_sessions else _from_days(reading, wanted, where)
    sums: dict[tuple[str | None, ...], Sum] = {}
    for key, counts in counted:
        found = sums.get(key)
        if found is None:
            found = sums[key] = Sum()
        found.add(counts)
    named = [dimension.value for dimension in wanted]
    ordered = sorted(sums.items(), key=lambda item: tuple((each is not None, each or "") for each in item[0]))
    return [found.told(dict(zip(named, key, strict=True))) for key, found in ordered if found.calls or found.errors]


def _fields(where: AggregateFilter) -> dict[str, Any]:
    """The filter as parameters."""
    values = {name: getattr(where, name) for name in AggregateFilter.__struct_fields__}
    return {name: legible(value) if isinstance(value, str) else value for name, value in values.items()}


def _days(where: AggregateFilter) -> tuple[int, int]:
    """The first day and the last."""
    first = 0 if where.since is None else where.since // DAY
    last = _LAST_DAY if where.until is None else -(-where.until // DAY) - 1
    return max(0, min(first, _LAST_DAY)), max(-1, min(last, _LAST_DAY))


def _from_days(reading: Reading, by: Sequence[Dimension], where: AggregateFilter) -> Iterable[Counted]:
    first, last = _days(where)
    parameters = {**_fields(where), "first": first, "last": last}
    columns = [_COLUMNS[dimension] for dimension in by]
    named: dict[tuple[Any, ...], tuple[str | None, ...]] = {}
    for row in reading.rows("daily_counts", parameters):
        raw = tuple([row[column] for column in columns])
        key = named.get(raw)
        if key is None:
            key = named[raw] = _key(by, raw)
        yield key, row[_KEYS:]


def _from_sessions(reading: Reading, by: Sequence[Dimension], where: AggregateFilter) -> Iterable[Counted]:
    first, last = _days(where)
    keys = ", ".join(SQL[f"key_{dimension}"] for dimension in by) or "0"
    numbers = ", ".join(str(number) for number in range(1, len(by) + 1)) or "1"
    statement = SQL["counts_of_sessions"].replace("{keys}", keys).replace("{numbers}", numbers)
    parameters = {**_fields(where), "since": first * DAY, "until": (last + 1) * DAY}
    for row in reading.select(statement, parameters):
        key = _key(by, row[: len(by)])
        for each in _each_tag(key, by.index(Dimension.TAG)) if Dimension.TAG in by else (key,):
            yield each, row[len(by) or 1 :]


def _each_tag(key: tuple[str | None, ...], position: int) -> Iterable[tuple[str | None, ...]]:
    """The groups that a session of several tags belongs to."""
    tags: list[str | None] = [*read_tags(key[position] or "[]")] or [None]
    return [(*key[:position], tag, *key[position + 1 :]) for tag in dict.fromkeys(tags)]


def _key(by: Sequence[Dimension], raw: Sequence[Any]) -> tuple[str | None, ...]:
    return tuple(
        _day(value) if dimension is Dimension.DAY else value or None for dimension, value in zip(by, raw, strict=True)
    )


def _day(number: int) -> str:
    return datetime.fromtimestamp(number * DAY // 1_000_000_000, UTC).date().isoformat()
