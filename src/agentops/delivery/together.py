"""Steps of several sessions in one request."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from agentops.delivery.api import Outgoing
from agentops.delivery.steps import BYTES_AT_A_TIME, TOGETHER, Introduce, Send, Step, Write
from agentops.domain import v2

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops.delivery.ledger import Ledger


class Load(Struct):
    """What goes together.

    Attributes:
        steps: the steps that are taken by it.
        sessions: as they stand once it has arrived.
        agents: of any of them.
        events: of any of them.
        logs: of any of them.
    """

    steps: list[Step]
    sessions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    agents: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    events: list[Outgoing] = field(default_factory=list[Outgoing])
    logs: list[Outgoing] = field(default_factory=list[Outgoing])


def load_of(steps: Iterable[Step], ledger: Ledger) -> Load:
    """As many steps as one request holds: at least one."""
    load = Load(_fitting(steps))
    told: dict[str, None] = {}
    counts = defaultdict[str, Counter[str]](Counter)
    for step in load.steps:
        if isinstance(step, Send):
            load.events += step.events
            counts[step.session_id].update(event.event_type for event in step.events)
        elif isinstance(step, Write):
            load.logs += step.logs
        elif isinstance(step, Introduce):
            load.agents.append(v2.agent_body(step.agent, step.session_id))
        else:
            told[step.session_id] = None
    for session_id in told:
        known = ledger[session_id]
        body = v2.session_body(known.record, known.counts + counts[session_id], is_partial=known.is_partial)
        load.sessions.append(body)
    return load


def _fitting(steps: Iterable[Step]) -> list[Step]:
    taken: list[Step] = []
    count = size = 0
    for step in steps:
        if isinstance(step, Send):
            count, size = count + len(step.events), size + step.size
        elif isinstance(step, Write):
            count, size = count + len(step.logs), size + step.size
        if taken and (count > TOGETHER or size > BYTES_AT_A_TIME):
            break
        taken.append(step)
    return taken


def arrived(load: Load, ledger: Ledger) -> Sequence[tuple[str, Sequence[Outgoing]]]:
    """Note what the collector knows now; the events that it was sent, by session."""
    sent: list[tuple[str, Sequence[Outgoing]]] = []
    for step in load.steps:
        known = ledger[step.session_id]
        known.is_announced = True
        if isinstance(step, Introduce):
            known.agents.add(step.agent.id)
        elif isinstance(step, Send):
            sent.append((step.session_id, step.events))
    return sent
