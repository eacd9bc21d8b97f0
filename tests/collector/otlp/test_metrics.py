"""Metrics over OTLP become points."""

import pytest
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from otlp_samples import JSON, PROTOBUF, START, pairs_of, received

from agentops.collector.otlp.metrics import read_metrics
from agentops.domain.metric_points import Buckets, MetricKind, MetricPoint, Temporality


def every_kind() -> ExportMetricsServiceRequest:
    """A request with a point of each kind."""
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend(pairs_of({"service.name": "crew"}))
    scoped = group.scope_metrics.add()
    scoped.scope.name = "meter"
    at = {"time_unix_nano": START, "attributes": pairs_of({"model": "m"})}
    scoped.metrics.add(name="g", unit="1", description="d").gauge.data_points.add(as_double=0.5, **at)
    total = scoped.metrics.add(name="s").sum
    total.is_monotonic, total.aggregation_temporality = True, AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    total.data_points.add(as_int=0, start_time_unix_nano=START - 5, **at)
    spread = scoped.metrics.add(name="h").histogram
    spread.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    spread.data_points.add(count=3, sum=6.0, min=1.0, max=3.0, explicit_bounds=[2.0], bucket_counts=[2, 1], **at)
    fine = scoped.metrics.add(name="e").exponential_histogram.data_points.add(count=4, scale=-1, zero_count=1, **at)
    fine.positive.offset = -2
    fine.positive.bucket_counts.extend([1, 2])
    summary = scoped.metrics.add(name="q").summary.data_points.add(count=2, sum=3.0, **at)
    summary.quantile_values.add(quantile=0.5, value=1.5)
    scoped.metrics.add(name="gone").gauge.data_points.add(flags=1, **at)
    return request


def point(name: str, kind: MetricKind, **fields: object) -> MetricPoint:
    """A point of that request."""
    return MetricPoint(
        name=name,
        kind=kind,
        time=START,
        attributes={"model": "m"},
        resource={"service.name": "crew"},
        scope="meter",
        **fields,  # pyright: ignore[reportArgumentType] - fields of a point
    )


@pytest.mark.parametrize("form", [PROTOBUF, JSON])
def test_points_of_every_kind_are_read(form: str) -> None:
    """What a point does not say is absent: an exponential histogram without a sum, a gauge with nothing to measure."""
    points, refusals = read_metrics(received(every_kind(), form))
    assert refusals.count == 0
    assert points == [
        point("g", MetricKind.GAUGE, unit="1", description="d", value=0.5),
        point("s", MetricKind.SUM, start=START - 5, temporality=Temporality.DELTA, is_monotonic=True, value=0),
        point(
            "h",
            MetricKind.HISTOGRAM,
            temporality=Temporality.CUMULATIVE,
            count=3,
            sum=6.0,
            min=1.0,
            max=3.0,
            bounds=[2.0],
            buckets=[2, 1],
        ),
        point("e", MetricKind.EXPONENTIAL_HISTOGRAM, count=4, scale=-1, zero_count=1, positive=Buckets(-2, [1, 2])),
        point("q", MetricKind.SUMMARY, count=2, sum=3.0, quantiles=[(0.5, 1.5)]),
        point("gone", MetricKind.GAUGE),
    ]


def test_a_point_without_a_name_or_time_is_refused() -> None:
    """It is counted, and the rest is taken."""
    request = every_kind()
    metrics = request.resource_metrics[0].scope_metrics[0].metrics
    metrics[0].name = ""
    metrics[1].sum.data_points[0].time_unix_nano = 0
    points, refusals = read_metrics(received(request))
    assert [each.name for each in points] == ["h", "e", "q", "gone"]
    assert refusals.message == "2 with no name or no time"


@pytest.mark.parametrize("form", [PROTOBUF, JSON])
def test_what_the_sdk_measured_is_read(form: str) -> None:
    """By the encoder of OpenTelemetry's own exporter."""
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader], Resource({"service.name": "crew"})).get_meter("app")
    meter.create_counter("calls", unit="{call}").add(2, {"model": "m"})
    meter.create_histogram("wait", unit="s").record(0.25)
    data = reader.get_metrics_data()
    assert data is not None
    calls, wait = read_metrics(received(encode_metrics(data), form))[0]
    assert (calls.name, calls.unit, calls.value, calls.attributes) == ("calls", "{call}", 2, {"model": "m"})
    assert (calls.temporality, calls.is_monotonic, calls.scope) == (Temporality.CUMULATIVE, True, "app")
    assert (wait.kind, wait.count, wait.sum, sum(wait.buckets)) == (MetricKind.HISTOGRAM, 1, 0.25, 1)
    assert len(wait.buckets) == len(wait.bounds) + 1
