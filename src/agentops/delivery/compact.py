"""Unread spans as events for a collector of ours, put together from the JSON that is in their frames already.

What is left out of the events of v2 is what their other fields say as well: times as text, the trace's id, empty
fields.
`domain.v2.read_event` reads them to the same record.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from agentops.delivery.api import Outgoing
from agentops.domain import wire
from agentops.domain.ids import session_id_from_bytes
from agentops.domain.v2.events import TYPES
from agentops.domain.v2.shapes import Rest
from agentops.recording.decoding import agent_id_of, name_arguments
from agentops.recording.frames import END_HEAD, START_HEAD, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops.delivery.unread import UnreadSpan
    from agentops.recording.frames import Template

_CONSTANT: Final = slice(12, 36)
"""Where in a START stand the template, that of the agent and the trace: what many spans have in common."""
_SPAN: Final = slice(36, 44)
_PARENT: Final = slice(44, 52)
_NO_PARENT: Final = bytes(8)
_START_TIME: Final = struct.Struct("<q")
_START_TIME_AT: Final = 52
_END_TIME_AT: Final = 20
_STATUS_AT: Final = 9
_HALF: Final = 18
"""Characters of a session's id with which the ids of its events begin."""
_FORMS_KEPT: Final = 4096

_UNFIT: Final = (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError)
_decode: Final = msgspec.json.Decoder().decode
_check: Final = msgspec.json.Decoder(msgspec.Raw).decode
_encode: Final = msgspec.json.Encoder().encode


class Form(NamedTuple):
    """What the spans of one function have in common in one session.

    Attributes:
        session_id: the session.
        event_type: of their events.
        agent: id and name of the agent inside which they ran.
        head: how their JSON begins, up to the event's id.
        template: their template.
    """

    session_id: str
    event_type: str
    agent: tuple[str, str] | None
    head: str
    template: Template


class Composer:
    """Makes events of the unread spans of one journal."""

    def __init__(self) -> None:
        self._forms: dict[bytes, Form] = {}

    def form_of(self, span: UnreadSpan) -> Form:
        """What a span has in common with others."""
        key = span.beginning.frame[_CONSTANT]
        form = self._forms.get(key)
        if form is None:
            if len(self._forms) >= _FORMS_KEPT:
                self._forms.clear()
            form = self._forms[key] = _form(span)
        return form

    def compose(self, span: UnreadSpan, form: Form) -> Outgoing | None:
        """The event of a span; None where there is something about it that only reading it tells."""
        beginning, ended = span.beginning.frame, span.frame
        started = _START_TIME.unpack_from(beginning, _START_TIME_AT)[0] + span.beginning.offset
        end = _START_TIME.unpack_from(ended, _END_TIME_AT)[0] + span.offset
        if ended[_STATUS_AT] or end < started:
            return None
        try:
            params = _arguments(form.template, beginning[START_HEAD.size :])
            returns = ended[END_HEAD.size :] or b"null"
            _check(returns)
        except _UNFIT:
            return None
        span_id = beginning[_SPAN].hex()
        event_id = f"{form.session_id[:_HALF]}-{span_id[:4]}-{span_id[4:]}"
        parent = beginning[_PARENT]
        above = "null" if parent == _NO_PARENT else f'"{parent.hex()}"'
        ids = f'{form.head}{event_id}","span_id":"{span_id}","parent_id":{above}'
        times = f'{ids},"started":{started},"ended":{end},"params":'
        body = b'%b%b,"returns":%b}' % (times.encode(), params, returns)
        return Outgoing(event_id, form.event_type, body)


def _form(span: UnreadSpan) -> Form:
    _, _, _, number, agent_number, trace_id, _, _, _ = START_HEAD.unpack_from(span.beginning.frame)
    template = span.templates[number]
    session_id = session_id_from_bytes(trace_id)
    agent: tuple[str, str] | None = None
    if agent_number and agent_number in span.templates:
        name = span.templates[agent_number].name
        agent = agent_id_of(session_id, name), name
    event_type = TYPES[template.kind]
    constant: Mapping[str, Any] = {
        "event_type": event_type,
        "session_id": session_id,
        "name": template.name,
        "kind": template.kind,
        "status": STATUSES[0],
        **({"agent_id": agent[0]} if agent else {}),
        "span": Rest(
            agent_name=agent[1] if agent else None,
            cost=template.cost,
            source=template.source,
            attributes=template.attributes or None,
        ),
    }
    head = wire.to_legible_json(constant).decode()
    return Form(session_id, event_type, agent, f'{head[:-1]},"id":"', template)


def _arguments(template: Template, data: bytes) -> bytes:
    """What went in, as JSON."""
    if not data:
        return b"null"
    if template.parameters is None:
        _check(data)
        return data
    value = _decode(data)
    positional, keyword = value
    names = template.parameters
    if keyword or len(positional) > len(names):
        return _encode(name_arguments(template, value))
    return _encode(dict(zip(names, positional, strict=False)))
