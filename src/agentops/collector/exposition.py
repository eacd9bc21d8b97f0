"""What the collector counts of itself, as Prometheus reads it.

Nothing here tells of a project or of what was recorded: the numbers are of the whole server.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from agentops.collector.meters import BUCKETS, Meters
from agentops.collector.services import Services
from agentops.store.protocol import StoreHealth

MEDIA_TYPE: Final = CONTENT_TYPE_LATEST


def expose(services: Services, health: StoreHealth) -> bytes:
    """All metrics in Prometheus' text format; `health` is that of the default project's store."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Families([*_of_requests(services.meters), *_of_work(services), *_of_files(services, health)]))
    return generate_latest(registry)


class _Families(Collector):
    """Metrics that are already counted, in the form in which a registry asks for them."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """The metrics."""
        return self._families


def _of_requests(meters: Meters) -> Iterator[Metric]:
    requests = CounterMetricFamily("agentops_requests", "Requests answered.", labels=["route", "status"])
    for (route, status), count in list(meters.requests.items()):
        requests.add_metric([route, str(status)], count)
    yield requests
    times = HistogramMetricFamily(
        "agentops_request_seconds", "Time to the beginning of the answer, in seconds.", labels=["route"]
    )
    counts = dict(meters.buckets)
    for route, seconds in list(meters.seconds.items()):
        total = 0
        buckets: list[tuple[str, float]] = []
        for at, bound in enumerate([*BUCKETS, float("inf")]):
            total += counts.get((route, at), 0)
            buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
        times.add_metric([route], buckets, seconds)
    yield times
    records = CounterMetricFamily(
        "agentops_records",
        "What was committed, records of programs or points of metrics, by whether it had been there.",
        labels=["kind", "known"],
    )
    for (kind, is_new), count in list(meters.records.items()):
        records.add_metric([kind, str(not is_new).lower()], count)
    yield records
    refused = CounterMetricFamily("agentops_refused_records", "Records that could not be read.", labels=["reason"])
    for reason, count in list(meters.refused.items()):
        refused.add_metric([reason], count)
    yield refused


def _of_work(services: Services) -> Iterator[Metric]:
    load, live = services.load, services.live
    yield GaugeMetricFamily("agentops_load_bytes", "Bytes of requests under way.", load.bytes)
    yield GaugeMetricFamily("agentops_load_limit_bytes", "Bytes that may be under way at once.", load.limit)
    yield CounterMetricFamily("agentops_overload_refusals", "Requests turned away for their size.", load.refused)
    yield GaugeMetricFamily("agentops_live_streams", "Streams of live events that are open.", live.watchers)
    waiting = GaugeMetricFamily("agentops_waiting_requests", "Requests waiting for a thread.", labels=["work"])
    waiting.add_metric(["write"], services.writers._work_queue.qsize())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - executors tell nobody
    waiting.add_metric(["read"], services.readers._work_queue.qsize())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - likewise
    yield waiting


def _of_files(services: Services, health: StoreHealth) -> Iterator[Metric]:
    yield GaugeMetricFamily("agentops_files_bytes", "Size of all files of the server.", _size(services.options.data))
    yield GaugeMetricFamily("agentops_store_bytes", "Size of the default project's store.", health.size)
    yield GaugeMetricFamily("agentops_store_sessions", "Sessions in it.", health.sessions)
    yield GaugeMetricFamily("agentops_store_spans", "Spans in it.", health.spans)
    yield GaugeMetricFamily("agentops_store_unindexed", "What its search index lacks as yet.", health.unindexed)
    drops = CounterMetricFamily("agentops_drops", "Records that programs had to drop, as they told.", labels=["reason"])
    for drop in health.drops:
        drops.add_metric([drop.reason], drop.count)
    yield drops


def _size(folder: Path) -> int:
    total = 0
    for pattern in ("*.db*", "projects/*.db*"):
        for path in folder.glob(pattern):
            with suppress(OSError):
                total += path.stat().st_size
    return total
