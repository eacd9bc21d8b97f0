"""Putting the price on model calls, away from the program's path."""

from agentops.domain.prices import in_use
from agentops.domain.spans import SpanRecord


def price_call(record: SpanRecord) -> None:
    """Put the cost in USD on a model call, where its price is known."""
    cost = in_use().cost_of_record(record)
    if cost is not None:
        record.cost = format(cost, "f")
