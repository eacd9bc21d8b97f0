"""What the daily rollups add up to."""

from collections import defaultdict
from collections.abc import Mapping

from agentops.store.protocol import Totals
from agentops.store.sqlite.costs import read_cost
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.rollup import DAY, middle_of


def read_totals(reading: Reading, since: int | None, until: int | None) -> list[Totals]:
    """The rows of the days between two moments (Unix nanoseconds), whole days only."""
    first = 0 if since is None else since // DAY
    last = 2**62 if until is None else -(-until // DAY)
    durations = defaultdict[tuple[object, ...], dict[int, int]](dict)
    for day, kind, name, model, bucket, calls in reading.rows("durations", (first, last)):
        durations[day, kind, name, model][bucket] = calls
    return [
        Totals(
            day=day,
            kind=kind,
            name=name,
            model=model or None,
            calls=calls,
            errors=errors,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost=read_cost(cost),
            median=quantile(durations[day, kind, name, model], 0.5),
            p95=quantile(durations[day, kind, name, model], 0.95),
        )
        for day, kind, name, model, calls, errors, input_tokens, output_tokens, cost in reading.rows(
            "totals", (first, last)
        )
    ]


def quantile(buckets: Mapping[int, int], share: float) -> float:
    """The duration in seconds that this share of calls stayed below, five percent off at most."""
    wanted, passed = share * sum(buckets.values()), 0
    for bucket in sorted(buckets):
        passed += buckets[bucket]
        if passed >= wanted:
            return middle_of(bucket) / 1e9
    return 0.0
