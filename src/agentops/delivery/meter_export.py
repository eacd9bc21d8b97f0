"""Metrics over OTLP by a provider of our own, on a thread of its own, with OpenTelemetry's own exporter."""

from __future__ import annotations

import contextvars
import os
import threading
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel_context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from agentops.delivery.bell import Bell
from agentops.delivery.destination import DeliveryError
from agentops.delivery.otlp import SUPPRESS_KEY, open_otlp_exporter, probe_endpoint, resource_of
from agentops.recording.context import suppressed
from agentops.recording.guard import guarded, logger

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
INTERVAL: Final = "OTEL_METRIC_EXPORT_INTERVAL"
"""Milliseconds: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/"""
USUAL_INTERVAL: Final = 60_000


class MeterExport:
    """Collects and exports now and then, and once more at the end.

    Attributes:
        provider: whose instruments are exported.
    """

    def __init__(self, resource: Mapping[str, str], exporter: Any = None) -> None:
        """Nothing is exported before `start`.

        Args:
            resource: attributes of the program.
            exporter: OpenTelemetry's own OTLP exporter if None, set up by its own environment variables.
        """
        self._exporter = exporter if exporter is not None else open_otlp_exporter("metrics", PROTOCOLS)
        self._reader = InMemoryMetricReader(
            preferred_temporality=getattr(self._exporter, "_preferred_temporality", None),
            preferred_aggregation=getattr(self._exporter, "_preferred_aggregation", None),
        )
        self.provider = MeterProvider([self._reader], resource_of(resource), shutdown_on_exit=False)
        self._interval = _interval(os.environ)
        self._bell = Bell()
        self._finished = Bell()
        self._is_over = False
        self._is_abandoned = False
        self._is_told = False

    def start(self) -> None:
        """Begin to export."""
        run = threading.Thread(
            target=contextvars.Context().run, args=(self._run,), name="agentops-metrics", daemon=True
        )
        try:
            run.start()
        except RuntimeError:  # none left, or the interpreter is ending
            self._finished.ring()

    def close(self, timeout: float) -> None:
        """Export once more and end, within so many seconds."""
        self._is_over = True
        self._bell.ring()
        self._finished.wait(timeout)

    def abandon(self) -> None:
        """End without exporting: somebody else does."""
        self._is_abandoned = self._is_over = True
        self._bell.ring()

    def _run(self) -> None:
        with suppressed():
            otel_context.attach(otel_context.set_value(SUPPRESS_KEY, True))  # noqa: FBT003 - the API's signature
            while not self._is_over:
                self._bell.wait(self._interval)
                if not self._is_abandoned:
                    with guarded("exporting metrics"):
                        self._export()
            with guarded("closing the exporter of metrics"):
                self.provider.shutdown()
                self._exporter.shutdown()
        self._finished.ring()

    def _export(self) -> None:
        try:
            probe_endpoint(names=ENDPOINTS)
        except DeliveryError as error:
            if not self._is_told:
                logger.debug("metrics are not exported: %s", error)
            self._is_told = True
            return
        data = self._reader.get_metrics_data()
        if data is not None:
            self._exporter.export(data)


def _interval(environ: Mapping[str, str]) -> float:
    """Seconds between two exports."""
    try:
        return max(1, int(environ.get(INTERVAL) or USUAL_INTERVAL)) / 1000
    except ValueError:
        return USUAL_INTERVAL / 1000
