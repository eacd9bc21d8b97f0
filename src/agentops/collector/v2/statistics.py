"""What a session adds up to, as `GET /v2/sessions/<id>/stats` says it.

The original gives `session_id`, `cost`, `events`, `prompt_tokens`, `completion_tokens` and `errors`; its documentation
promises counts of events, the duration and other metrics as well
(https://docs.agentops.ai/v1/concepts/sessions#session-data-export).
"""

from typing import Any

from msgspec import Struct

from agentops.collector.asked import Asked
from agentops.collector.problems import not_found
from agentops.collector.v2.addressing import canonical
from agentops.domain.analytics import analytics_dict
from agentops.domain.events.times import timestamp_of
from agentops.domain.states import EndState
from agentops.store.protocol import SessionSummary


class EventCounts(Struct, frozen=True):
    """How many events there are of each type that counts."""

    llms: int
    tools: int
    actions: int
    errors: int


class Statistics(Struct, frozen=True, kw_only=True):
    """What a session adds up to.

    Attributes:
        cost: USD as a decimal string; None where there were model calls and the price of none is known.
        events: how many there are of the types that count.
        errors: how many things went wrong.
        duration: seconds from its start to its end, or to the last thing recorded while it runs.
        spans: everything that was recorded, agents and workflows too.
        unpriced: model calls that are not in `cost`, their price being unknown.
        analytics: the counts as `Session.get_analytics` gives them.
    """

    session_id: str
    cost: str | None
    events: int
    event_counts: EventCounts
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    errors: int
    duration: float
    init_timestamp: str
    end_timestamp: str | None
    end_state: str
    end_state_reason: str | None
    is_running: bool
    tags: list[str]
    agents: int
    spans: int
    unpriced: int
    analytics: dict[str, Any]


def read_statistics(asked: Asked[None, None]) -> Statistics:
    """What a session adds up to."""
    return statistics_of(asked.store.find(session_in_path(asked)))


def session_in_path(asked: Asked[Any, Any]) -> str:
    """The session that the path names.

    Raises:
        RequestError: 404, if it names none.
    """
    named = asked.path["session_id"]
    try:
        return canonical(named)
    except ValueError:
        raise not_found(f"there is no session {named[:60]!r}") from None


def statistics_of(session: SessionSummary) -> Statistics:
    """What a session adds up to."""
    counts = EventCounts(session.llm_calls, session.tool_calls, session.actions, session.errors)
    return Statistics(
        session_id=session.session_id,
        cost=_cost(session),
        events=counts.llms + counts.tools + counts.actions + counts.errors,
        event_counts=counts,
        prompt_tokens=session.input_tokens,
        completion_tokens=session.output_tokens,
        total_tokens=session.input_tokens + session.output_tokens,
        errors=session.errors,
        duration=session.duration,
        init_timestamp=timestamp_of(session.start),
        end_timestamp=None if session.end is None else timestamp_of(session.end),
        end_state=session.end_state or EndState.INDETERMINATE.value,
        end_state_reason=session.end_state_reason,
        is_running=session.end is None,
        tags=session.tags,
        agents=len(session.agents),
        spans=session.spans,
        unpriced=session.unpriced,
        analytics=analytics_dict(
            llm_calls=session.llm_calls,
            tool_calls=session.tool_calls,
            actions=session.actions,
            errors=session.errors,
            duration_seconds=session.duration,
            cost=session.cost,
        ),
    )


def _cost(session: SessionSummary) -> str | None:
    if session.cost:
        return f"{session.cost:f}"
    return None if session.unpriced else "0.00"
