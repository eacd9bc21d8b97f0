"""A collector as a destination: everything recorded goes to it once, as frames or step by step by the v2 protocol."""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from agentops.delivery.api import FRAMES, SessionApiClient, outgoing
from agentops.delivery.aside import Aside
from agentops.delivery.deadletters import DeadLetters
from agentops.delivery.destination import DeliveryError
from agentops.delivery.excerpts import COLLECTOR, Excerpt
from agentops.delivery.interruption import interrupted
from agentops.delivery.ledger import Known, Ledger
from agentops.delivery.receipts import receipts
from agentops.delivery.replies import RefusedError, UnauthorizedError
from agentops.delivery.standing import Standings
from agentops.delivery.steps import Announce, Introduce, Send, Step, Update, Write
from agentops.domain import v2
from agentops.domain.journal.frames import record_frame
from agentops.domain.journal.requests import request_of, requests_of
from agentops.domain.spans import SessionRecord, SpanRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    from agentops.delivery.api import Outgoing
    from agentops.delivery.deadletters import Kind
    from agentops.delivery.replies import Refusal
    from agentops.domain.spans import DropRecord, Record


class Keys(NamedTuple):
    """By which the collector knows who sends: the API key, and that of an organisation's project."""

    api_key: str | None
    parent_key: str | None


class CollectorDestination:
    """Tells a collector of sessions, their agents and their events.

    One of ours is sent frames: excerpts of the journal as they are, other records as frames of their own. One that
    does not accept frames, or refuses these, is told step by step: a session is announced before anything of it is
    sent, also in a process that comes later upon it. Events have ids that depend on their spans alone, so that whatever
    is sent again is known again. What the collector refuses for good is kept as a dead letter and does not hold up the
    rest; a key that it does not accept is no such thing: everything waits for a better one.
    """

    def __init__(
        self,
        client: SessionApiClient,
        letters: DeadLetters,
        standings: Standings,
        *,
        keys: Callable[[], Keys] | None = None,
        on_drop: Callable[[DropRecord], None] | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            client: speaks to the collector.
            letters: keeps what it refuses.
            standings: is told how it goes.
            keys: asked before each delivery, where the program may change them; None leaves the client's.
            on_drop: told of what was refused and could not be kept either.
        """
        self.name = COLLECTOR
        self._client = client
        self._aside = Aside(letters, on_drop)
        self._standings = standings
        self._keys = keys
        self._sessions = Ledger()
        self._running: Callable[[], list[SpanRecord]] = list
        self._offered: Sequence[Record] | None = None
        self._steps: deque[Step] | None = None
        self._is_refused = False
        self._has_accepted = False

    @property
    def dropped(self) -> int:
        """How many events the collector refused for good."""
        return self._aside.events

    def deliver(self, records: Sequence[Record]) -> None:
        """Tell the collector of these records; those offered again go on where they failed.

        Raises:
            DeliveryError: if it cannot be told now.
        """
        if self._keys is not None:
            self._client.api_key, self._client.parent_key = self._keys()
        if records is not self._offered:
            self._offered, self._steps, self._is_refused = records, None, False
            if isinstance(records, Excerpt):
                self._running = records.running
        try:
            if not self._takes_frames or not self._send_frames(records):
                self._go_through(records)
        except UnauthorizedError as error:
            self._standings.note("key", str(error))
            raise
        except DeliveryError as error:
            if not isinstance(error, SessionRefusedError):
                self._standings.note("away", str(error))
            raise
        self._standings.clear()
        self._offered = self._steps = None

    @property
    def _takes_frames(self) -> bool:
        return FRAMES in self._client.accepts and not self._is_refused

    def _send_frames(self, records: Sequence[Record]) -> bool:
        """Send frames; whether the collector took them."""
        refusals: list[Refusal] = []
        try:
            for body in [records.body] if isinstance(records, Excerpt) else requests_of(records):
                refusals += self._client.send_frames(body)
        except RefusedError:
            self._is_refused = True
            return False
        if refusals:
            spans = [record for record in records if isinstance(record, SpanRecord)]
            for span in spans:
                self._keep_refused(span.session_id, outgoing(span), refusals)
        self._has_accepted = True
        return True

    def _go_through(self, records: Sequence[Record]) -> None:
        """Tell of records step by step, unless it turns out on the way that frames are taken."""
        if self._steps is None:
            self._steps = deque(self._sessions.plan(records))
        while self._steps:
            self._take(self._steps, self._steps[0])
            if self._takes_frames and self._send_frames(records):
                break

    def close(self, timeout: float) -> None:
        """The process ends: what it left running was interrupted. Say so, where there is time for it, and hang up."""
        left = self._running() if timeout > 0 and self._offered is None else []
        if left:
            with suppress(DeliveryError):
                self.deliver(interrupted(left, time.time_ns()))
        self._client.close()

    def _take(self, steps: deque[Step], step: Step) -> None:
        """Take the first step, and put what remains of it in its place."""
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
        known.is_announced = self._has_accepted = True

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
            if not self._has_accepted:
                self._standings.note("refused", str(error))
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
        counts.subtract(event.event_type for event in self._keep_refused(step.session_id, step.events, refusals))
        return ()

    def _keep_refused(self, session_id: str, events: Sequence[Outgoing], refusals: Sequence[Refusal]) -> list[Outgoing]:
        """Keep what was refused of events that were sent, and say what that was."""
        reasons = {refusal.event_id: refusal.reason for refusal in refusals}
        refused = [event for event in events if event.id in reasons]
        for event in refused:
            self._aside.keep("event", session_id, event.body, reason=reasons[event.id], status=None)
        return refused

    def _keep(self, kind: Kind, session_id: str, body: Any, error: RefusedError) -> None:
        self._aside.keep(kind, session_id, body, reason=str(error), status=error.status)


def open_collector(
    endpoint: str,
    api_key: str | None,
    directory: Path,
    *,
    keys: Callable[[], Keys] | None = None,
    on_drop: Callable[[DropRecord], None] | None = None,
) -> CollectorDestination:
    """The collector at an address, with what it refuses kept in a data directory.

    Args:
        endpoint: the address; nothing is sent anywhere else.
        api_key: who we are; None where the collector does not ask.
        directory: the data directory.
        keys: gives both keys before each delivery, where the program may change them.
        on_drop: told of what was refused and could not be kept either.
    """
    return CollectorDestination(
        SessionApiClient(endpoint, api_key, receipts=receipts),
        DeadLetters(directory, COLLECTOR),
        Standings(directory, endpoint),
        keys=keys,
        on_drop=on_drop,
    )


class SessionRefusedError(DeliveryError):
    """The collector refuses the first session that it hears of: where it is looked for or who asks is at fault."""
