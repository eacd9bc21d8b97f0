"""Requests of metrics as points.

https://opentelemetry.io/docs/specs/otel/metrics/data-model/
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, Final, cast

from agentops.collector.otlp.decoding import Received
from agentops.collector.otlp.forms import Form
from agentops.collector.otlp.origins import origin_of, source_of
from agentops.collector.otlp.refusals import Refusals
from agentops.collector.otlp.shapes import Buckets as SentBuckets
from agentops.collector.otlp.shapes import DataPoint, Metric, MetricsRequest, Points
from agentops.collector.otlp.spans import moment
from agentops.collector.weights import check_count
from agentops.domain.metric_points import Buckets, MetricKind, MetricPoint, Temporality

_TEMPORALITIES: Final = {
    1: Temporality.DELTA,
    "AGGREGATION_TEMPORALITY_DELTA": Temporality.DELTA,
    2: Temporality.CUMULATIVE,
    "AGGREGATION_TEMPORALITY_CUMULATIVE": Temporality.CUMULATIVE,
}
_NO_VALUE: Final = 1
"""The flag of a point that says that there was nothing to measure."""


def read_metrics(received: Received) -> tuple[list[MetricPoint], Refusals]:
    """The points in a request of metrics, and what of it cannot be taken."""
    refusals, form = Refusals(), received.form
    request = cast("MetricsRequest", received.message)
    found: list[MetricPoint] = []
    for group in request.resource_metrics or ():
        resource = origin_of(group.resource, form).attributes
        for scoped in group.scope_metrics or ():
            scope = source_of(scoped.scope)
            for metric in scoped.metrics or ():
                for point in _points_of(metric, form, refusals):
                    point.resource, point.scope = resource, scope
                    found.append(point)
                check_count(len(found))
    return found, refusals


def _points_of(metric: Metric, form: Form, refusals: Refusals) -> list[MetricPoint]:
    kind = next((kind for kind in MetricKind if form.get(metric, kind.value) is not None), None)
    if kind is None:
        return []
    points: Points = getattr(metric, kind.value)
    made: list[MetricPoint] = []
    check_count(len(points.data_points or ()))
    for sent in points.data_points or ():
        time = moment(sent.time_unix_nano)
        if not metric.name or not time:
            refusals.add("no name or no time")
            continue
        point = MetricPoint(
            name=metric.name,
            kind=kind,
            time=time,
            unit=metric.unit or "",
            description=metric.description or "",
            start=moment(sent.start_time_unix_nano) or None,
            attributes=form.attributes_of(sent.attributes),
        )
        if not (sent.flags or 0) & _NO_VALUE:
            _FILL[kind](point, sent, form)
        made.append(_settled(point, points))
    return made


def _settled(point: MetricPoint, points: Points) -> MetricPoint:
    if point.kind in _ACCUMULATING:
        point.temporality = _TEMPORALITIES.get(points.aggregation_temporality or 0)
    if point.kind is MetricKind.SUM:
        point.is_monotonic = bool(points.is_monotonic)
    return point


_ACCUMULATING: Final = frozenset({MetricKind.SUM, MetricKind.HISTOGRAM, MetricKind.EXPONENTIAL_HISTOGRAM})


def _fill_number(point: MetricPoint, sent: DataPoint, form: Form) -> None:
    whole = form.get(sent, "as_int")
    point.value = _finite(form.get(sent, "as_double")) if whole is None else whole


def _fill_distribution(point: MetricPoint, sent: DataPoint, form: Form) -> None:
    point.count = sent.count or 0
    point.sum = _finite(form.get(sent, "sum"))
    point.min, point.max = _finite(form.get(sent, "min")), _finite(form.get(sent, "max"))


def _fill_histogram(point: MetricPoint, sent: DataPoint, form: Form) -> None:
    _fill_distribution(point, sent, form)
    point.bounds = [bound for bound in sent.explicit_bounds or () if isfinite(bound)]
    point.buckets = list(sent.bucket_counts or ())


def _fill_exponential(point: MetricPoint, sent: DataPoint, form: Form) -> None:
    _fill_distribution(point, sent, form)
    point.scale, point.zero_count = sent.scale or 0, sent.zero_count or 0
    point.positive, point.negative = _buckets(sent.positive), _buckets(sent.negative)


def _buckets(sent: SentBuckets | None) -> Buckets | None:
    counts: Sequence[int] = (sent.bucket_counts or ()) if sent is not None else ()
    return Buckets((sent.offset if sent else 0) or 0, list(counts)) if counts else None


def _fill_summary(point: MetricPoint, sent: DataPoint, form: Form) -> None:
    del form  # every field of a summary is set
    point.count, point.sum = sent.count or 0, _finite(sent.sum or 0.0)
    pairs = [(each.quantile or 0.0, each.value or 0.0) for each in sent.quantile_values or ()]
    point.quantiles = [pair for pair in pairs if isfinite(pair[0]) and isfinite(pair[1])]


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


_FILL: Final[Mapping[MetricKind, Callable[[MetricPoint, Any, Form], None]]] = {
    MetricKind.GAUGE: _fill_number,
    MetricKind.SUM: _fill_number,
    MetricKind.HISTOGRAM: _fill_histogram,
    MetricKind.EXPONENTIAL_HISTOGRAM: _fill_exponential,
    MetricKind.SUMMARY: _fill_summary,
}
