"""What the daily rollups add up to."""

from itertools import groupby
from typing import Any

from agentops.store.protocol import Totals
from agentops.store.sqlite.costs import add_amounts, read_cost
from agentops.store.sqlite.histograms import quantiles, read_histogram
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.rollup import DAY

_SHARES = (0.5, 0.95)


def read_totals(reading: Reading, since: int | None, until: int | None) -> list[Totals]:
    """The rows of the days between two moments (Unix nanoseconds), whole days only."""
    first = 0 if since is None else since // DAY
    last = 2**62 if until is None else -(-until // DAY)
    rows = reading.rows("totals", (first, last))
    return [_added(key, list(group)) for key, group in groupby(rows, key=lambda row: tuple(row[:4]))]


def _added(key: tuple[Any, ...], rows: list[Any]) -> Totals:
    """The rows of all agents as one."""
    day, kind, name, model = key
    calls, errors, input_tokens, output_tokens = (sum(row[column] for row in rows) for column in range(4, 8))
    cost, durations = None, 0
    for *_, row_cost, row_durations in rows:
        cost = add_amounts(cost, read_cost(row_cost))
        durations += read_histogram(row_durations)
    median, p95 = quantiles(durations, _SHARES)
    return Totals(
        day=day,
        kind=kind,
        name=name,
        model=model or None,
        calls=calls,
        errors=errors,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost=cost,
        median=median,
        p95=p95,
    )
