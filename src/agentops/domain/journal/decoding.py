"""Frames back into records."""

from __future__ import annotations

import struct
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID, uuid5

import msgspec

from agentops.domain.genai import Request, Response
from agentops.domain.ids import session_id_from_bytes
from agentops.domain.journal.frames import END, END_HEAD, END_MORE_HEAD, PREFIX, START_HEAD, STATUSES, Extra, Template
from agentops.domain.semconv import LATE_ARGUMENTS
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

_decode_json = msgspec.json.Decoder().decode
_decode_request = msgspec.json.Decoder(Request).decode
_decode_response = msgspec.json.Decoder(Response).decode
_decode_extra = msgspec.json.Decoder(Extra).decode
_NO_ID: Final = bytes(8)
_TEMPLATES: Final = struct.Struct("<II")
_BEHIND_TEMPLATES: Final = struct.calcsize("<II16s8s8sq")
_UNKNOWN: Final = Template(id=0, name="unknown", kind=SpanKind.TASK)


@lru_cache(maxsize=1024)
def agent_id_of(session_id: str, name: str) -> str:
    """The id of the agent of this name in this session: the same in every process that takes part."""
    return str(uuid5(UUID(session_id), name))


def name_arguments(template: Template, data: Any) -> Any:
    """Recorded arguments by name: `[[positional], {keyword}]` becomes one object."""
    match data:
        case [[*positional], {**keyword}]:
            pass
        case _:  # cut to something else
            return data
    names = template.parameters or ()
    named = dict(zip(names, positional, strict=False))
    if len(positional) > len(names):
        named["*"] = positional[len(names) :]
    named.update(keyword)
    return named


def _read_input(template: Template, data: bytes) -> tuple[Any, Request | None]:
    if template.genai and data:
        with suppress(msgspec.MsgspecError, RecursionError):
            return None, _decode_request(data)
    value = _read_value(data)
    return (value if template.parameters is None else name_arguments(template, value)), None


def _read_value(data: bytes) -> Any:
    """A value that was recorded; where it is no JSON, how much there was of it."""
    if not data:
        return None
    try:
        return _decode_json(data)
    except (msgspec.MsgspecError, RecursionError):
        return {"$cut": len(data)}


class Beginning(NamedTuple):
    """How a span began: the frame, and what to add to its times to have Unix nanoseconds."""

    offset: int
    frame: bytes


def templates_of(frame: bytes) -> tuple[int, int]:
    """The numbers of the template of a START and of the template of its agent (0: none)."""
    return _TEMPLATES.unpack_from(frame, START_HEAD.size - _BEHIND_TEMPLATES)


def running_record(templates: Mapping[int, Template], beginning: Beginning) -> SpanRecord:
    """The record of a span of which only the beginning is known."""
    offset, frame = beginning
    _, _, _, number, agent, trace_id, span_id, parent_id, start = START_HEAD.unpack_from(frame)
    template = templates.get(number, _UNKNOWN)
    session_id = session_id_from_bytes(trace_id)
    value, request = _read_input(template, frame[START_HEAD.size :])
    agent_name = templates[agent].name if agent and agent in templates else None
    return SpanRecord(
        session_id=session_id,
        span_id=span_id.hex(),
        parent_id=None if parent_id == _NO_ID else parent_id.hex(),
        kind=template.kind,
        name=template.name,
        start=start + offset,
        status=SpanStatus.RUNNING,
        input=value,
        request=request,
        agent_id=None if agent_name is None else agent_id_of(session_id, agent_name),
        agent_name=agent_name,
        source=template.source,
        attributes=dict(template.attributes),
    )


def ended_record(templates: Mapping[int, Template], beginning: Beginning, offset: int, frame: bytes) -> SpanRecord:
    """The record of a span that ended, from how it began and how it ended.

    Raises:
        msgspec.DecodeError: if what it had more to say is not what it should be.
        struct.error: if a frame is too short.
        IndexError: if its status is none.
    """
    record = running_record(templates, beginning)
    template = templates.get(templates_of(beginning.frame)[0], _UNKNOWN)
    if frame[PREFIX.size] == END:
        _, _, _, status, _, end = END_HEAD.unpack_from(frame)
        output = frame[END_HEAD.size :]
    else:
        _, _, _, status, _, end, size = END_MORE_HEAD.unpack_from(frame)
        output = frame[END_MORE_HEAD.size : END_MORE_HEAD.size + size]
        _add(record, _decode_extra(frame[END_MORE_HEAD.size + size :]))
    record.end = end + offset
    if end + offset < record.start and offset != beginning.offset:  # the wall clock was set back meanwhile
        record.end = max(record.start, end + beginning.offset)
    record.status = STATUSES[status]
    _add_output(record, template, output)
    record.cost = record.cost or template.cost
    return record


def _add_output(record: SpanRecord, template: Template, output: bytes) -> None:
    if template.genai and output:
        with suppress(msgspec.MsgspecError, RecursionError):
            record.response = _decode_response(output)
            record.cost = record.cost or record.response.cost
            return
    record.output = _read_value(output)


def _add(record: SpanRecord, extra: Extra) -> None:
    record.kind = extra.kind or record.kind
    record.name = extra.name or record.name
    record.error = extra.error
    record.counted_error = extra.counted_error
    record.first_token = extra.first_token
    record.cost = extra.cost
    record.attributes.update(extra.attributes)
    if LATE_ARGUMENTS in record.attributes:
        record.input = _read_value(record.attributes.pop(LATE_ARGUMENTS).encode())
    record.events = extra.events
    record.links = extra.links
