"""Requests of OTLP in both forms, and what is read of them."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from agentops.collector.otlp.decoding import Received, Signal, decode
from agentops.collector.otlp.traces import read_traces
from agentops.domain.spans import Record, SessionRecord, SpanRecord

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
TRACE_ID = bytes(range(1, 17))
SESSION_ID = "01020304-0506-0708-090a-0b0c0d0e0f10"
START = 1_763_650_000_000_000_000
SECOND = 1_000_000_000


def value_of(value: Any) -> AnyValue:
    """A value of Python as one of OTLP."""
    found = AnyValue()
    if isinstance(value, bool):
        found.bool_value = value
    elif isinstance(value, int):
        found.int_value = value
    elif isinstance(value, float):
        found.double_value = value
    elif isinstance(value, str):
        found.string_value = value
    elif isinstance(value, bytes):
        found.bytes_value = value
    elif isinstance(value, Mapping):
        found.kvlist_value.values.extend(pairs_of(value))  # pyright: ignore[reportUnknownArgumentType] - of strings
        found.kvlist_value.SetInParent()
    elif isinstance(value, Sequence):
        found.array_value.values.extend([value_of(each) for each in value])  # pyright: ignore[reportUnknownVariableType] - of values
        found.array_value.SetInParent()
    return found


def pairs_of(attributes: Mapping[str, Any]) -> list[KeyValue]:
    """Attributes as OTLP has them."""
    return [KeyValue(key=name, value=value_of(value)) for name, value in attributes.items()]


def span(  # noqa: PLR0913 - what a span has
    number: int,
    name: str,
    attributes: Mapping[str, Any] | None = None,
    *,
    parent: int | None = 1,
    trace_id: bytes = TRACE_ID,
    start: int = START,
    end: int = START + SECOND,
    error: str | None = None,
    events: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> Span:
    """A span; `number` makes its id, `parent` that of its parent, None for a root."""
    return Span(
        trace_id=trace_id,
        span_id=number.to_bytes(8, "big"),
        parent_span_id=b"" if parent is None else parent.to_bytes(8, "big"),
        name=name,
        start_time_unix_nano=start,
        end_time_unix_nano=end,
        attributes=pairs_of(attributes or {}),
        events=[Span.Event(name=each, time_unix_nano=start, attributes=pairs_of(said)) for each, said in events],
        status=Status() if error is None else Status(code=Status.STATUS_CODE_ERROR, message=error),
    )


def request_of(
    *spans: Span, scope: str = "some.library", resource: Mapping[str, Any] | None = None
) -> ExportTraceServiceRequest:
    """Spans of one scope as a request."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(pairs_of(resource or {}))
    scoped = group.scope_spans.add()
    scoped.scope.name = scope
    scoped.spans.extend(spans)
    return request


def json_of(request: Message, *, names_as_in_protobuf: bool = False, numbered_enums: bool = False) -> bytes:
    """A request in its JSON form, in which ids are hexadecimal."""
    plain = MessageToDict(
        request, preserving_proto_field_name=names_as_in_protobuf, use_integers_for_enums=numbered_enums
    )
    return json.dumps(_with_hexadecimal_ids(plain)).encode()


def _with_hexadecimal_ids(value: Any) -> Any:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {
            name: base64.b64decode(item).hex() if name in _IDS else _with_hexadecimal_ids(item)
            for name, item in fields.items()
        }
    return [_with_hexadecimal_ids(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


_IDS = {"traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"}
SIGNALS = {
    ExportTraceServiceRequest: Signal.TRACES,
    ExportLogsServiceRequest: Signal.LOGS,
    ExportMetricsServiceRequest: Signal.METRICS,
}


def received(request: Message, form: str = PROTOBUF) -> Received:
    """A request as it comes out of its bytes."""
    body = request.SerializeToString() if form == PROTOBUF else json_of(request)
    return decode(SIGNALS[type(request)], body, form)  # pyright: ignore[reportArgumentType] - one of the three


def read(request: ExportTraceServiceRequest) -> list[Record]:
    """The records in a request of which everything can be taken."""
    records, refusals = read_traces(received(request))
    assert refusals.count == 0
    return records


def read_span(*spans: Span, scope: str = "some.library", resource: Mapping[str, Any] | None = None) -> SpanRecord:
    """The record of the first of these spans."""
    return spans_in(read(request_of(*spans, scope=scope, resource=resource)))[0]


def read_session(*spans: Span, resource: Mapping[str, Any] | None = None) -> SessionRecord:
    """The one session of these spans."""
    (found,) = [each for each in read(request_of(*spans, resource=resource)) if isinstance(each, SessionRecord)]
    return found


def spans_in(records: Sequence[Record]) -> list[SpanRecord]:
    """The spans among records."""
    return [each for each in records if isinstance(each, SpanRecord)]
