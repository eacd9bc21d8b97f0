"""The requests of OTLP, as far as we read them: into these their JSON is decoded, and messages of protobuf look alike.

The fields of protobuf messages have the same names; what differs (ids are bytes there, values a `oneof`) is told by
`agentops.collector.otlp.forms`. JSON says nothing, or null, for what is not set.
https://github.com/open-telemetry/opentelemetry-proto (opentelemetry/proto), https://opentelemetry.io/docs/specs/otlp/
"""

from collections.abc import Sequence

from msgspec import Struct

Enum = int | str | None
"""By number, or by the name that protobuf's schema has for it."""


class AnyValue(Struct, rename="camel", gc=False):
    """A value: one of these."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | None = None
    double_value: float | None = None
    array_value: "ArrayValue | None" = None
    kvlist_value: "KeyValueList | None" = None
    bytes_value: bytes | None = None


class ArrayValue(Struct):
    """A list."""

    values: Sequence[AnyValue | None] | None = None


class KeyValue(Struct, gc=False):
    """A value with its name."""

    key: str | None = None
    value: AnyValue | None = None


class KeyValueList(Struct):
    """A dict."""

    values: Sequence[KeyValue] | None = None


Attributes = Sequence[KeyValue] | None


class Resource(Struct):
    """Who sends."""

    attributes: Attributes = None


class Scope(Struct):
    """Which instrumentation saw it."""

    name: str | None = None
    version: str | None = None


class Status(Struct):
    """How a span ended."""

    message: str | None = None
    code: Enum = None


class SpanEvent(Struct, rename="camel"):
    """Something that happened at one moment of a span."""

    time_unix_nano: int | None = None
    name: str | None = None
    attributes: Attributes = None


class SpanLink(Struct, rename="camel"):
    """Another span."""

    trace_id: str | None = None
    span_id: str | None = None


class Span(Struct, rename="camel"):
    """A span that has ended."""

    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    name: str | None = None
    start_time_unix_nano: int | None = None
    end_time_unix_nano: int | None = None
    attributes: Attributes = None
    events: Sequence[SpanEvent] | None = None
    links: Sequence[SpanLink] | None = None
    status: Status | None = None


class ScopeSpans(Struct):
    """The spans of one scope."""

    scope: Scope | None = None
    spans: Sequence[Span] | None = None


class ResourceSpans(Struct, rename="camel"):
    """The spans of one resource."""

    resource: Resource | None = None
    scope_spans: Sequence[ScopeSpans] | None = None


class TraceRequest(Struct, rename="camel"):
    """ExportTraceServiceRequest."""

    resource_spans: Sequence[ResourceSpans] | None = None


class LogRecord(Struct, rename="camel"):
    """One line or event."""

    time_unix_nano: int | None = None
    observed_time_unix_nano: int | None = None
    severity_number: Enum = None
    severity_text: str | None = None
    body: AnyValue | None = None
    attributes: Attributes = None
    trace_id: str | None = None
    span_id: str | None = None
    event_name: str | None = None


class ScopeLogs(Struct, rename="camel"):
    """The lines of one scope."""

    scope: Scope | None = None
    log_records: Sequence[LogRecord] | None = None


class ResourceLogs(Struct, rename="camel"):
    """The lines of one resource."""

    resource: Resource | None = None
    scope_logs: Sequence[ScopeLogs] | None = None


class LogsRequest(Struct, rename="camel"):
    """ExportLogsServiceRequest."""

    resource_logs: Sequence[ResourceLogs] | None = None


class Buckets(Struct, rename="camel"):
    """The counts of one side of an exponential histogram."""

    offset: int | None = None
    bucket_counts: Sequence[int] | None = None


class Quantile(Struct):
    """One quantile of a summary."""

    quantile: float | None = None
    value: float | None = None


class DataPoint(Struct, rename="camel"):
    """One point of any kind of metric: each kind has some of the fields."""

    attributes: Attributes = None
    start_time_unix_nano: int | None = None
    time_unix_nano: int | None = None
    as_double: float | None = None
    as_int: int | None = None
    count: int | None = None
    sum: float | None = None
    min: float | None = None
    max: float | None = None
    bucket_counts: Sequence[int] | None = None
    explicit_bounds: Sequence[float] | None = None
    scale: int | None = None
    zero_count: int | None = None
    positive: Buckets | None = None
    negative: Buckets | None = None
    quantile_values: Sequence[Quantile] | None = None
    flags: int | None = None


class Points(Struct, rename="camel"):
    """The points of a metric of one kind."""

    data_points: Sequence[DataPoint] | None = None
    aggregation_temporality: Enum = None
    is_monotonic: bool | None = None


class Metric(Struct, rename="camel"):
    """A metric: one of the five kinds."""

    name: str | None = None
    description: str | None = None
    unit: str | None = None
    gauge: Points | None = None
    sum: Points | None = None
    histogram: Points | None = None
    exponential_histogram: Points | None = None
    summary: Points | None = None


class ScopeMetrics(Struct):
    """The metrics of one scope."""

    scope: Scope | None = None
    metrics: Sequence[Metric] | None = None


class ResourceMetrics(Struct, rename="camel"):
    """The metrics of one resource."""

    resource: Resource | None = None
    scope_metrics: Sequence[ScopeMetrics] | None = None


class MetricsRequest(Struct, rename="camel"):
    """ExportMetricsServiceRequest."""

    resource_metrics: Sequence[ResourceMetrics] | None = None
