"""Sessions as lists show them, and which of them to list."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, field

from agentops.domain.spans import AgentRecord


class SessionSummary(Struct, kw_only=True):
    """A session with its rollup, as lists show it; `cost` is USD, None when no call's price is known."""

    session_id: str
    name: str | None
    state: str
    start: int
    end: int | None
    last: int
    """Unix nanoseconds of the last thing recorded."""
    duration: float = 0.0
    """Seconds from its start to its end, or to the last thing recorded while it runs."""
    end_state: str | None = None
    end_state_reason: str | None = None
    user: str | None = None
    """Whom it served, where the program said so."""
    tags: list[str] = field(default_factory=list[str])
    agents: list[AgentRecord] = field(default_factory=list[AgentRecord])
    spans: int = 0
    llm_calls: int = 0
    tool_calls: int = 0
    actions: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    unpriced: int = 0
    """LLM calls whose cost is unknown."""
    interrupted: bool = False
    """Whether its process died while it was running."""


class SessionFilter(Struct, kw_only=True, frozen=True):
    """Which sessions to list; every given field must hold.

    Attributes:
        tag: one of its tags.
        agent: the name of one of its agents.
        model: a model that answered one of its calls.
        user: whom it served.
        text: what one of its spans, messages or lines says; see `Store.search`.
        since: the earliest start, Unix nanoseconds.
        until: the start before which they began, Unix nanoseconds.
        min_cost: USD; sessions of no known cost do not count as free.
        min_duration: seconds, as in `SessionSummary.duration`.
    """

    state: str | None = None
    end_state: str | None = None
    tag: str | None = None
    name: str | None = None
    agent: str | None = None
    model: str | None = None
    user: str | None = None
    text: str | None = None
    since: int | None = None
    until: int | None = None
    has_errors: bool | None = None
    min_cost: Decimal | None = None
    max_cost: Decimal | None = None
    min_duration: float | None = None
    max_duration: float | None = None


class SessionOrder(StrEnum):
    """What a list of sessions is sorted by; what is not known comes last where the largest comes first."""

    START = "start"
    LAST = "last"
    DURATION = "duration"
    COST = "cost"
    ERRORS = "errors"
    LLM_CALLS = "llm_calls"
    TOOL_CALLS = "tool_calls"
    TOKENS = "tokens"
    NAME = "name"


class Page(Struct, kw_only=True, frozen=True):
    """A part of a list; `next` asks for the one after it, and is None behind the last."""

    items: list[SessionSummary]
    next: str | None = None
