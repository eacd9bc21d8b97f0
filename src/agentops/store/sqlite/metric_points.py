"""What programs measured, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from agentops.domain import wire
from agentops.domain.metric_points import MetricPoint
from agentops.store.protocol import Acknowledgement
from agentops.store.sqlite.rows import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops.store.sqlite.readers import Reading
    from agentops.store.sqlite.transaction import Transaction

_decode: Final = msgspec.json.Decoder(MetricPoint).decode
_LATEST: Final = 2**63 - 1
_REMOVED_AT_ONCE: Final = 5000


def add_points(transaction: Transaction, points: Sequence[MetricPoint]) -> Acknowledgement:
    """Write what is not there yet."""
    rows = [
        (point.identity, _legible(point.name), moment(point.time), wire.to_legible_json(point).decode())
        for point in points
    ]
    changes = transaction.connection.total_changes
    transaction.run_rows("add_metric_points", rows)
    new = transaction.connection.total_changes - changes
    return Acknowledgement(new=new, known=len(rows) - new)


def _legible(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def read_points(
    reading: Reading, name: str | None, since: int | None, until: int | None, limit: int
) -> list[MetricPoint]:
    """Points by time, of one metric or of all."""
    statement = "read_all_metric_points" if name is None else "read_metric_points"
    wanted = {
        "name": name,
        "since": 0 if since is None else moment(since),
        "until": _LATEST if until is None else moment(until),
        "limit": limit,
    }
    return [_decode(body) for (body,) in reading.rows(statement, wanted)]


def read_names(reading: Reading) -> list[str]:
    """The names of all metrics that there are points of."""
    return [name for (name,) in reading.rows("metric_names")]


def remove_some_points(transaction: Transaction, before: int) -> int:
    """Remove some of the points that are older; how many that were."""
    return transaction.run("remove_metric_points", (moment(before), _REMOVED_AT_ONCE)).rowcount
