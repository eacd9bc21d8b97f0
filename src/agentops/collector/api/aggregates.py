"""What spans add up to: by day, model, agent, tool, tag and user."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from agentops.collector.api.naming import PREFIX, Moment, Word, read_moment
from agentops.collector.asked import Asked
from agentops.collector.routes import Route, Tag
from agentops.store.protocol import Aggregate, AggregateFilter, Dimension


class Days(Struct, kw_only=True, frozen=True):
    """From which day to which; each (UTC) that is touched counts whole."""

    since: Annotated[Moment | None, Meta(description="The first day: ISO 8601 or Unix nanoseconds.")] = None
    until: Annotated[Moment | None, Meta(description="The last day: ISO 8601 or Unix nanoseconds.")] = None


class AggregateQuery(Days, kw_only=True, frozen=True):
    """What to add up, and by what to tell it apart."""

    by: Annotated[
        list[Dimension], Meta(max_length=len(Dimension), description="What to tell apart by; nothing is one sum.")
    ] = []
    kind: Annotated[Word | None, Meta(description="Only spans of this kind.")] = None
    name: Annotated[Word | None, Meta(description="Only spans of this name.")] = None
    model: Annotated[Word | None, Meta(description="Only calls of this model.")] = None
    agent: Annotated[Word | None, Meta(description="Only what this agent did.")] = None
    tool: Annotated[Word | None, Meta(description="Only calls of this tool.")] = None
    tag: Annotated[Word | None, Meta(description="Only in sessions with this tag.")] = None
    user: Annotated[Word | None, Meta(description="Only in sessions that served this user.")] = None


class Aggregates(Struct, frozen=True):
    """Groups in the order of their keys."""

    items: list[Aggregate]


def add_up(asked: Asked[AggregateQuery, None]) -> Aggregates:
    """Add ended spans up."""
    query = asked.query
    where = AggregateFilter(
        since=read_moment(query.since, "since"),
        until=read_moment(query.until, "until"),
        kind=query.kind,
        name=query.name,
        model=query.model,
        agent=query.agent,
        tool=query.tool,
        tag=query.tag,
        user=query.user,
    )
    return Aggregates(asked.store.aggregate(list(dict.fromkeys(query.by)), where))


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{PREFIX}/aggregates",
        answer=add_up,
        summary="Calls, errors, tokens, cost and durations, by day, kind, name, model, agent, tool, tag or user",
        tag=Tag.AGGREGATES,
        query=AggregateQuery,
        reply=Aggregates,
    ),
)
