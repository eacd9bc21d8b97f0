"""A collector as a destination: everything recorded goes to it once, as frames or step by step by the v2 protocol."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from agentops.delivery.api import FRAMES, SessionApiClient, outgoing
from agentops.delivery.aside import Aside
from agentops.delivery.deadletters import DeadLetters
from agentops.delivery.destination import DeliveryError
from agentops.delivery.excerpts import COLLECTOR, Excerpt
from agentops.delivery.interruption import interrupted
from agentops.delivery.narration import Narrator, SessionRefusedError
from agentops.delivery.receipts import receipts
from agentops.delivery.replies import RefusedError, UnauthorizedError
from agentops.delivery.standing import Standings
from agentops.domain.journal.requests import requests_of
from agentops.domain.spans import SpanRecord

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agentops.delivery.replies import Refusal
    from agentops.delivery.steps import Step
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
        self._narrator = Narrator(client, self._aside)
        self._running: Callable[[], list[SpanRecord]] = list
        self._offered: Sequence[Record] | None = None
        self._steps: deque[Step] | None = None
        self._is_refused = False

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
        except SessionRefusedError as error:
            self._standings.note("refused", str(error))
            raise
        except DeliveryError as error:
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
        for span in records if refusals else ():
            if isinstance(span, SpanRecord):
                self._narrator.keep_refused(span.session_id, outgoing(span), refusals)
        self._narrator.has_accepted = True
        return True

    def _go_through(self, records: Sequence[Record]) -> None:
        """Tell of records step by step, unless it turns out on the way that frames are taken."""
        if self._steps is None:
            self._steps = self._narrator.plan(records)
        while self._steps:
            self._narrator.take(self._steps)
            if self._takes_frames and self._send_frames(records):
                break

    def close(self, timeout: float) -> None:
        """The process ends: what it left running was interrupted. Say so, where there is time for it, and hang up."""
        left = self._running() if timeout > 0 and self._offered is None else []
        if left:
            with suppress(DeliveryError):
                self.deliver(interrupted(left, time.time_ns()))
        self._client.close()


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
