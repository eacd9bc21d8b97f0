"""Events, as clients of v2 send them, and our own journals' frames."""

import re
from collections.abc import Callable
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from agentops.collector.asked import Asked
from agentops.collector.asking import read_json
from agentops.collector.ingestion import take_in
from agentops.collector.problems import RequestError, bad_request, refusing
from agentops.collector.v2.addressing import bound_session, canonical, cost_of, link_to, process_of
from agentops.collector.weights import check_count, weigh_json
from agentops.domain import v2
from agentops.domain.events.identities import span_id_of
from agentops.domain.foreign import at, text
from agentops.domain.journal import read_request
from agentops.domain.spans import SessionRecord, SpanRecord
from agentops.errors import UnknownSessionError, UnknownSpanError

MOST_EVENTS: Final = 20_000
"""In one request; our own client sends a twentieth of it."""

_SPAN_ID: Final = re.compile(r"[0-9a-f]{16}")
_LARGEST: Final = 1 << 63

SessionOf = Callable[[Any], str]
"""Tells to which session an event belongs; raises ValueError where nothing says so."""


class Refused(Struct, frozen=True):
    """An event that was not taken, and why."""

    id: str
    reason: str


class Taken(Struct, frozen=True, omit_defaults=True):
    """What became of events: all were taken but those that are named."""

    status: str
    refused: list[Refused] = []


class Standing(Struct, frozen=True):
    """How a session stands; `token_cost` is what it cost so far in USD."""

    session_id: str
    session_url: str
    token_cost: str


class Told(Struct, frozen=True):
    """What became of frames: the sessions that they tell of as such."""

    status: str
    sessions: list[Standing]


def create_events(asked: Asked[None, bytes]) -> Taken:
    """Take events in; those that are none are named in the answer, and do not hold up the others."""
    events, session_of = _events_in(asked)
    return _take_events(asked, events, session_of)


def update_events(asked: Asked[None, bytes]) -> Taken:
    """Add to events what they lack, such as an end; of two that contradict each other the one that ends later holds."""
    events, session_of = _events_in(asked)
    return _take_events(asked, [_completed(asked, event, session_of) for event in events], session_of)


def _events_in(asked: Asked[None, bytes]) -> tuple[list[Any], SessionOf]:
    """The events of a request, and what tells to which session each belongs.

    Raises:
        RequestError: 400, if it holds none.
    """
    found = read_json(Any, asked.body, asked.share)
    events = at(found, "events") if isinstance(found, dict) else found
    if not isinstance(events, list):
        raise bad_request('expected {"events": [...]}')
    if len(cast("list[Any]", events)) > MOST_EVENTS:
        raise RequestError(413, "too_large", f"a request may have {MOST_EVENTS} events")
    bound = bound_session(asked)
    other = text(found, "session_id") or asked.principal.session_id
    return cast("list[Any]", events), lambda event: canonical(bound or text(event, "session_id") or other)


def _take_events(asked: Asked[None, bytes], events: list[Any], session_of: SessionOf) -> Taken:
    records: list[SpanRecord] = []
    refused: list[Refused] = []
    for event in events:
        try:
            record = _record_of(event, session_of(event))
        except (ValueError, RecursionError, OverflowError) as error:
            refused.append(Refused((text(event, "id") or "")[:100], str(error)[:300]))
        else:
            if record is not None:
                records.append(record)
    take_in(asked, records)
    return Taken("partial" if refused else "Success", refused)


def _record_of(event: Any, session_id: str) -> SpanRecord | None:
    """The span that an event is, of the session it belongs to.

    Raises:
        ValueError: if it is no event, or none that can be kept.
    """
    record = v2.read_event(event, session_id)
    if record is None:
        return None
    record.session_id = session_id
    if "span" in event:  # its ids and times are not made here
        _check(record)
    return record


def _check(record: SpanRecord) -> None:
    if not all(_SPAN_ID.fullmatch(each) for each in (record.span_id, record.parent_id) if each is not None):
        raise ValueError("the id of a span is 16 hexadecimal digits")
    if not all(-_LARGEST <= moment < _LARGEST for moment in (record.start, record.end or 0, record.first_token or 0)):
        raise ValueError("a time is in Unix nanoseconds")


def _completed(asked: Asked[None, bytes], event: Any, session_of: SessionOf) -> Any:
    """An event that changes another, with what is known of that one where it says nothing."""
    identity = text(event, "id") or text(event, "event_id")
    if not isinstance(event, dict) or not identity:
        return cast("Any", event)
    try:
        stored = asked.store.span(session_of(event), span_id_of(identity))
    except (UnknownSessionError, UnknownSpanError, ValueError):
        return cast("Any", event)
    known: dict[str, Any] = msgspec.to_builtins(v2.events_of(stored)[0])
    said = cast("dict[str, Any]", event)
    told = {name: value for name, value in said.items() if value is not None and value != ""}
    left = _OURS if _PRICED.isdisjoint(told) else _OURS | {"cost"}
    return {name: value for name, value in known.items() if name not in left} | told


_OURS: Final = frozenset({"span", "span_id", "parent_id", "trace_id", "kind", "status", "started", "ended"})
"""What makes an event one of our own client, which has no part in a change of another's."""
_PRICED: Final = frozenset({"model", "prompt_tokens", "completion_tokens"})
"""What the cost depends on."""


def take_frames(asked: Asked[None, bytes]) -> Told:
    """Take in what a journal of ours has, as it stands there."""
    weigh_json(asked.body, asked.share)
    with refusing():
        records = read_request(asked.body)
    check_count(len(records))
    sessions = [record for record in records if isinstance(record, SessionRecord)]
    take_in(asked, records, journal=process_of(sessions))
    told = dict.fromkeys(record.session_id for record in sessions)
    standings = [Standing(each, link_to(asked, each), cost_of(asked, each)) for each in told]
    return Told("Success", standings)
