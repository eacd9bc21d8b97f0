"""Traces of a project, as the dashboard of AgentOps 0.4 lists them."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from agentops.collector.asked import Asked
from agentops.collector.problems import not_found, refusing
from agentops.collector.traces import trace_id_of
from agentops.domain.events.times import moment_of, timestamp_of
from agentops.store.protocol import SessionFilter, SessionOrder, SessionSummary

_PAGE: Final = 100

_ORDERS: Final = {
    "start_time": SessionOrder.START,
    "end_time": SessionOrder.LAST,
    "duration": SessionOrder.DURATION,
    "error_count": SessionOrder.ERRORS,
    "total_cost": SessionOrder.COST,
}


class ListQuery(Struct, frozen=True):
    """Which traces, and in which order; times are ISO 8601."""

    start_time: str | None = None
    end_time: str | None = None
    query: str | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    offset: Annotated[int, Meta(ge=0, le=10_000)] = 0
    order_by: Literal["start_time", "end_time", "duration", "error_count", "total_cost"] = "start_time"
    sort_order: Literal["ASC", "DESC", "asc", "desc"] = "DESC"


class TraceItem(Struct, frozen=True, kw_only=True):
    """A trace in a list; `duration` is in nanoseconds, `total_cost` in USD, None where no price is known."""

    trace_id: str
    root_service_name: str
    root_span_name: str
    start_time: str
    end_time: str
    duration: int
    span_count: int
    error_count: int
    tags: list[str]
    total_cost: float | None
    freeplan_truncated: bool = False


class ListMetrics(Struct, frozen=True, kw_only=True):
    """What the listed traces add up to."""

    span_count: int
    trace_count: int
    success_count: int
    fail_count: int
    indeterminate_count: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    average_cost_per_trace: str
    total_cost: str


class TraceList(Struct, frozen=True):
    """A part of a list; `total` counts what was found up to its end, and one more where there is more."""

    traces: list[TraceItem]
    metrics: ListMetrics
    total: int
    limit: int
    offset: int
    freeplan_truncated: bool = False


def list_traces(asked: Asked[ListQuery, None]) -> TraceList:
    """A part of the list of a project's traces."""
    check_project(asked)
    query = asked.query
    with refusing():
        since, until = moment_in(query.start_time), moment_in(query.end_time)
    where = SessionFilter(text=query.query or None, since=since, until=until)
    found = sessions_of(asked, where, _ORDERS[query.order_by], descending=query.sort_order.upper() == "DESC")
    page = list(islice(found, query.offset, query.offset + query.limit + 1))
    shown = page[: query.limit]
    return TraceList(
        [_item(each) for each in shown], _metrics(shown), query.offset + len(page), query.limit, query.offset
    )


def check_project(asked: Asked[Any, Any]) -> None:
    """Make sure that the path names the project of whoever asks.

    Raises:
        RequestError: 404, if it names another.
    """
    if asked.path["project_id"] != asked.principal.project:
        raise not_found("there is no such project for this key")


def moment_in(said: str | None) -> int | None:
    """Unix nanoseconds of an ISO 8601 text in a query, where a plus sign may have become a blank.

    Raises:
        ValueError: if it is no time.
    """
    return moment_of(said.replace(" ", "+")) if said else None


def sessions_of(
    asked: Asked[Any, Any], where: SessionFilter, order: SessionOrder = SessionOrder.START, *, descending: bool = True
) -> Iterator[SessionSummary]:
    """Sessions in an order, page by page."""
    cursor: str | None = None
    while True:
        page = asked.store.page(where, order=order, descending=descending, cursor=cursor, limit=_PAGE)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def nanoseconds_of(session: SessionSummary) -> int:
    """How long a session lasted."""
    return max(0, (session.last if session.end is None else session.end) - session.start)


def _item(session: SessionSummary) -> TraceItem:
    return TraceItem(
        trace_id=trace_id_of(session.session_id),
        root_service_name=session.name or "",
        root_span_name=session.name or "session",
        start_time=timestamp_of(session.start),
        end_time=timestamp_of(session.last if session.end is None else session.end),
        duration=nanoseconds_of(session),
        span_count=session.spans,
        error_count=session.errors,
        tags=session.tags,
        total_cost=None if session.cost is None else float(session.cost),
    )


def _metrics(sessions: list[SessionSummary]) -> ListMetrics:
    states = [session.state for session in sessions]
    prompt = sum(session.input_tokens for session in sessions)
    completion = sum(session.output_tokens for session in sessions)
    cost = sum((session.cost for session in sessions if session.cost is not None), Decimal(0))
    return ListMetrics(
        span_count=sum(session.spans for session in sessions),
        trace_count=len(sessions),
        success_count=states.count("SUCCEEDED"),
        fail_count=states.count("FAILED"),
        indeterminate_count=len(states) - states.count("SUCCEEDED") - states.count("FAILED"),
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=prompt + completion,
        average_cost_per_trace=f"{cost / len(sessions) if sessions else cost:.7f}",
        total_cost=f"{cost:.7f}",
    )
