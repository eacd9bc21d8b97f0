"""Frames back into records."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID, uuid5

import msgspec

from agentops.domain.genai import Request, Response
from agentops.domain.ids import session_id_from_bytes
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.recording.frames import END, END_HEAD, END_MORE_HEAD, PREFIX, START_HEAD, STATUSES, Extra, Template

if TYPE_CHECKING:
    from collections.abc import Mapping

_decode_json = msgspec.json.Decoder().decode
_decode_request = msgspec.json.Decoder(Request).decode
_decode_response = msgspec.json.Decoder(Response).decode
_decode_extra = msgspec.json.Decoder(Extra).decode
_NO_ID: Final = bytes(8)
_UNKNOWN: Final = Template(id=0, name="unknown", kind=SpanKind.TASK)


@lru_cache(maxsize=1024)
def agent_id_of(session_id: str, name: str) -> str:
    """The id of the agent of this name in this session: the same in every process that takes part."""
    return str(uuid5(UUID(session_id), name))


def name_arguments(template: Template, data: Any) -> Any:
    """Recorded arguments by name: `[[positional], {keyword}]` becomes one object."""
    positional, keyword = data
    names = template.parameters or ()
    named = dict(zip(names, positional, strict=False))
    if len(positional) > len(names):
        named["*"] = positional[len(names) :]
    named.update(keyword)
    return named


def _read(template: Template, data: bytes) -> tuple[Any, Request | None]:
    if not data:
        return None, None
    if template.genai:
        return None, _decode_request(data)
    value = _decode_json(data)
    return (value if template.parameters is None else name_arguments(template, value)), None


class Beginning(NamedTuple):
    """How a span began: the frame, and what to add to its times to have Unix nanoseconds."""

    offset: int
    frame: bytes


def running_record(templates: Mapping[int, Template], beginning: Beginning) -> SpanRecord:
    """The record of a span of which only the beginning is known.

    Raises:
        msgspec.DecodeError: if the frame is not what it should be.
        struct.error: likewise.
    """
    offset, frame = beginning
    _, _, _, number, agent, trace_id, span_id, parent_id, start = START_HEAD.unpack_from(frame)
    template = templates.get(number, _UNKNOWN)
    session_id = session_id_from_bytes(trace_id)
    value, request = _read(template, frame[START_HEAD.size :])
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
        msgspec.DecodeError: if a frame is not what it should be.
        struct.error: likewise.
    """
    record = running_record(templates, beginning)
    template = templates.get(START_HEAD.unpack_from(beginning.frame)[3], _UNKNOWN)
    if frame[PREFIX.size] == END:
        _, _, _, status, _, end = END_HEAD.unpack_from(frame)
        output = frame[END_HEAD.size :]
    else:
        _, _, _, status, _, end, size = END_MORE_HEAD.unpack_from(frame)
        output = frame[END_MORE_HEAD.size : END_MORE_HEAD.size + size]
        _add(record, _decode_extra(frame[END_MORE_HEAD.size + size :]))
    record.end = end + offset
    record.status = STATUSES[status]
    if output and template.genai:
        record.response = _decode_response(output)
        record.cost = record.cost or record.response.cost
    elif output:
        record.output = _decode_json(output)
    record.cost = record.cost or template.cost
    return record


def _add(record: SpanRecord, extra: Extra) -> None:
    record.kind = extra.kind or record.kind
    record.name = extra.name or record.name
    record.error = extra.error
    record.counted_error = extra.counted_error
    record.first_token = extra.first_token
    record.cost = extra.cost
    record.attributes.update(extra.attributes)
    record.events = extra.events
    record.links = extra.links
