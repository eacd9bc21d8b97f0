"""What each agent did, in one session and in all."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from agentops.collector.api.aggregates import Days
from agentops.collector.api.naming import PREFIX, SESSION, read_moment, session_named
from agentops.collector.asked import Asked
from agentops.collector.routes import Route, Tag
from agentops.domain.spans import MODEL_KINDS, SpanKind
from agentops.store.protocol import AggregateFilter, Dimension, SpanSummary


class AgentTotals(Struct, kw_only=True):
    """What an agent's ended spans add up to; `name` is null for what no agent did, `cost` (USD) where none is known.

    Attributes:
        ids: under which the agent is known in the session.
        unpriced: model calls whose cost is unknown.
    """

    name: str | None
    ids: list[str] = []
    spans: int = 0
    llm_calls: int = 0
    tool_calls: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    unpriced: int = 0

    def add(  # noqa: PLR0913 - the counts of a group of spans
        self,
        *,
        kind: str,
        calls: int,
        errors: int,
        input_tokens: int,
        output_tokens: int,
        cost: Decimal | None,
        unpriced: int,
    ) -> None:
        """Count spans of a kind."""
        self.spans += calls
        self.errors += errors
        self.llm_calls += calls if kind in MODEL_KINDS else 0
        self.tool_calls += calls if kind == SpanKind.TOOL else 0
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens
        self.unpriced += unpriced
        if cost is not None:
            self.cost = cost + (self.cost or 0)


class Agents(Struct, frozen=True):
    """Agents by name, then what no agent did."""

    items: list[AgentTotals]


class Crew(dict[str | None, AgentTotals]):
    """Agents by name."""

    def __missing__(self, name: str | None) -> AgentTotals:
        self[name] = AgentTotals(name=name)
        return self[name]

    def sorted(self) -> Agents:
        """As they are answered."""
        return Agents(sorted(self.values(), key=lambda agent: (agent.name is None, agent.name or "")))


def list_agents(asked: Asked[Days, None]) -> Agents:
    """What each agent did, in all sessions."""
    where = AggregateFilter(
        since=read_moment(asked.query.since, "since"), until=read_moment(asked.query.until, "until")
    )
    crew = Crew()
    for group in asked.store.aggregate([Dimension.AGENT, Dimension.KIND], where):
        crew[group.keys["agent"]].add(
            kind=group.keys["kind"] or "",
            calls=group.calls,
            errors=group.errors,
            input_tokens=group.input_tokens,
            output_tokens=group.output_tokens,
            cost=group.cost,
            unpriced=group.unpriced,
        )
    return crew.sorted()


def list_agents_of_session(asked: Asked[None, None]) -> Agents:
    """What each agent did in one session; agents that did nothing are there too."""
    session_id = session_named(asked)
    crew = Crew()
    for agent in asked.store.session(session_id).agents:
        crew[agent.name].ids.append(agent.id)
    return _counted(crew, asked.store.tree(session_id)).sorted()


def _counted(crew: Crew, spans: Iterable[SpanSummary]) -> Crew:
    for span in spans:
        if span.end is None or span.repeats:
            continue
        is_call = span.kind in MODEL_KINDS
        crew[span.agent].add(
            kind=span.kind,
            calls=1,
            errors=int(span.error),
            input_tokens=is_call * (span.input_tokens or 0),
            output_tokens=is_call * (span.output_tokens or 0),
            cost=span.cost,
            unpriced=int(is_call and span.cost is None),
        )
    return crew


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{SESSION}/agents",
        answer=list_agents_of_session,
        summary="What each agent did in a session",
        tag=Tag.SPANS,
        reply=Agents,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/agents",
        answer=list_agents,
        summary="What each agent did, in all sessions",
        tag=Tag.AGGREGATES,
        query=Days,
        reply=Agents,
    ),
)
