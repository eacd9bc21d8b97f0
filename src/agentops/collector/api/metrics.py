"""What programs measured and sent by OTLP."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from agentops.collector.api.naming import PREFIX, Limit, Moment, Word, read_moment
from agentops.collector.asked import Asked
from agentops.collector.routes import Route, Tag
from agentops.domain.metric_points import MetricPoint


class MetricNames(Struct, frozen=True):
    """The metrics that there are points of."""

    items: list[str]


class PointQuery(Struct, kw_only=True, frozen=True):
    """Which points to give."""

    name: Annotated[Word | None, Meta(description="Only points of this metric.")] = None
    since: Annotated[Moment | None, Meta(description="The earliest moment: ISO 8601 or Unix nanoseconds.")] = None
    until: Annotated[Moment | None, Meta(description="The moment before which they were measured.")] = None
    limit: Limit = 1000


class Points(Struct, frozen=True):
    """Points of metrics, the oldest first."""

    items: list[MetricPoint]


def list_metrics(asked: Asked[None, None]) -> MetricNames:
    """The names of metrics."""
    return MetricNames(asked.store.metric_names())


def list_points(asked: Asked[PointQuery, None]) -> Points:
    """Points of metrics."""
    query = asked.query
    return Points(
        asked.store.metric_points(
            query.name,
            since=read_moment(query.since, "since"),
            until=read_moment(query.until, "until"),
            limit=query.limit,
        )
    )


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{PREFIX}/metrics",
        answer=list_metrics,
        summary="The metrics that programs sent by OTLP",
        tag=Tag.AGGREGATES,
        reply=MetricNames,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/metrics/points",
        answer=list_points,
        summary="Points of metrics, the oldest first",
        tag=Tag.AGGREGATES,
        query=PointQuery,
        reply=Points,
    ),
)
