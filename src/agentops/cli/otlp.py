"""A session as OTLP JSON, encoded by OpenTelemetry's own encoder."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from opentelemetry.sdk.resources import SERVICE_NAME, Resource

from agentops.cli.commands import Problem
from agentops.delivery.otel_logs import readable_log
from agentops.delivery.otel_spans import readable_span
from agentops.domain.spans import LogRecord, SessionRecord, SpanRecord

_IDS = ("traceId", "spanId", "parentSpanId")


def encode_session(session: SessionRecord, spans: Iterable[SpanRecord], logs: Iterable[LogRecord] = ()) -> bytes:
    """An `ExportTraceServiceRequest` with the ended spans of a session; those that run are not there.

    What was written stands beside the spans, as in an `ExportLogsServiceRequest`; receivers pass over keys that they do
    not know.

    Ids are hexadecimal and enumerations are numbers, as
    https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding has it.

    Raises:
        Problem: if the encoder is not installed.
    """
    try:
        from google.protobuf.json_format import MessageToDict  # noqa: PLC0415 - comes with the extra `otlp`
        from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans  # noqa: PLC0415
    except ImportError as error:
        raise Problem(
            "OTLP needs OpenTelemetry's encoder, which is not installed.",
            hint="Install it: pip install 'agentops[otlp]'",
        ) from error
    resource = Resource.create({SERVICE_NAME: session.name} if session.name else {})
    ended = [readable_span(span, resource) for span in spans if span.end is not None]
    request: dict[str, Any] = MessageToDict(encode_spans(ended), use_integers_for_enums=True)
    written = [readable_log(record, resource) for record in logs]
    if written:
        request |= MessageToDict(encode_logs(written), use_integers_for_enums=True)
    for groups, scopes, holders in (
        ("resourceSpans", "scopeSpans", "spans"),
        ("resourceLogs", "scopeLogs", "logRecords"),
    ):
        for group in request.get(groups, []):
            for scope in group[scopes]:
                for holder in scope[holders]:
                    _write_ids_as_hex(holder)
    return json.dumps(request, ensure_ascii=False, indent=2).encode() + b"\n"


def _write_ids_as_hex(record: dict[str, Any]) -> None:
    for holder in (record, *record.get("links", [])):
        for name in _IDS:
            if name in holder:
                holder[name] = base64.b64decode(holder[name]).hex()
