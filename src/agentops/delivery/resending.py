"""Offering a collector again what it refused."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from agentops.delivery.api import Outgoing, SessionApiClient
from agentops.delivery.deadletters import Letter
from agentops.delivery.replies import RefusedError
from agentops.domain import v2
from agentops.domain.foreign import count, text
from agentops.domain.spans import SessionRecord

AT_A_TIME = 100
"""Events in one request."""


class Resent(Struct):
    """How many letters were taken this time, and how many were refused again."""

    taken: int = 0
    refused: int = 0


def resend(letters: list[Letter], client: SessionApiClient) -> Resent:
    """Offer letters again, session by session; those that are taken leave the list, the others say why anew.

    Raises:
        DeliveryError: if the collector cannot be reached or does not accept the key; what was not offered stays.
    """
    resent = Resent()
    by_session: dict[str, list[Letter]] = {}
    for letter in letters:
        by_session.setdefault(letter.session_id, []).append(letter)
    gone = set[int]()
    try:
        for session_id, found in by_session.items():
            gone.update(map(id, _offer(session_id, found, client, resent)))
    finally:
        letters[:] = [letter for letter in letters if id(letter) not in gone]
    resent.taken = len(gone)
    return resent


def _offer(session_id: str, letters: list[Letter], client: SessionApiClient, resent: Resent) -> Iterator[Letter]:
    """The letters of one session that are taken, as they are."""
    sessions = [letter for letter in letters if letter.kind == "session"]
    try:
        record = _session(session_id, letters, sessions)
        client.create_session(record, is_partial=not sessions)
        if record.end is not None:
            client.update_session(record)
    except RefusedError as error:
        for letter in letters:
            _refuse(letter, error, resent)
        return
    yield from sessions
    for letter in [each for each in letters if each.kind == "agent"]:
        try:
            client.create_agent(session_id, v2.read_agent(msgspec.json.decode(letter.body)))
        except RefusedError as error:
            _refuse(letter, error, resent)
        else:
            yield letter
    events = [letter for letter in letters if letter.kind == "event"]
    for start in range(0, len(events), AT_A_TIME):
        yield from _send(session_id, events[start : start + AT_A_TIME], client, resent)


def _send(session_id: str, letters: list[Letter], client: SessionApiClient, resent: Resent) -> Iterator[Letter]:
    try:
        refusals = client.send_events(session_id, [_outgoing(letter) for letter in letters])
    except RefusedError as error:
        if len(letters) == 1:
            _refuse(letters[0], error, resent)
            return
        middle = len(letters) // 2
        yield from _send(session_id, letters[:middle], client, resent)
        yield from _send(session_id, letters[middle:], client, resent)
        return
    refused = {refusal.event_id: refusal.reason for refusal in refusals}
    for letter in letters:
        reason = refused.get(_outgoing(letter).id)
        if reason is None:
            yield letter
        else:
            letter.reason = reason
            resent.refused += 1


def _refuse(letter: Letter, error: RefusedError, resent: Resent) -> None:
    letter.reason, letter.status = str(error), error.status
    resent.refused += 1


def _outgoing(letter: Letter) -> Outgoing:
    body: Any = msgspec.json.decode(letter.body)
    return Outgoing(text(body, "id") or "", text(body, "event_type") or "", bytes(letter.body))


def _session(session_id: str, letters: Iterable[Letter], sessions: list[Letter]) -> SessionRecord:
    """What the letters know of their session."""
    if sessions:
        return v2.read_session(msgspec.json.decode(sessions[-1].body))
    starts = [count(msgspec.json.decode(letter.body), "started") or letter.time for letter in letters]
    return SessionRecord(session_id=session_id, start=min(starts))
