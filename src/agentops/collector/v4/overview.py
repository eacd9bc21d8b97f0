"""What the traces of a project add up to, as the overview of AgentOps 0.4's dashboard shows it."""

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import islice
from typing import Final

from msgspec import Struct

from agentops.collector.asked import Asked
from agentops.collector.problems import refusing
from agentops.collector.v4.listing import check_project, moment_in, nanoseconds_of, sessions_of
from agentops.domain.events.times import timestamp_of
from agentops.domain.states import SessionState
from agentops.store.protocol import SessionFilter, SessionSummary

MOST_TRACES: Final = 10_000
"""How many traces are looked at, the latest first."""


class OverviewQuery(Struct, frozen=True):
    """Of which time, in ISO 8601."""

    start_time: str | None = None
    end_time: str | None = None


class SpanCount(Struct, frozen=True, kw_only=True):
    """How many spans there are; those that failed are the errors of their sessions."""

    total: int
    success: int
    fail: int
    unknown: int = 0
    indeterminate: int = 0


class TokenCount(Struct, frozen=True, kw_only=True):
    """Tokens of all traces, of those that succeeded and of those that failed."""

    all: float
    success: float
    fail: float


class TokenMetrics(Struct, frozen=True, kw_only=True):
    """Tokens and what they cost in USD."""

    total_cost: str
    average_cost_per_session: str
    prompt_tokens: int
    completion_tokens: int
    total_tokens: TokenCount
    avg_tokens: TokenCount


class DurationMetrics(Struct, frozen=True, kw_only=True):
    """How long traces lasted, in nanoseconds."""

    min_duration_ns: int | None
    max_duration_ns: int | None
    avg_duration_ns: int
    total_duration_ns: int
    trace_durations: list[int]


class Overview(Struct, frozen=True, kw_only=True):
    """What the traces of a project add up to.

    Attributes:
        success_datetime: when those began that succeeded; likewise the other two.
        spans_per_trace: how many traces have so many spans.
        trace_cost_dates: USD by day (UTC).
        start_time: when the first of them began; where there is none, as asked.
        end_time: when the last thing of them happened; where there is none, as asked.
        is_truncated: whether there are more traces than are looked at.
    """

    project_id: str
    trace_count: int
    span_count: SpanCount
    token_metrics: TokenMetrics
    duration_metrics: DurationMetrics
    success_datetime: list[str]
    fail_datetime: list[str]
    indeterminate_datetime: list[str]
    spans_per_trace: dict[int, int]
    trace_durations: list[int]
    trace_cost_dates: dict[str, float]
    start_time: str
    end_time: str
    is_truncated: bool
    freeplan_truncated: bool = False


def read_overview(asked: Asked[OverviewQuery, None]) -> Overview:
    """What the latest traces of a time add up to."""
    check_project(asked)
    query = asked.query
    with refusing():
        since, until = moment_in(query.start_time), moment_in(query.end_time)
    found = list(islice(sessions_of(asked, SessionFilter(since=since, until=until)), MOST_TRACES + 1))
    sessions = found[:MOST_TRACES]
    durations = [nanoseconds_of(session) for session in sessions]
    spans, errors = sum(session.spans for session in sessions), sum(session.errors for session in sessions)
    starts = _starts_by_state(sessions)
    return Overview(
        project_id=asked.principal.project,
        trace_count=len(sessions),
        span_count=SpanCount(total=spans, success=max(0, spans - errors), fail=errors),
        token_metrics=_tokens(sessions),
        duration_metrics=_durations(durations),
        success_datetime=starts["SUCCEEDED"],
        fail_datetime=starts["FAILED"],
        indeterminate_datetime=starts["INDETERMINATE"],
        spans_per_trace=dict(Counter(session.spans for session in sessions)),
        trace_durations=durations,
        trace_cost_dates=_costs_by_day(sessions),
        start_time=timestamp_of(min(session.start for session in sessions)) if sessions else query.start_time or "",
        end_time=timestamp_of(max(session.last for session in sessions)) if sessions else query.end_time or "",
        is_truncated=len(found) > len(sessions),
    )


def _starts_by_state(sessions: list[SessionSummary]) -> dict[str, list[str]]:
    starts: dict[str, list[str]] = {"SUCCEEDED": [], "FAILED": [], "INDETERMINATE": []}
    for session in sessions:
        starts.get(session.state, starts[SessionState.INDETERMINATE]).append(timestamp_of(session.start))
    return starts


def _tokens(sessions: list[SessionSummary]) -> TokenMetrics:
    cost = sum((session.cost for session in sessions if session.cost is not None), Decimal(0))
    by_state = defaultdict[str, list[int]](list)
    for session in sessions:
        tokens = session.input_tokens + session.output_tokens
        by_state["all"].append(tokens)
        by_state[session.state].append(tokens)
    groups = {"all": by_state["all"], "success": by_state["SUCCEEDED"], "fail": by_state["FAILED"]}
    return TokenMetrics(
        total_cost=f"{cost:.5f}",
        average_cost_per_session=f"{cost / len(sessions) if sessions else cost:.5f}",
        prompt_tokens=sum(session.input_tokens for session in sessions),
        completion_tokens=sum(session.output_tokens for session in sessions),
        total_tokens=TokenCount(**{name: sum(each) for name, each in groups.items()}),
        avg_tokens=TokenCount(**{name: round(sum(each) / max(1, len(each)), 2) for name, each in groups.items()}),
    )


def _durations(durations: list[int]) -> DurationMetrics:
    return DurationMetrics(
        min_duration_ns=min(durations, default=None),
        max_duration_ns=max(durations, default=None),
        avg_duration_ns=sum(durations) // max(1, len(durations)),
        total_duration_ns=sum(durations),
        trace_durations=durations,
    )


def _costs_by_day(sessions: list[SessionSummary]) -> dict[str, float]:
    days = defaultdict[str, Decimal](Decimal)
    for session in sessions:
        if session.cost is not None:
            days[timestamp_of(session.start)[:10]] += session.cost
    return {day: float(cost) for day, cost in sorted(days.items())}
