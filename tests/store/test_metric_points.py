"""Points of metrics in the store: kept once, found by name and time, pruned with the rest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentops.domain.metric_points import Buckets, MetricKind, MetricPoint, Temporality
from agentops.store.sqlite.store import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    with SqliteStore(tmp_path / "agentops.db") as opened:
        yield opened


def point(name: str = "tokens", time: int = 10, **fields: object) -> MetricPoint:
    """A point of a sum."""
    return MetricPoint(name=name, kind=MetricKind.SUM, time=time, value=3, **fields)  # pyright: ignore[reportArgumentType] - fields of a point


def test_a_point_is_read_back_whole(store: SqliteStore) -> None:
    """Whatever a distribution tells of itself."""
    told = MetricPoint(
        name="wait\u00e9",
        kind=MetricKind.EXPONENTIAL_HISTOGRAM,
        time=7,
        unit="s",
        description="how long",
        start=1,
        temporality=Temporality.DELTA,
        count=3,
        sum=1.5,
        min=0.1,
        max=1.0,
        scale=2,
        zero_count=1,
        positive=Buckets(-1, [1, 1]),
        attributes={"model": "m"},
        resource={"service.name": "s"},
        scope="meter",
    )
    store.ingest_metrics([told])
    assert store.metric_points("wait\u00e9") == [told]


def test_a_point_sent_twice_counts_once(store: SqliteStore) -> None:
    """Also in one request; what differs in a label or in its time is another point."""
    others = [point(attributes={"a": 1}), point(time=11), point(scope="x"), point(resource={"host.name": "h"})]
    first, again = store.ingest_metrics([point(), point(), *others]), store.ingest_metrics([point(), *others])
    assert ((first.new, first.known), (again.new, again.known)) == ((5, 1), (0, 5))
    assert len(store.metric_points()) == 5


def test_points_are_found_by_name_and_time(store: SqliteStore) -> None:
    """From the first moment on and before the last, the oldest first, as many as asked for."""
    store.ingest_metrics([point(time=time) for time in (30, 10, 20)] + [point("calls", 15)])
    assert store.metric_names() == ["calls", "tokens"]
    assert [each.time for each in store.metric_points("tokens", since=10, until=30)] == [10, 20]
    assert [each.time for each in store.metric_points(limit=2)] == [10, 15]


def test_old_points_are_pruned(store: SqliteStore) -> None:
    """Retention holds for what was measured as well."""
    store.ingest_metrics([point(time=time) for time in range(1, 101)])
    store.prune(before=100)
    assert [each.time for each in store.metric_points()] == [100]


def test_no_points_are_no_commit(store: SqliteStore) -> None:
    """A request without points is taken and changes nothing."""
    assert (store.ingest_metrics([]).new, store.metric_names()) == (0, [])
