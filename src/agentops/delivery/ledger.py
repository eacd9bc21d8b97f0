"""What is known of the sessions that a collector is told of, and what of a batch of records it has yet to be told."""

from __future__ import annotations

import time
from collections import Counter
from copy import copy
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from agentops.delivery.api import Outgoing, outgoing
from agentops.delivery.steps import Announce, Introduce, Send, Step, Update, Write, chunks
from agentops.domain import v2, wire
from agentops.domain.spans import AgentRecord, LogRecord, SessionRecord, SpanRecord
from agentops.domain.states import SessionState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentops.domain.spans import Record

LOG: Final = "log"
"""The type of what was written, on its way."""

SESSIONS_KNOWN: Final = 1_000
"""Sessions of which a destination remembers what was told; the oldest are forgotten, and announced again if need be."""


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


class News(Struct):
    """What there is to tell of a session.

    Attributes:
        events: of it.
        logs: what was written in it.
        agents: names of those that its spans ran inside, by id.
        start: of its first span here, Unix nanoseconds; 0 where no span says.
        is_told: whether the session itself has changed in a way that announcing it does not say.
    """

    events: list[Outgoing] = field(default_factory=list[Outgoing])
    logs: list[Outgoing] = field(default_factory=list[Outgoing])
    agents: dict[str, str] = field(default_factory=dict[str, str])
    start: int = 0
    is_told: bool = False


class Ledger:
    """What is known of the sessions of a destination."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def __getitem__(self, session_id: str) -> Known:
        """What is known of a session that was planned for."""
        return self._known[session_id]

    def plan(self, records: Sequence[Record]) -> list[Step]:
        """The steps by which a collector learns of these records, session by session in the order of their coming."""
        news: dict[str, News] = {}
        for record in records:
            if isinstance(record, SpanRecord):
                self._take(record, news)
            elif isinstance(record, SessionRecord):
                of_session = news.setdefault(record.session_id, News())
                of_session.is_told = self._learn(record) or of_session.is_told
            elif isinstance(record, LogRecord):
                log = Outgoing("", LOG, wire.encode(record))
                news.setdefault(record.session_id, News()).logs.append(log)
        steps: list[Step] = []
        for session_id, of_session in news.items():
            steps += self._steps(session_id, of_session)
        self._forget(keep=news)
        return steps

    def _take(self, span: SpanRecord, news: dict[str, News]) -> None:
        of_session = news.setdefault(span.session_id, News())
        of_session.events += outgoing(span)
        of_session.start = min(of_session.start or span.start, span.start)
        if span.agent_id is not None and span.agent_name:
            of_session.agents[span.agent_id] = span.agent_name

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

    def _steps(self, session_id: str, news: News) -> Iterator[Step]:
        known = self._known.get(session_id)
        if known is None:
            started = news.start or time.time_ns()
            known = Known(record=SessionRecord(session_id=session_id, start=started), is_partial=True)
            self._known[session_id] = known
        strangers = self._strangers(known, news)
        if not known.is_announced:
            yield Announce(session_id)
        for agent in strangers:
            yield Introduce(session_id, agent)
        for chunk in chunks(news.events):
            yield Send(session_id, chunk)
        for chunk in chunks(news.logs):
            yield Write(session_id, chunk)
        if news.is_told:
            yield Update(session_id)

    def _strangers(self, known: Known, news: News) -> list[AgentRecord]:
        """The agents that the collector has not heard of: those made by hand, and those that spans name."""
        found = {agent.id: agent for agent in known.record.agents if agent.id not in known.agents}
        for agent_id, name in news.agents.items():
            if agent_id not in known.agents:
                found.setdefault(agent_id, AgentRecord(id=agent_id, name=name))
        return list(found.values())

    def _forget(self, keep: Iterable[str]) -> None:
        surplus = len(self._known) - SESSIONS_KNOWN
        if surplus > 0:
            kept = set(keep)
            for session_id in [each for each in self._known if each not in kept][:surplus]:
                del self._known[session_id]
