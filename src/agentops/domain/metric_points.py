"""What programs measured, as OpenTelemetry tells it: one value, or one distribution, of one metric at one moment.

https://opentelemetry.io/docs/specs/otel/metrics/data-model/
"""

import hashlib
from enum import StrEnum
from typing import Any

from msgspec import Struct

from agentops.domain import wire


class MetricKind(StrEnum):
    """How a metric is told."""

    GAUGE = "gauge"
    SUM = "sum"
    HISTOGRAM = "histogram"
    EXPONENTIAL_HISTOGRAM = "exponential_histogram"
    SUMMARY = "summary"


class Temporality(StrEnum):
    """What a sum or a count is since: since the last point, or since the start."""

    DELTA = "delta"
    CUMULATIVE = "cumulative"


class Buckets(Struct, omit_defaults=True, frozen=True):
    """Counts of an exponential histogram: bucket i holds what is above base^(offset+i), base being 2^(2^-scale)."""

    offset: int = 0
    counts: list[int] = []


class MetricPoint(Struct, kw_only=True, omit_defaults=True):
    """One point.

    Attributes:
        time: Unix nanoseconds.
        start: since when a sum or a distribution counts, Unix nanoseconds.
        value: of a gauge or a sum.
        is_monotonic: whether a sum only grows.
        bounds: of a histogram: bucket i holds values up to the i-th bound, the last one those above all.
        buckets: the counts between the bounds.
        quantiles: of a summary: pairs of quantile and value.
        attributes: of the point; `resource` says who measured, `scope` which instrumentation.
    """

    name: str
    kind: MetricKind
    time: int
    unit: str = ""
    description: str = ""
    start: int | None = None
    temporality: Temporality | None = None
    is_monotonic: bool | None = None
    value: int | float | None = None
    count: int | None = None
    sum: float | None = None
    min: float | None = None
    max: float | None = None
    bounds: list[float] = []
    buckets: list[int] = []
    scale: int | None = None
    zero_count: int | None = None
    positive: Buckets | None = None
    negative: Buckets | None = None
    quantiles: list[tuple[float, float]] = []
    attributes: dict[str, Any] = {}
    resource: dict[str, Any] = {}
    scope: str = ""

    @property
    def identity(self) -> bytes:
        """The same for a point that is sent again: of what was measured, where, and when."""
        told = (self.name, self.kind, self.unit, self.scope, self.start, self.time)
        labels = (sorted(self.attributes.items()), sorted(self.resource.items()))
        return hashlib.blake2b(wire.to_legible_json((told, labels)), digest_size=16).digest()
