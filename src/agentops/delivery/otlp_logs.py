"""Sending what was written on over OTLP, where OpenTelemetry's own variables ask for it.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from agentops.config import otlp_requested
from agentops.delivery.otlp import open_otlp_exporter
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
    is_named = any(environ.get(name, "").strip() for name in ("OTEL_LOGS_EXPORTER", ENDPOINTS[0]))
    is_reachable = any(environ.get(name) for name in ENDPOINTS)
    return (captured or is_named) and is_reachable and otlp_requested(environ, "LOGS")


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
    return open_otlp_exporter("logs", PROTOCOLS)
