"""A collector that is told step by step, by the v2 protocol."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from agentops.delivery.api import FRAMES, SessionApiClient
from agentops.delivery.destination import DeliveryError
from agentops.delivery.ledger import Known, Ledger
from agentops.delivery.replies import RefusedError
from agentops.delivery.steps import Announce, Introduce, Send, Step, Update, Write
from agentops.domain import v2
from agentops.domain.journal.frames import record_frame
from agentops.domain.journal.requests import request_of
from agentops.domain.spans import SessionRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from agentops.delivery.api import Outgoing
    from agentops.delivery.aside import Aside
    from agentops.delivery.deadletters import Kind
    from agentops.delivery.replies import Refusal
    from agentops.domain.spans import Record


class SessionRefusedError(DeliveryError):
    """The collector refuses the first session that it hears of: where it is looked for or who asks is at fault."""


class Narrator:
    """Tells of sessions, their agents and their events, and keeps aside what is refused.

    Attributes:
        has_accepted: whether the collector has taken anything.
    """

    def __init__(self, client: SessionApiClient, aside: Aside) -> None:
        self.has_accepted = False
        self._client = client
        self._aside = aside
        self._sessions = Ledger()

    def plan(self, records: Sequence[Record]) -> deque[Step]:
        """The steps by which the collector learns of records."""
        return deque(self._sessions.plan(records))

    def take(self, steps: deque[Step]) -> None:
        """Take the first step, and put what remains of it in its place.

        Raises:
            DeliveryError: if it cannot be taken now.
        """
        step = steps[0]
        known = self._sessions[step.session_id]
        rest: tuple[Step, ...] = ()
        if known.refused:
            self._aside.keep_step(step, known)
        elif isinstance(step, Announce):
            self._announce(known)
        elif isinstance(step, Introduce):
            self._introduce(step, known)
        elif isinstance(step, Update):
            self._update(known)
        elif isinstance(step, Write):
            self._write(step)
        else:
            rest = self._send(step)
        steps.popleft()
        steps.extendleft(reversed(rest))

    def _announce(self, known: Known) -> None:
        session = known.beginning()
        try:
            self._client.create_session(session, known.counts, is_partial=known.is_partial)
        except RefusedError as error:
            if not self._announce_barely(known, error):
                return
            self._keep("session", session.session_id, v2.session_body(session), error)
        known.is_announced = self.has_accepted = True

    def _announce_barely(self, known: Known, error: RefusedError) -> bool:
        """Announce a session by nothing but its id and start, since more was refused.

        A collector that refuses the first session that it hears of refuses us: its address or the key is wrong, and
        everything waits. Where it has taken others, it is this session that it will not have.
        """
        record = known.record
        bare = SessionRecord(session_id=record.session_id, start=record.start)
        try:
            self._client.create_session(bare, is_partial=True)
        except RefusedError:
            if not self.has_accepted:
                raise SessionRefusedError(str(error)) from error
            known.refused, known.status = str(error), error.status
            self._keep("session", record.session_id, v2.session_body(record), error)
            return False
        return True

    def _introduce(self, step: Introduce, known: Known) -> None:
        try:
            self._client.create_agent(step.session_id, step.agent)
        except RefusedError as error:
            self._keep("agent", step.session_id, v2.agent_body(step.agent, step.session_id), error)
        known.agents.add(step.agent.id)

    def _write(self, step: Write) -> None:
        """Hand over what was written; an original server has no place for it that could be told twice."""
        if FRAMES in self._client.accepts:
            try:
                self._client.send_frames(request_of(record_frame(log.body) for log in step.logs))
            except RefusedError:
                self._aside.lose(step)

    def _update(self, known: Known) -> None:
        try:
            self._client.update_session(known.record, known.counts, is_partial=known.is_partial)
        except RefusedError as error:
            self._keep("session", known.record.session_id, v2.session_body(known.record), error)

    def _send(self, step: Send) -> tuple[Step, ...]:
        """Send events; what is left to be sent where the collector refused them together."""
        try:
            refusals = self._client.send_events(step.session_id, step.events)
        except RefusedError as error:
            if len(step.events) > 1:
                return step.halves()
            self._keep("event", step.session_id, step.events[0].body, error)
            return ()
        counts = self._sessions[step.session_id].counts
        counts.update(event.event_type for event in step.events)
        counts.subtract(event.event_type for event in self.keep_refused(step.session_id, step.events, refusals))
        return ()

    def keep_refused(self, session_id: str, events: Sequence[Outgoing], refusals: Sequence[Refusal]) -> list[Outgoing]:
        """Keep what was refused of events that were sent, and say what that was."""
        reasons = {refusal.event_id: refusal.reason for refusal in refusals}
        refused = [event for event in events if event.id in reasons]
        for event in refused:
            self._aside.keep("event", session_id, event.body, reason=reasons[event.id], status=None)
        return refused

    def _keep(self, kind: Kind, session_id: str, body: Any, error: RefusedError) -> None:
        self._aside.keep(kind, session_id, body, reason=str(error), status=error.status)
