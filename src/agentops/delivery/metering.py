"""Telling OpenTelemetry how recording fares: a guest with the program's meter provider, alone only where asked for.

The global meter provider is never ours. Where the program has one, or sets one later, our instruments are in it; where
it has none and the environment asks for metrics over OTLP, they are exported by a provider that nobody else sees.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from agentops.config import otlp_requested
from agentops.delivery.progress import ReadCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agentops.delivery.instruments import Instruments
    from agentops.delivery.meter_export import MeterExport
    from agentops.domain.metrics import Metrics
    from agentops.domain.spans import Record

SCOPE: Final = "agentops"
_PROVIDER_VARIABLE: Final = "OTEL_PYTHON_METER_PROVIDER"
"""Names the provider that OpenTelemetry's API loads when it is first asked for one."""

_API: Final = "opentelemetry.metrics"
_SDK: Final = "opentelemetry.sdk.metrics"

_joined: WeakKeyDictionary[Any, Instruments] = WeakKeyDictionary()
"""Our instruments, by the provider they belong to: they cannot be taken out, so the next `init` uses them again."""


def find_provider(environ: Mapping[str, str] = os.environ) -> Any:
    """The program's own meter provider; None where it has none, which is found out without importing anything."""
    api: Any = sys.modules.get(_API)
    if api is None or (environ.get(_PROVIDER_VARIABLE) and _SDK not in sys.modules):  # to ask for it would load it
        return None
    ask = getattr(api, "get_meter_provider", None)
    if ask is None:  # another thread is importing it
        return None
    provider = ask()
    return None if type(provider).__module__.startswith(_API) else provider  # stand-ins of the API itself


class Metering:
    """What is told to OpenTelemetry; `tend` and `watch` are called on the delivering threads.

    Attributes:
        counts: of what was read for delivery.
    """

    def __init__(self, read: Callable[[], Metrics], resource: Mapping[str, str]) -> None:
        """Nothing is told before `tend`.

        Args:
            read: gives the figures.
            resource: attributes of the program, for a provider of our own.
        """
        self.counts = ReadCounts()
        self._read = read
        self._resource = resource
        self._is_wanted = otlp_requested(os.environ, "METRICS")
        self._provider: Any = None
        self._instruments: Instruments | None = None
        self._export: MeterExport | None = None
        self._is_over = False
        self._lock = threading.Lock()
        if self._is_wanted:
            # Exporters use thread pools, whose module cannot be imported any more once the interpreter is ending.
            import_module("concurrent.futures.thread")

    def tend(self) -> None:
        """Look whether the program has a meter provider by now."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            provider = None if self._is_over else find_provider()
            if provider is not None and provider is not self._provider:
                self._join(provider)
            elif provider is None and self._is_wanted and self._instruments is None and not self._is_over:
                self._go_alone()
        finally:
            self._lock.release()

    def _join(self, provider: Any) -> None:
        from agentops.delivery.instruments import Instruments  # noqa: PLC0415 - the program has the API's metrics

        export, self._export = self._export, None
        if export is not None:
            export.abandon()
        if self._instruments is not None:
            self._instruments.read = None
        instruments = _joined.get(provider)
        if instruments is None:
            instruments = _joined[provider] = Instruments(provider.get_meter(SCOPE), None)
        instruments.read = self._read
        self._provider, self._instruments = provider, instruments

    def _go_alone(self) -> None:
        from agentops.delivery.instruments import Instruments  # noqa: PLC0415 - 3 ms that only those who ask pay
        from agentops.delivery.meter_export import MeterExport  # noqa: PLC0415 - the SDK, likewise

        export = MeterExport(self._resource)
        self._instruments = Instruments(export.provider.get_meter(SCOPE), self._read)
        self._export = export
        export.start()

    def watch(self, records: Sequence[Record]) -> None:
        """Count what was recorded, and measure what has ended."""
        self.counts.add(records)
        if self._instruments is not None:
            self._instruments.watch(records)

    def close(self, timeout: float, final: Metrics) -> None:
        """Export what it came to within so many seconds, and tell nothing any more."""
        self._is_over = True
        if self._instruments is not None:
            self._instruments.read = lambda: final
        if self._export is not None:
            self._export.close(timeout)
            self._instruments = None
