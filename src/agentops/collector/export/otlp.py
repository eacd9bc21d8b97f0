"""Sessions as OTLP JSON lines, each an `ExportTraceServiceRequest` or an `ExportLogsServiceRequest`.

https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/ and
https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids are hexadecimal, enumerations numbers, and 64-bit
integers texts. Spans that still run have no end, and are not there.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, TypeVar

from agentops.domain import semconv, wire
from agentops.domain.conventions import attributes_of, events_of, failure_of, log_attributes_of, span_name
from agentops.domain.ids import trace_bytes_of
from agentops.domain.spans import MODEL_KINDS, LogRecord, SessionRecord, SpanRecord
from agentops.errors import UnknownSessionError
from agentops.store.protocol import Store

Json = dict[str, Any]
Item = TypeVar("Item")

_AT_ONCE: Final = 200
"""Spans or lines in one request."""
_INTERNAL: Final = 1
_CLIENT: Final = 3
_ERROR: Final = 2
"""Numbers of https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto."""
_SCOPE: Final = "agentops"
_SPAN_ID: Final = re.compile(r"[0-9a-f]{16}")


def write_otlp(store: Store, session_ids: Iterable[str]) -> Iterator[bytes]:
    """The ended spans of sessions and what was written in them; sessions that are deleted meanwhile end early."""
    for session_id in session_ids:
        with suppress(UnknownSessionError):
            session = store.session(session_id)
            resource = _resource(session)
            ended = (span for span in store.spans(session_id) if span.end is not None)
            for spans in _batches(ended):
                scopes = _by_scope((span.source, _span(span, session)) for span in spans)
                groups = [{"scope": {"name": scope}, "spans": held} for scope, held in scopes.items()]
                yield _line({"resourceSpans": [{"resource": resource, "scopeSpans": groups}]})
            for lines in _batches(store.logs(session_id)):
                scopes = _by_scope((line.logger or _SCOPE, _log(line)) for line in lines)
                groups = [{"scope": {"name": scope}, "logRecords": held} for scope, held in scopes.items()]
                yield _line({"resourceLogs": [{"resource": resource, "scopeLogs": groups}]})


def _line(request: Json) -> bytes:
    return wire.to_legible_json(request) + b"\n"


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _AT_ONCE)):
        yield batch


def _by_scope(items: Iterable[tuple[str, Json]]) -> dict[str, list[Json]]:
    scopes: dict[str, list[Json]] = {}
    for scope, item in items:
        scopes.setdefault(scope, []).append(item)
    return scopes


def _resource(session: SessionRecord) -> Json:
    return {"attributes": _attributes({semconv.SERVICE_NAME: session.name} if session.name else {})}


def _span(record: SpanRecord, session: SessionRecord) -> Json:
    attributes = attributes_of(record)
    if record.parent_id is None:
        attributes = {**_of_session(session), **attributes}
    span: Json = {
        "traceId": trace_bytes_of(record.session_id).hex(),
        "spanId": _span_id(record.span_id),
        "name": span_name(record),
        "kind": _CLIENT if record.kind in MODEL_KINDS else _INTERNAL,
        "startTimeUnixNano": str(record.start),
        "endTimeUnixNano": str(record.end),
        "attributes": _attributes(attributes),
        "status": {},
    }
    if record.parent_id is not None:
        span["parentSpanId"] = _span_id(record.parent_id)
    failure = failure_of(record)
    if failure is not None:
        span["status"] = {"code": _ERROR, "message": failure}
    events = events_of(record)
    if events:
        span["events"] = [
            {"timeUnixNano": str(event.time), "name": event.name, "attributes": _attributes(event.attributes)}
            for event in events
        ]
    if record.links:
        span["links"] = [{"traceId": link.trace_id, "spanId": link.span_id} for link in record.links]
    return span


def _of_session(session: SessionRecord) -> Json:
    """What the root of a trace says of the session."""
    known = {
        semconv.SESSION_TAGS: session.tags,
        semconv.SESSION_END_STATE: session.end_state,
        semconv.USER_ID: session.user,
    }
    return {name: value for name, value in known.items() if value}


def _log(record: LogRecord) -> Json:
    log: Json = {
        "timeUnixNano": str(record.time),
        "observedTimeUnixNano": str(record.time),
        "severityNumber": record.severity or 0,
        "body": {"stringValue": record.body.removesuffix("\n")},
        "attributes": _attributes(log_attributes_of(record)),
        "traceId": trace_bytes_of(record.session_id).hex(),
    }
    if record.severity_text is not None:
        log["severityText"] = record.severity_text
    if record.span_id is not None:
        log["spanId"] = _span_id(record.span_id)
    return log


def _span_id(text: str) -> str:
    """A span's id as OpenTelemetry has them; of one that is no such number, another that is always the same."""
    return text if _SPAN_ID.fullmatch(text) else blake2b(text.encode(errors="replace"), digest_size=8).hexdigest()


def _attributes(values: Mapping[str, Any]) -> list[Json]:
    return [{"key": name, "value": _value(value)} for name, value in values.items()]


def _value(value: Any) -> Json:
    """An `AnyValue` of a scalar or a list of scalars."""
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value if math.isfinite(value) else _NOT_FINITE[str(value)]}
        case str():
            return {"stringValue": value}
        case _:
            return {"arrayValue": {"values": [_value(item) for item in value]}}


_NOT_FINITE: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""As https://protobuf.dev/programming-guides/json/ writes them."""
