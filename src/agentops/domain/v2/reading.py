"""The JSON of v2 as records, from our own client and from everybody else's.

Foreign clients send `""` for what they cannot serialise, ids that are no UUIDs, and some fields under the names of the
REST documentation (`event_id`, `type`, `input`, `output`); all of that is understood. Unknown keys are passed over.
"""

import hashlib
from collections.abc import Mapping
from time import time_ns
from typing import Any, Final, cast
from uuid import UUID, uuid5

import msgspec

from agentops.domain import wire
from agentops.domain.events import records as handmade
from agentops.domain.events.times import moment_of
from agentops.domain.foreign import is_plain, plain, text
from agentops.domain.spans import AgentRecord, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.domain.states import EndState, SessionState
from agentops.domain.v2.shapes import Rest

_SINGULAR: Final = {"llm": "llms", "action": "actions", "tool": "tools", "error": "errors", "api": "apis"}
"""The types of events in the REST documentation."""

_SEVERAL: Final = frozenset({"attributes", "events", "links"})
_REST_FIELDS: Final = tuple(name for name in Rest.__struct_fields__ if name not in {"input", *_SEVERAL})
_NAMESPACE: Final = UUID("00000000-0000-0000-0000-000000000000")


class Received(msgspec.Struct):
    """The fields of an event that our own client sends, whatever its type."""

    session_id: str
    span_id: str
    kind: SpanKind
    status: SpanStatus
    started: int
    ended: int
    span: Rest | None = None
    name: str = ""
    parent_id: str | None = None
    agent_id: str | None = None
    params: Any = None
    returns: Any = None


def read_events(body: bytes | str) -> list[SpanRecord]:
    """The spans in a create_events request that names the session of each event.

    Raises:
        ValueError: if it is no such request; `msgspec.DecodeError` is one.
    """
    found: Any = msgspec.json.decode(body)
    events: Any = found.get("events") if isinstance(found, dict) else found  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON
    if not isinstance(events, list):
        raise ValueError('expected {"events": [...]}')  # noqa: TRY004 - one error for every wrong body
    records = (read_event(event) for event in cast("list[Any]", events))
    return [record for record in records if record is not None]


def read_event(event: Any, session_id: str | None = None) -> SpanRecord | None:
    """The span that an event is; None for an error that the event of its span tells of as well.

    Args:
        event: the JSON of the event, read.
        session_id: the session of the token it came with, for events that name none.

    Raises:
        ValueError: if it is no event, with what is wrong.
    """
    if not isinstance(event, dict):
        raise ValueError("an event is an object")  # noqa: TRY004 - one error for every wrong event
    fields = cast("dict[str, Any]", event)
    if "span" in fields and fields.get("span_id") and fields.get("kind"):
        received = msgspec.convert({"session_id": session_id, **fields}, Received)
        return None if received.span is None else _record(received, received.span)
    return _foreign(fields, session_id)


def _record(event: Received, rest: Rest) -> SpanRecord:
    return SpanRecord(
        session_id=event.session_id,
        span_id=event.span_id,
        parent_id=event.parent_id,
        kind=event.kind,
        name=event.name,
        start=event.started,
        end=event.ended,
        status=event.status,
        input=event.params if rest.request is None else rest.input,
        output=event.returns,
        agent_id=event.agent_id,
        attributes=rest.attributes or {},
        events=rest.events or [],
        links=rest.links or [],
        **{name: getattr(rest, name) for name in _REST_FIELDS},
    )


def _foreign(fields: Mapping[str, Any], session_id: str | None) -> SpanRecord:
    """The span of an event of a client that knows no spans."""
    said = _word(fields, "event_type", "type")
    session = _word(fields, "session_id") or session_id
    if not said or not session:
        raise ValueError("an event has an event_type and a session_id")
    event_type = _SINGULAR.get(said, said)
    own = {name: _given(fields, name) for name in _OWN.get(event_type, ())}
    if event_type == "tools":
        own["name"] = own["name"] or _word(fields, "tool_name")
    given = {
        "params": _given(fields, "params", "input"),
        "returns": _given(fields, "returns", "output"),
        "agent_id": _word(fields, "agent_id"),
        **own,
    }
    told = {name: value if is_plain(value) else plain(value) for name, value in given.items() if value is not None}
    told["event_type"] = event_type
    told["id"] = _word(fields, "id", "event_id") or _id_of(told, session)
    record = handmade.read_fields(event_type, told, session, *_times(fields))
    for name in ("trigger_event_id", "trigger_event_type") if event_type == "errors" else ():
        if _word(fields, name):
            record.attributes[f"event.{name}"] = _word(fields, name)
    return record


def _id_of(told: Mapping[str, Any], session_id: str) -> str:
    """The id of an event that comes without one: the same whenever it is sent."""
    return hashlib.blake2b(wire.to_legible_json([session_id, told]), digest_size=16).hexdigest()


_OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "llms": ("thread_id", "prompt", "prompt_tokens", "completion", "completion_tokens", "cost", "model"),
    "tools": ("name", "logs"),
    "actions": ("action_type", "logs", "screenshot"),
    "errors": ("error_type", "code", "details", "logs"),
}


def _given(fields: Mapping[str, Any], *names: str) -> Any:
    """The first of these fields that says something."""
    for name in names:
        value = fields.get(name)
        if value is not None and value != "":
            return value
    return None


def _word(fields: Mapping[str, Any], *names: str) -> str | None:
    """The first of these fields that is a text with something in it."""
    for name in names:
        value = fields.get(name)
        if type(value) is str and value:
            return value
    return None


def _times(fields: Mapping[str, Any]) -> tuple[int, int]:
    """When it began and ended, Unix nanoseconds; an error may have one time only."""
    began = _word(fields, "init_timestamp", "timestamp", "end_timestamp")
    start = time_ns() if began is None else moment_of(began)
    ended = _word(fields, "end_timestamp")
    return start, start if ended is None or ended is began else moment_of(ended)


def read_session(body: Any) -> SessionRecord:
    """The session that somebody announced or changed.

    A session that has an end and yet runs is one whose counts somebody asked for: it has not ended.

    Raises:
        ValueError: if it has no id, or something of it is not what it should be.
    """
    fields: Any = cast("Any", body).get("session", body) if isinstance(body, dict) else None
    if not isinstance(fields, dict):
        raise ValueError("expected a session")  # noqa: TRY004 - one error for every wrong body
    session = cast("dict[str, Any]", fields)
    identity = text(session, "session_id") or text(session, "id")
    if not identity:
        raise ValueError("a session has a session_id")
    host_env = session.get("host_env")
    if isinstance(session.get("record"), dict):
        record = msgspec.convert(session["record"], SessionRecord)
        record.host_env = cast("dict[str, Any]", host_env) if isinstance(host_env, dict) else None
        return record
    record = SessionRecord(session_id=identity, video=text(session, "video"))
    began, ended = text(session, "init_timestamp"), text(session, "end_timestamp")
    record.start = 0 if not began else moment_of(began)
    tags = session.get("tags")
    if isinstance(tags, list):
        record.tags = [str(tag) for tag in cast("list[Any]", tags)]
    record.host_env = cast("dict[str, Any]", host_env) if isinstance(host_env, dict) else None
    if ended and session.get("is_running") is not True:
        state = _end_state(session.get("end_state"))
        record.end, record.end_state, record.state = moment_of(ended), state.value, str(state.state)
        record.end_state_reason = text(session, "end_state_reason") or None
    else:
        record.state = str(SessionState.RUNNING)
    return record


def _end_state(value: Any) -> EndState:
    """How a session went; words that nobody knows say nothing."""
    try:
        return EndState.of(value)
    except ValueError:
        return EndState.INDETERMINATE


def read_agent(body: Any) -> AgentRecord:
    """The agent that somebody made known; without an id, one is made of its name.

    Raises:
        ValueError: if it has no id and no name.
    """
    name, identity = text(body, "name") or "", text(body, "id") or ""
    if not name and not identity:
        raise ValueError("an agent has an id and a name")
    return AgentRecord(id=identity or str(uuid5(_NAMESPACE, name)), name=name or identity)
