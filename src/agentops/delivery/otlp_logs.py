"""Sending what was written on over OTLP, where OpenTelemetry's own variables ask for it.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from agentops.delivery.destination import DeliveryError
from agentops.domain.spans import LogRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.resources import Resource

    from agentops.domain.spans import Record

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def is_asked_for(environ: Mapping[str, str] = os.environ, *, captured: bool = True) -> bool:
    """Whether the environment asks for logs to be sent over OTLP.

    Args:
        environ: the environment.
        captured: whether sessions capture by themselves; an endpoint that is not named for logs asks only then, as
            each destination reads everything that is recorded.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporters = {name.strip().lower() for name in environ.get("OTEL_LOGS_EXPORTER", "").split(",")} - {""}
    if exporters and "otlp" not in exporters:
        return False
    is_named = bool(exporters or environ.get(ENDPOINTS[0]))
    return (captured or is_named) and any(environ.get(name) for name in ENDPOINTS)


def log_of(record: Record, resource: Resource) -> Any:
    """What was written as exporters take it; None for every other record."""
    if not isinstance(record, LogRecord):
        return None
    from agentops.delivery.otel_logs import readable_log  # noqa: PLC0415 - heavy: imported on the delivering thread

    return readable_log(record, resource)


def open_log_exporter() -> Any:
    """OpenTelemetry's own OTLP exporter of logs, set up by its own environment variables.

    Raises:
        DeliveryError: if the package with it is not installed.
    """
    protocol = next((os.environ[name] for name in PROTOCOLS if os.environ.get(name)), "http/protobuf")
    try:
        if protocol == "grpc":
            from opentelemetry.exporter.otlp.proto.grpc._log_exporter import (  # noqa: PLC0415  # pyright: ignore[reportMissingImports] - only installed where asked for
                OTLPLogExporter as Exporter,  # pyright: ignore[reportUnknownVariableType]
            )
        else:
            from opentelemetry.exporter.otlp.proto.http._log_exporter import (  # noqa: PLC0415 - heavy, and only installed where asked for
                OTLPLogExporter as Exporter,
            )
    except ImportError as error:
        package = f"opentelemetry-exporter-otlp-proto-{'grpc' if protocol == 'grpc' else 'http'}"
        raise DeliveryError(f"logs cannot be sent over OTLP: install {package}") from error
    return Exporter()  # pyright: ignore[reportUnknownVariableType] - one of two classes of the same signature
