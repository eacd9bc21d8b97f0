"""Sending what is recorded on through any exporter of OpenTelemetry, its own OTLP exporters first of all."""

from __future__ import annotations

import os
import socket
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace
from opentelemetry import context as otel_context

from agentops.delivery.destination import DeliveryError
from agentops.domain.semconv import SESSION_TAGS
from agentops.domain.spans import DropRecord, SessionRecord, SpanKind, SpanRecord
from agentops.recording.guard import FAILURES, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

    from agentops.domain.spans import Record

OTLP: Final = "otlp"

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
"""https://opentelemetry.io/docs/specs/otel/protocol/exporter/."""

_EXPORTERS: Final = {
    "spans": ("trace_exporter", "OTLPSpanExporter"),
    "logs": ("_log_exporter", "OTLPLogExporter"),
    "metrics": ("metric_exporter", "OTLPMetricExporter"),
}
"""The module and the class of each exporter, in either of OpenTelemetry's packages."""

ATTEMPTS: Final = 20
"""How often spans are offered to an exporter that refuses them before they are given up, about fifteen minutes."""

_SESSIONS: Final = 1000
"""Of how many sessions the tags are remembered until their spans end: those that were told of last."""

_SUCCESS: Final = 0
"""`opentelemetry.sdk.trace.export.SpanExportResult.SUCCESS`."""

_GRPC_PORT: Final = 4317
"""https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-default-port"""
_USUAL_ENDPOINT: Final = "http://localhost:4318"
"""https://opentelemetry.io/docs/specs/otel/protocol/exporter/"""
_PROBE_SECONDS: Final = 1.0

SUPPRESS_KEY: Final = "suppress_instrumentation"
"""The context key by which other instrumentations are told to look away."""


class ExporterDestination:
    """Hands ended spans, or records of another kind, to an exporter of OpenTelemetry.

    An exporter does not say why it failed, so that what it will never take looks like a collector that is down. It is
    offered again and again, and after `ATTEMPTS` it is given up: counted, and told to `on_drop`.
    """

    def __init__(  # noqa: PLR0913 - all but the first are named
        self,
        open_exporter: Callable[[], Any],
        *,
        name: str = OTLP,
        resource: Mapping[str, str] | None = None,
        on_drop: Callable[[DropRecord], None] | None = None,
        attempts: int = ATTEMPTS,
        probe: Callable[[], None] | None = None,
        convert: Callable[[Record, Resource], Any] | None = None,
    ) -> None:
        """`open_exporter` is called when there is something to export, on the delivering thread.

        Args:
            open_exporter: gives the exporter.
            name: names the cursor in the journal.
            resource: attributes of the program beside those that `OTEL_RESOURCE_ATTRIBUTES` and
                `OTEL_SERVICE_NAME` give.
            on_drop: told of what was given up.
            attempts: how often a batch is offered.
            probe: asked before each batch; raises DeliveryError where an attempt would only wait in vain.
            convert: gives what the exporter takes for a record, None for those that it is not to get; ended spans if
                None.
        """
        self.name = name
        self.dropped = 0
        self._open_exporter = open_exporter
        self._resource_attributes = dict(resource or {})
        self._on_drop = on_drop
        self._attempts = attempts
        self._probe = probe
        self._failed = 0
        self._convert = convert or EndedSpans()
        self._exporter: Any = None
        self._resource: Resource | None = None

    def deliver(self, records: Sequence[Record]) -> None:
        """Export those among the records that the exporter is to get.

        Raises:
            DeliveryError: if the exporter failed, and may yet succeed.
        """
        converted = self._convert_all(records)
        if not converted:
            return
        if self._probe is not None:
            self._probe()
        problem = self._export(converted)
        if problem is None:
            self._failed = 0
            return
        self._failed += 1
        if self._failed < self._attempts:
            raise DeliveryError(f"{self.name}: {problem}")
        self._failed = 0
        self._drop(f"{self.name} refused them: {problem}", len(converted))

    def _convert_all(self, records: Sequence[Record]) -> list[Any]:
        if self._resource is None:
            self._resource = resource_of(self._resource_attributes)
        converted: list[Any] = []
        for record in records:
            try:
                converted.append(self._convert(record, self._resource))
            except ValueError:
                self._drop("no OpenTelemetry ids", 1)
        return [each for each in converted if each is not None]

    def _export(self, batch: Sequence[Any]) -> str | None:
        """What went wrong, if anything did."""
        token = otel_context.attach(otel_context.set_value(SUPPRESS_KEY, True))  # noqa: FBT003 - the API's signature
        try:
            if self._exporter is None:
                self._exporter = self._open_exporter()
            result = self._exporter.export(batch)
        except FAILURES as error:
            return text_of(error) or type(error).__name__
        finally:
            otel_context.detach(token)
        return None if result.value == _SUCCESS else "the exporter failed"

    def _drop(self, reason: str, count: int) -> None:
        self.dropped += count
        if self._on_drop is not None:
            self._on_drop(DropRecord(reason=reason, count=count))

    def close(self, timeout: float) -> None:
        """Shut the exporter down."""
        exporter, self._exporter = self._exporter, None
        if exporter is not None and timeout > 0:
            exporter.shutdown()


class EndedSpans:
    """Gives ended spans as exporters take them; the span of a session tells of its tags as well."""

    def __init__(self) -> None:
        self._tags: dict[str, list[str]] = {}

    def __call__(self, record: Record, resource: Resource) -> ReadableSpan | None:
        """An ended span; None for every other record."""
        if isinstance(record, SessionRecord) and record.tags:
            self._note(record.session_id, record.tags)
        if not isinstance(record, SpanRecord) or record.end is None:
            return None
        from agentops.delivery.otel_spans import readable_span  # noqa: PLC0415 - heavy: imported on the delivering thread

        tags = self._tags.get(record.session_id) if record.kind is SpanKind.SESSION else None
        if tags:
            record = replace(record, attributes=record.attributes | {SESSION_TAGS: tags})
        return readable_span(record, resource)

    def _note(self, session_id: str, tags: list[str]) -> None:
        self._tags.pop(session_id, None)
        self._tags[session_id] = tags
        if len(self._tags) > _SESSIONS:
            del self._tags[next(iter(self._tags))]


def resource_of(attributes: Mapping[str, str]) -> Resource:
    """The program as OpenTelemetry describes it, with what `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` say."""
    from opentelemetry.sdk.resources import (  # noqa: PLC0415 - heavy: imported on the delivering thread
        TELEMETRY_SDK_LANGUAGE,
        TELEMETRY_SDK_NAME,
        OTELResourceDetector,
        Resource,
    )

    # `Resource.create` asks its detectors in threads, which an ending interpreter cannot start
    program = Resource({TELEMETRY_SDK_NAME: "agentops", TELEMETRY_SDK_LANGUAGE: "python"})
    return program.merge(Resource(dict(attributes))).merge(OTELResourceDetector().detect())


def probe_endpoint(environ: Mapping[str, str] = os.environ, names: Sequence[str] = ENDPOINTS) -> None:
    """Find out at once whether nobody listens where something is to go: the exporter would try for ten seconds.

    Args:
        environ: where the address stands.
        names: the variables that may say so, the first that does counts.

    Raises:
        DeliveryError: if the connection is refused. Whatever else may be wrong is left for the exporter to find.
    """
    address = urlsplit(next((environ[name] for name in names if environ.get(name)), _USUAL_ENDPOINT))
    if not address.hostname or any(name.lower().endswith("_proxy") and environ[name] for name in environ):
        return
    port = address.port or {"https": 443, "http": 80}.get(address.scheme, _GRPC_PORT)
    try:
        socket.create_connection((address.hostname, port), timeout=_PROBE_SECONDS).close()
    except ConnectionRefusedError as error:
        raise DeliveryError(f"nobody listens at {address.hostname}:{port}") from error
    except OSError:
        return


def open_otlp_exporter(what: str = "spans", protocols: Sequence[str] = PROTOCOLS) -> Any:
    """OpenTelemetry's own OTLP exporter, set up by its own environment variables.

    Args:
        what: what it is to export: `spans`, `logs` or `metrics`.
        protocols: the variables that may name the protocol, the first that does counts.

    Raises:
        DeliveryError: if the package with it is not installed.
    """
    protocol = next((os.environ[name] for name in protocols if os.environ.get(name)), "http/protobuf")
    transport = "grpc" if protocol == "grpc" else "http"
    module, name = _EXPORTERS[what]
    try:
        found = import_module(f"opentelemetry.exporter.otlp.proto.{transport}.{module}")
    except ImportError as error:
        package = f"opentelemetry-exporter-otlp-proto-{transport}"
        raise DeliveryError(f"{what} cannot be sent over OTLP: install {package}") from error
    return getattr(found, name)()
