"""What many spans add up to."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class Totals(Struct, kw_only=True, frozen=True):
    """What the ended spans of one day, kind, name and model add up to; `day` counts from 1970-01-01 UTC, by start.

    Durations are in seconds, from a histogram, so up to five percent off; `cost` is USD, None when none is known.
    """

    day: int
    kind: str
    name: str
    model: str | None
    calls: int
    errors: int
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    median: float
    p95: float


class Dimension(StrEnum):
    """What spans can be told apart by when they are added up.

    `TOOL` is the name of a tool, and takes in tool calls only. `TAG` and `USER` are those of the session; a session of
    several tags counts under each.
    """

    DAY = "day"
    KIND = "kind"
    NAME = "name"
    MODEL = "model"
    AGENT = "agent"
    TOOL = "tool"
    TAG = "tag"
    USER = "user"


class AggregateFilter(Struct, kw_only=True, frozen=True):
    """Which spans to add up; every given field must hold.

    `since` and `until` are Unix nanoseconds and take in every day (UTC) that they touch, by start of the span.
    """

    since: int | None = None
    until: int | None = None
    kind: str | None = None
    name: str | None = None
    model: str | None = None
    agent: str | None = None
    tool: str | None = None
    tag: str | None = None
    user: str | None = None


class Aggregate(Struct, kw_only=True, frozen=True):
    """What the ended spans of one group add up to.

    Attributes:
        keys: the group, a text for each dimension asked for; a day is `2026-06-01`, and None stands for spans that
            have no model, agent, tag or user.
        calls: how many spans.
        cost: USD, None when none is known.
        unpriced: model calls whose cost is unknown.
        p50: seconds that half of them took at most; from a histogram, so up to five percent off.
    """

    keys: dict[str, str | None]
    calls: int
    errors: int
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    unpriced: int
    p50: float
    p95: float
    p99: float
