"""What was written as log records of OpenTelemetry.

https://opentelemetry.io/docs/specs/otel/logs/data-model/ and https://opentelemetry.io/docs/specs/semconv/general/logs/
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import _logs as api
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import TraceFlags

from agentops.domain.conventions import log_attributes_of
from agentops.domain.ids import trace_bytes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.resources import Resource

    from agentops.domain.spans import LogRecord

_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_SCOPE: Final = "agentops"


def readable_log(record: LogRecord, resource: Resource) -> Any:
    """What was written as the exporters of the installed OpenTelemetry take it.

    From version 1.39 on that is a `ReadableLogRecord` around the API's record; before that it is a `LogData`, whose
    parts warn when they are made by their classes.

    Raises:
        ValueError: if its ids are none that OpenTelemetry has.
    """
    scope = InstrumentationScope(record.logger or _SCOPE)
    sdk: Any = import_module("opentelemetry.sdk._logs")
    fields = _fields_of(record)
    if hasattr(sdk, "ReadableLogRecord"):
        made = api.LogRecord(timestamp=record.time)
        _set(made, fields)
        return sdk.ReadableLogRecord(made, resource, scope)
    older: Any = sdk.LogRecord.__new__(sdk.LogRecord)
    _set(older, {**fields, "resource": resource, "attributes": BoundedAttributes(attributes=fields["attributes"])})
    data: Any = sdk.LogData.__new__(sdk.LogData)
    _set(data, {"log_record": older, "instrumentation_scope": scope})
    return data


def _set(target: object, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(target, name, value)


def _fields_of(record: LogRecord) -> dict[str, Any]:
    return {
        "timestamp": record.time,
        "observed_timestamp": record.time,
        "trace_id": int.from_bytes(trace_bytes_of(record.session_id)),
        "span_id": 0 if record.span_id is None else int(record.span_id, 16),
        "trace_flags": _SAMPLED,
        "severity_number": api.SeverityNumber(record.severity or 0),
        "severity_text": record.severity_text,
        "body": record.body.removesuffix("\n"),
        "attributes": log_attributes_of(record),
        "event_name": None,
    }
