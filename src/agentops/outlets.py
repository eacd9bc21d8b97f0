"""Where a program's recordings go: the shipper with the destinations that its configuration asks for."""

from __future__ import annotations

import os
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agentops.config import otlp_requested
from agentops.delivery import otlp_logs
from agentops.delivery.adoption import adopt
from agentops.delivery.catching_up import CatchingUp
from agentops.delivery.console import ConsoleDestination
from agentops.delivery.excerpts import COLLECTOR, ExcerptReader
from agentops.delivery.local import LocalDestination
from agentops.delivery.otlp import ExporterDestination, open_otlp_exporter, probe_endpoint
from agentops.delivery.retention import apply_retention
from agentops.delivery.shipper import Shipper
from agentops.delivery.tended import TendedReader
from agentops.domain import wire
from agentops.domain.journal.frames import record_frame
from agentops.domain.spans import SpanRecord, SpanStatus
from agentops.recording.guard import guarded
from agentops.store import LOCAL_STORE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops.config import Config
    from agentops.delivery.destination import Destination
    from agentops.delivery.tended import Attendants
    from agentops.domain.spans import Record
    from agentops.plugins.manager import Plugins
    from agentops.recording.journal import Journal
    from agentops.recording.reading import JournalReader
    from agentops.store.protocol import Store

LOGS: Final = "otlp-logs"
"""The name of the cursor of what was written."""


class Unkept:
    """The destination of a program that wants nothing kept: counts are made in memory, and the journal stays small."""

    name = "unkept"

    def deliver(self, records: Sequence[Record]) -> None:
        """Nothing is done with them."""

    def close(self, timeout: float) -> None:
        """Nothing to let go of."""


class Listeners:
    """Tells plugins what ended spans mean."""

    name = "plugins"

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins

    def deliver(self, records: Sequence[Record]) -> None:
        """Tell of each span that has ended."""
        from agentops.domain.events import event_of  # noqa: PLC0415 - 5 ms that only programs with listeners pay

        for record in records:
            if isinstance(record, SpanRecord) and record.status is not SpanStatus.RUNNING:
                event = event_of(record)
                if event is not None:
                    self._plugins.tell(event)

    def close(self, timeout: float) -> None:
        """Nothing to let go of."""


def open_shipper(
    latest: Callable[[], Config],
    journal: Journal,
    plugins: Plugins,
    exporters: Sequence[Exporter],
    attendants: Attendants,
) -> Shipper:
    """The shipper of a journal; `latest` gives the configuration, of which the program may change keys later."""
    config = latest()
    destinations: list[Destination] = []
    adopting = threading.Lock()
    if config.local_store:
        destinations.append(
            LocalDestination(
                lambda: open_store(config, adopting),
                journal.name,
                lambda store, until: adopt_others(config, store, adopting, until),
            )
        )
    if config.console:
        destinations.append(ConsoleDestination())
    if plugins.listens():
        destinations.append(Listeners(plugins))
    if config.endpoint is not None:
        from agentops.delivery.collector import Keys, open_collector  # noqa: PLC0415 - 10 ms that only programs with one pay

        collector = open_collector(
            config.endpoint,
            config.api_key,
            config.directory,
            keys=lambda: Keys(latest().api_key, latest().parent_key),
            on_drop=lambda drop: journal.append(record_frame(wire.encode(drop))),
        )
        destinations.append(CatchingUp(collector, config.directory, adopting, tells_ends=True))
    destinations += [
        outlet_to(exporter, number, config, journal, adopting) for number, exporter in enumerate(exporters)
    ]
    destinations = destinations or [Unkept()]
    first = destinations[0].name

    def open_reader(cursor: str) -> JournalReader:
        kind = ExcerptReader if cursor == COLLECTOR else TendedReader
        return kind(journal.directory, cursor, attendants, is_first=cursor == first)

    return Shipper(
        open_reader,
        destinations,
        interval=config.export_flush_interval / 1000,
    )


def outlet_to(
    exporter: Exporter, number: int, config: Config, journal: Journal, adopting: threading.Lock
) -> Destination:
    """The destination of an exporter, the one of this number."""
    outlet = ExporterDestination(
        exporter.open,
        name=exporter.name or f"exporter-{number}",
        resource={"service.name": config.trace_name or "agentops"},
        probe=exporter.probe,
        convert=exporter.convert,
        on_drop=lambda drop: journal.append(record_frame(wire.encode(drop))),
    )
    return CatchingUp(outlet, config.directory, adopting)


def extend(shipper: Shipper, plugins: Plugins, exporters: Sequence[Exporter], config: Config, journal: Journal) -> None:
    """Deliver also to the exporters of a plugin that came late, and to the plugin itself if it listens."""
    if plugins.listens() and Listeners.name not in shipper.names:
        shipper.add(Listeners(plugins))
    for exporter in exporters:
        shipper.add(outlet_to(exporter, len(shipper.names), config, journal, threading.Lock()))


def open_store(config: Config, adopting: threading.Lock) -> Store:
    """The local store, with what dead processes left taken in, and what is too old let go.

    Args:
        config: where it is, and what is too old.
        adopting: held while journals are taken in.

    Raises:
        StoreError: if it cannot be opened.
    """
    from agentops.store.sqlite import SqliteStore  # noqa: PLC0415 - sqlite3 is imported on the delivering thread

    store = SqliteStore(config.directory / LOCAL_STORE)
    with guarded("taking in what dead processes left"), adopting:
        adopt(config.directory, store)
    with guarded("letting go of old sessions"):
        apply_retention(store, config.directory, config.retention_days)
    return store


def adopt_others(config: Config, store: Store, adopting: threading.Lock, until: float) -> None:
    """Take in what child processes left, on the way out, until the monotonic clock reaches this."""
    if adopting.acquire(timeout=max(0.0, until - time.monotonic())):
        try:
            with guarded("taking in what child processes left"):
                adopt(config.directory, store, until=until)
        finally:
            adopting.release()


class Exporter(NamedTuple):
    """An OpenTelemetry exporter to come.

    Attributes:
        open: gives it, on the delivering thread.
        probe: raises DeliveryError where nobody would answer it.
        convert: gives what it takes for a record; ended spans if None.
        name: names its cursor in the journal; its number among the exporters if None.
    """

    open: Callable[[], Any]
    probe: Callable[[], None] | None = None
    convert: Callable[[Record, Any], Any] | None = None
    name: str | None = None


def exporters(config: Config, plugins: Plugins, exporter: Any, span_processor: Any) -> list[Exporter]:
    """The OpenTelemetry exporters that get every ended span, and the one that gets what was written."""
    found = offered(config, plugins)
    if exporter is not None:
        found.append(Exporter(lambda: exporter))
    if span_processor is not None:
        found.append(Exporter(lambda: ProcessorExporter(span_processor)))
    if otlp_requested(os.environ):
        found.append(Exporter(open_otlp_exporter, probe_endpoint))
    if otlp_logs.is_asked_for(captured=config.capture_logs):
        found.append(
            Exporter(
                otlp_logs.open_log_exporter,
                lambda: probe_endpoint(names=otlp_logs.ENDPOINTS),
                otlp_logs.log_of,
                LOGS,
            )
        )
    if found:
        # Exporters use thread pools, whose module cannot be imported any more once the interpreter is ending.
        import_module("concurrent.futures.thread")
    if any(exporter.name == LOGS for exporter in found):
        import_module("opentelemetry.sdk._logs")  # uses a thread pool while it is imported, likewise
    return found


def offered(config: Config, plugins: Plugins, plugin: str | None = None) -> list[Exporter]:
    """The exporters that plugins offer, or one of them."""
    return [Exporter(lambda each=each: each) for each in plugins.exporters(config, plugin)]


class ProcessorExporter:
    """Hands ended spans to an OpenTelemetry span processor."""

    def __init__(self, processor: Any) -> None:
        self._processor = processor

    def export(self, spans: Sequence[Any]) -> Any:
        """Tell the processor that each has ended."""
        from opentelemetry.sdk.trace.export import SpanExportResult  # noqa: PLC0415 - the processor has imported it

        for span in spans:
            self._processor.on_end(span)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Shut the processor down."""
        self._processor.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flush the processor."""
        return bool(self._processor.force_flush(timeout_millis))
