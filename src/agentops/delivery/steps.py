"""What is to be told to a collector of a batch of records, step by step."""

from __future__ import annotations

from collections import Counter
from copy import copy
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from agentops.delivery.api import Outgoing, outgoing
from agentops.domain import v2
from agentops.domain.spans import AgentRecord, SessionRecord, SpanRecord, SpanStatus
from agentops.domain.states import SessionState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentops.domain.spans import Record

EVENTS_AT_A_TIME: Final = 1000
BYTES_AT_A_TIME: Final = 4 << 20
"""Of events in one request."""

SESSIONS_KNOWN: Final = 10_000
"""Sessions of which a destination remembers what was told; the oldest are forgotten, and announced again if need be."""


class Announce(Struct, frozen=True):
    """A session is to be announced."""

    session_id: str


class Introduce(Struct, frozen=True):
    """An agent of a session is to be made known."""

    session_id: str
    agent: AgentRecord


class Send(Struct, frozen=True):
    """Events of a session are to be handed over."""

    session_id: str
    events: list[Outgoing]

    def halves(self) -> tuple[Send, Send]:
        """The same in two."""
        middle = len(self.events) // 2
        return Send(self.session_id, self.events[:middle]), Send(self.session_id, self.events[middle:])

    @property
    def size(self) -> int:
        """Bytes of its events."""
        return sum(len(event.body) for event in self.events)


class Update(Struct, frozen=True):
    """It is to be said how a session stands."""

    session_id: str


Step = Announce | Introduce | Send | Update


class Known(Struct):
    """What is known of a session, and what of it the collector was told.

    Attributes:
        record: the session.
        is_partial: its beginning was told before the cursor: what is not known of it is known elsewhere.
        is_announced: whether the collector has heard of it from this process.
        agents: ids of the agents that were made known.
        counts: how many events of each type were handed over.
        refused: why the collector will not have the session; "" where that is not so.
        status: of HTTP, where it will not.
    """

    record: SessionRecord
    is_partial: bool = False
    is_announced: bool = False
    agents: set[str] = field(default_factory=set[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    refused: str = ""
    status: int | None = None

    def beginning(self) -> SessionRecord:
        """The session as it was before it ended: how it is announced."""
        begun = copy(self.record)
        begun.state = str(SessionState.RUNNING)
        begun.end = begun.end_state = begun.end_state_reason = None
        return begun


class Ledger:
    """What is known of the sessions of a destination.

    Attributes:
        running: the spans that were told of and have not ended, by their ids.
    """

    def __init__(self) -> None:
        self.running: dict[str, SpanRecord] = {}
        self._known: dict[str, Known] = {}

    def __getitem__(self, session_id: str) -> Known:
        """What is known of a session that was planned for."""
        return self._known[session_id]

    def plan(self, records: Sequence[Record]) -> list[Step]:
        """The steps by which a collector learns of these records, session by session in the order of their coming."""
        changed: dict[str, list[SpanRecord]] = {}
        told: set[str] = set()
        for record in records:
            if isinstance(record, SpanRecord):
                self._watch(record)
                changed.setdefault(record.session_id, []).append(record)
            elif isinstance(record, SessionRecord):
                changed.setdefault(record.session_id, [])
                if self._learn(record):
                    told.add(record.session_id)
        steps: list[Step] = []
        for session_id, spans in changed.items():
            steps += self._steps(session_id, spans, is_told=session_id in told)
        self._forget(keep=changed)
        return steps

    def _learn(self, record: SessionRecord) -> bool:
        """Take in a record of a session; whether there is something to say that announcing it does not say."""
        known = self._known.pop(record.session_id, None)
        if known is None:
            known = Known(record=copy(record), is_partial=record.end is not None)
        else:
            known.record = v2.merge_session(known.record, record)
            known.is_partial = known.is_partial and record.end is not None  # others tell all there is to tell
        self._known[record.session_id] = known
        return known.is_announced or record.end is not None

    def _steps(self, session_id: str, spans: list[SpanRecord], *, is_told: bool) -> Iterator[Step]:
        known = self._known.get(session_id)
        if known is None:
            started = min((span.start for span in spans), default=0)
            known = Known(record=SessionRecord(session_id=session_id, start=started), is_partial=True)
            self._known[session_id] = known
        events = [event for span in spans for event in outgoing(span)]
        strangers = self._strangers(known, spans)
        if not known.is_announced:
            yield Announce(session_id)
        for agent in strangers:
            yield Introduce(session_id, agent)
        for chunk in chunks(events):
            yield Send(session_id, chunk)
        if is_told:
            yield Update(session_id)

    def _strangers(self, known: Known, spans: Sequence[SpanRecord]) -> list[AgentRecord]:
        """The agents that the collector has not heard of: those made by hand, and those that spans name."""
        found = {agent.id: agent for agent in known.record.agents if agent.id not in known.agents}
        for span in spans:
            if span.agent_id is not None and span.agent_id not in known.agents and span.agent_name:
                found.setdefault(span.agent_id, AgentRecord(id=span.agent_id, name=span.agent_name))
        return list(found.values())

    def _watch(self, span: SpanRecord) -> None:
        if span.status is SpanStatus.RUNNING:
            self.running[span.span_id] = span
        elif self.running:
            self.running.pop(span.span_id, None)

    def _forget(self, keep: Iterable[str]) -> None:
        surplus = len(self._known) - SESSIONS_KNOWN
        if surplus > 0:
            kept = set(keep)
            for session_id in [each for each in self._known if each not in kept][:surplus]:
                del self._known[session_id]


def chunks(events: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Events in portions for one request each; one that is larger than a request should be goes alone."""
    portion: list[Outgoing] = []
    size = 0
    for event in events:
        if portion and (len(portion) >= EVENTS_AT_A_TIME or size + len(event.body) > BYTES_AT_A_TIME):
            yield portion
            portion, size = [], 0
        portion.append(event)
        size += len(event.body)
    if portion:
        yield portion
