"""What frames tell, in the words of the v2 protocol: bodies of sessions, agents, events and logs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from agentops.domain import v2, wire
from agentops.domain.spans import AgentRecord, LogRecord, Record, SessionRecord, SpanRecord, SpanStatus

Body = dict[str, Any]


@dataclass(slots=True)
class Told:
    """Bodies, as v2 would have them.

    Attributes:
        running: the spans that began and have not ended.
    """

    sessions: list[Body] = field(default_factory=list[Body])
    agents: list[Body] = field(default_factory=list[Body])
    events: list[Body] = field(default_factory=list[Body])
    logs: list[Body] = field(default_factory=list[Body])
    running: list[SpanRecord] = field(default_factory=list[SpanRecord])


def told_by(records: Iterable[Record], known: dict[str, SessionRecord], counts: Mapping[str, Counter[str]]) -> Told:
    """What records tell.

    Args:
        records: the records.
        known: the sessions that are known, which becomes all that are known then.
        counts: the events of each session before these, by type.
    """
    told = Told()
    touched: dict[str, SessionRecord] = {}
    for record in records:
        if isinstance(record, SpanRecord):
            session = known.get(record.session_id)
            touched.setdefault(
                record.session_id, session or SessionRecord(session_id=record.session_id, start=record.start)
            )
            _take_span(record, told)
        elif isinstance(record, SessionRecord):
            known[record.session_id] = v2.merge_session(known.get(record.session_id), record)
            touched[record.session_id] = known[record.session_id]
            told.agents += [v2.agent_body(agent, record.session_id) for agent in record.agents]
        elif isinstance(record, LogRecord):
            told.logs.append(_plain(record))
    for session_id, session in touched.items():
        new = Counter(event["event_type"] for event in told.events if event["session_id"] == session_id)
        total = counts.get(session_id, Counter()) + new
        told.sessions.append(_plain(v2.session_body(session, total, is_partial=session_id not in known)))
    return told


def _take_span(record: SpanRecord, told: Told) -> None:
    if record.agent_id is not None and record.agent_name:
        told.agents.append(v2.agent_body(AgentRecord(id=record.agent_id, name=record.agent_name), record.session_id))
    if record.status is SpanStatus.RUNNING:
        told.running.append(record)
    told.events += [{**_plain(event), "session_id": record.session_id} for event in v2.events_of(record)]


def _plain(value: Any) -> Any:
    return msgspec.json.decode(wire.to_legible_json(value))
