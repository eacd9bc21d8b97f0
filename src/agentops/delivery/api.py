"""The v2 protocol of AgentOps as its clients speak it: sessions, events and agents over HTTP.

An original server is spoken to as the original client 0.3.26 does. A collector of ours says in its answer to
create_session what else it takes (`"accepts": ["frames", "gzip"]`): the journal's own frames, with everything that was
recorded, and compressed bodies.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agentops.delivery.receipts import Receipt, Receipts
from agentops.delivery.replies import Refusal, RefusedError, UnauthorizedError, refusals_of, reply_of
from agentops.delivery.tokens import is_due
from agentops.delivery.transport import ANSWER_SECONDS, Transport
from agentops.domain import v2, wire
from agentops.domain.events import Event, record_of
from agentops.domain.foreign import objects, text
from agentops.domain.journal import CONTENT_TYPE
from agentops.domain.spans import AgentRecord, SessionRecord, SpanRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

FRAMES: Final = "frames"
GZIP: Final = "gzip"
"""What a collector may accept."""

FRAMES_PATH: Final = "/v2/frames"
_NO_SUCH_ROUTE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})


class Outgoing(NamedTuple):
    """One event on its way: its id, its type and its JSON."""

    id: str
    event_type: str
    body: bytes


class SessionApiClient:
    """Speaks to one collector for any number of sessions.

    It does not try again by itself, but says by what it raises whether that is worth it: the shipper waits between
    attempts. Tokens are renewed before they expire, and when the collector refuses one.

        client = SessionApiClient("http://localhost:8000", api_key)
        client.create_session(session)
        client.create_events([ActionEvent("search", session_id=session.session_id)])

    Attributes:
        endpoint: the collector's address.
        receipts: what it gave for each session.
        api_key: who we are; may be changed between requests.
        parent_key: the key of an organisation's project; likewise.
    """

    def __init__(  # noqa: PLR0913 - all but the first two are named
        self,
        endpoint: str,
        api_key: str | None = None,
        *,
        parent_key: str | None = None,
        timeout: float = ANSWER_SECONDS,
        receipts: Receipts | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is sent yet.

        Args:
            endpoint: the collector's address.
            api_key: who we are; None where the collector does not ask.
            parent_key: the key of an organisation's project, sent along when a session is announced.
            timeout: seconds that an answer may take.
            receipts: where to keep what it gives for each session.
            now: the wall clock, Unix seconds.
        """
        self.endpoint = endpoint
        self.receipts = Receipts() if receipts is None else receipts
        self.accepts: frozenset[str] = frozenset()
        self.api_key = api_key
        self.parent_key = parent_key
        self._now = now
        self._transport = Transport(endpoint, timeout=timeout, now=now)

    def create_session(
        self, session: SessionRecord, counts: Mapping[str, int] | None = None, *, is_partial: bool = False
    ) -> Receipt:
        """Announce a session; announcing it again changes nothing.

        Args:
            session: what is known of it.
            counts: how many events of each type it has.
            is_partial: how it began is not known here.

        Raises:
            RefusedError: if the collector will not have it.
            DeliveryError: if it may be tried again.
        """
        body = {"session": v2.session_body(session, counts, is_partial=is_partial)}
        reply = self._ask("/v2/create_session", wire.to_legible_json(body), self._key | self._parent)
        accepted = reply.get("accepts")
        if isinstance(accepted, list):
            self.accepts = frozenset(map(str, accepted))  # pyright: ignore[reportUnknownArgumentType] - JSON
        return self._keep(session.session_id, reply)

    def update_session(
        self, session: SessionRecord, counts: Mapping[str, int] | None = None, *, is_partial: bool = False
    ) -> Receipt:
        """Say how a session stands: its tags, its counts, its end; the receipt has what it cost so far.

        Raises:
            RefusedError: if the collector will not have it.
            DeliveryError: if it may be tried again.
        """
        body = wire.to_legible_json({"session": v2.session_body(session, counts, is_partial=is_partial)})
        return self._keep(session.session_id, self._ask_for(session.session_id, "/v2/update_session", body))

    def create_agent(self, session_id: str, agent: AgentRecord) -> None:
        """Make an agent of a session known.

        Raises:
            RefusedError: if the collector will not have it.
            DeliveryError: if it may be tried again.
        """
        self._ask_for(session_id, "/v2/create_agent", wire.to_legible_json(v2.agent_body(agent, session_id)))

    def create_events(self, events: Iterable[Event | SpanRecord], session_id: str | None = None) -> list[Refusal]:
        """Hand over events or ended spans, each to its session; those that the collector will not have.

        A session that was not announced yet is announced by its id. `SessionExporter(client.create_events)` makes a
        destination of it.

        Raises:
            RefusedError: if the collector will not have any of them.
            DeliveryError: if it may be tried again.
            ValueError: if an event has no session, and `session_id` names none.
        """
        by_session: dict[str, list[Outgoing]] = {}
        for event in events:
            session = event.session_id or session_id
            if not session:
                raise ValueError("an event needs a session_id: pass one")
            record = event if isinstance(event, SpanRecord) else record_of(event, session)
            by_session.setdefault(session, []).extend(outgoing(record))
        refusals: list[Refusal] = []
        for session, batch in by_session.items():
            if self.receipts.get(session) is None:
                self.create_session(SessionRecord(session_id=session, start=int(self._now() * 1e9)), is_partial=True)
            refusals += self.send_events(session, batch)
        return refusals

    def send_events(self, session_id: str, events: Sequence[Outgoing]) -> list[Refusal]:
        """Hand over events of one session that are JSON already; those that the collector will not have.

        Raises:
            RefusedError: if it refuses them together.
            DeliveryError: if it may be tried again.
        """
        body = b'{"events":[' + b",".join([event.body for event in events]) + b"]}"
        return refusals_of(self._ask_for(session_id, "/v2/create_events", body))

    def send_frames(self, body: bytes) -> list[Refusal]:
        """Hand over a request of frames (`domain.journal`), to a collector that accepts them.

        Raises:
            RefusedError: if it refuses them together.
            DeliveryError: if it may be tried again.
        """
        try:
            reply = self._ask(FRAMES_PATH, body, {**self._key, **self._parent, "Content-Type": CONTENT_TYPE})
        except RefusedError as error:
            if error.status in _NO_SUCH_ROUTE:  # it was put in the place of one that accepts them
                self.accepts -= {FRAMES}
            raise
        for session in objects(reply.get("sessions")):
            self._keep(text(session, "session_id") or "", session)
        return refusals_of(reply)

    def reauthorize(self, session_id: str) -> str | None:
        """Get a new token for a session; None if the collector gives none.

        Raises:
            DeliveryError: if it may be tried again.
        """
        body = wire.to_json({"session_id": session_id})
        try:
            reply = self._ask("/v2/reauthorize_jwt", body, self._key)
        except (RefusedError, UnauthorizedError):
            return None
        return self._keep(session_id, reply).jwt if reply.get("jwt") else None

    @property
    def _key(self) -> dict[str, str]:
        return {} if self.api_key is None else {"X-Agentops-Api-Key": self.api_key}

    @property
    def _parent(self) -> dict[str, str]:
        return {} if self.parent_key is None else {"X-Agentops-Parent-Key": self.parent_key}

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def _keep(self, session_id: str, reply: Mapping[str, Any]) -> Receipt:
        return self.receipts.keep(session_id, reply, self._now())

    def _ask_for(self, session_id: str, path: str, body: bytes) -> Mapping[str, Any]:
        """A request on behalf of a session: with its token, with a new one, then with the API key alone."""
        token = self._token(session_id)
        if token is None:
            return self._ask(path, body, self._key)
        try:
            return self._ask(path, body, {**self._key, "Authorization": f"Bearer {token}"})
        except UnauthorizedError:
            renewed = self.reauthorize(session_id)
        if renewed is not None and renewed != token:
            try:
                return self._ask(path, body, {**self._key, "Authorization": f"Bearer {renewed}"})
            except UnauthorizedError:
                pass
        try:
            return self._ask(path, body, self._key)
        except RefusedError as error:  # an original server answers 400 where there is no token
            raise UnauthorizedError(str(error)) from error

    def _token(self, session_id: str) -> str | None:
        """The token of a session, a new one if it expires soon."""
        receipt = self.receipts.get(session_id)
        if receipt is None or receipt.jwt is None:
            return None
        if is_due(receipt.jwt, receipt.received, self._now()):
            return self.reauthorize(session_id) or receipt.jwt
        return receipt.jwt

    def _ask(self, path: str, body: bytes, headers: Mapping[str, str]) -> Mapping[str, Any]:
        """What a collector replies to a request that it took."""
        answer = self._transport.post(path, body, headers, compress=GZIP in self.accepts)
        return reply_of(answer)


def outgoing(record: SpanRecord) -> list[Outgoing]:
    """The events that a span is; none where it is still running."""
    return [Outgoing(event.id, event.event_type, body) for event, body in v2.encode_events(record)]
