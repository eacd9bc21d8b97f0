"""Records as the events of v2."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid5

from agentops.domain import wire
from agentops.domain.events.identities import id_of_span
from agentops.domain.events.times import timestamp_of
from agentops.domain.foreign import text
from agentops.domain.genai import Request
from agentops.domain.prices import amount_of
from agentops.domain.spans import ErrorInfo, SpanKind, SpanRecord, SpanStatus
from agentops.domain.v2.chat import completion_of, prompt_of
from agentops.domain.v2.shapes import Action, Error, Event, Llm, Rest, Tool

TYPES: Final[Mapping[SpanKind, str]] = {
    **{kind: kind.value for kind in SpanKind},
    SpanKind.LLM: "llms",
    SpanKind.EMBEDDING: "llms",
    SpanKind.TOOL: "tools",
    SpanKind.ACTION: "actions",
}
"""The type of the event that a span of each kind is."""

ERRORS: Final = "errors"
ERROR_SUFFIX: Final = "error"
"""The name by which the id of an error is made from that of the event it went wrong in (UUID version 5)."""

_LEAD: Final = "event."
"""Before the names of fields that only events have, among the attributes of their span."""
_SECOND: Final = 1_000_000_000


def encode_events(record: SpanRecord) -> Iterator[tuple[Event, bytes]]:
    """The events that an ended span is, each with its JSON."""
    for event in events_of(record):
        yield event, wire.to_legible_json(event)


def events_of(record: SpanRecord) -> list[Event]:
    """The event that a span is, and behind it the error that it counts; none for a span that is still running."""
    if record.status is SpanStatus.RUNNING:
        return []
    event_type = record.event_type or TYPES[record.kind]
    if event_type == ERRORS:
        return [_recorded_error(record, event_type)]
    make = _MAKERS.get(record.kind)
    event = Event(*_common(record, event_type)) if make is None else make(record, event_type)
    if record.error is None or not record.counted_error:
        return [event]
    return [event, _error_in(event, record, record.error)]


def event_id_of(record: SpanRecord) -> str:
    """The UUID of the event that a span is: the one it was recorded under, else made of its session and its own id."""
    known = text(record.attributes, f"{_LEAD}id") if record.attributes else None
    return known or id_of_span(record.session_id, record.span_id)


@lru_cache(maxsize=64)
def _until_second(seconds: int) -> str:
    return timestamp_of(seconds * _SECOND)[: -len("000000+00:00")]


def timestamp(moment: int) -> str:
    """Unix nanoseconds as ISO 8601 in UTC with microseconds."""
    seconds, nanoseconds = divmod(moment, _SECOND)
    return f"{_until_second(seconds)}{nanoseconds // 1000:06d}+00:00"


def _common(record: SpanRecord, event_type: str) -> tuple[Any, ...]:
    """The fields that all events have, in their order."""
    started, ended = record.start, record.start if record.end is None else record.end
    request = record.request
    return (
        event_id_of(record),
        event_type,
        timestamp(started),
        timestamp(ended),
        record.input if request is None or record.input is not None else _parameters(request),
        record.output,
        record.agent_id,
        record.session_id,
        record.name,
        record.span_id,
        record.parent_id,
        record.session_id.replace("-", ""),
        record.kind,
        record.status,
        started,
        ended,
        _rest(record),
    )


def _parameters(request: Request) -> dict[str, Any] | None:
    """The arguments of a model call but for its messages, as the original has them."""
    return {**({"model": request.model} if request.model else {}), **request.parameters} or None


def _rest(record: SpanRecord) -> Rest:
    return Rest(
        input=None if record.request is None else record.input,
        error=record.error,
        counted_error=record.counted_error,
        request=record.request,
        response=record.response,
        first_token=record.first_token,
        cost=record.cost,
        agent_name=record.agent_name,
        event_type=record.event_type,
        source=record.source,
        attributes=record.attributes or None,
        events=record.events or None,
        links=record.links or None,
        thread=record.thread,
    )


def _extra(record: SpanRecord, name: str) -> Any:
    """A field that only recorded events have."""
    return record.attributes.get(f"{_LEAD}{name}")


def _action(record: SpanRecord, event_type: str) -> Event:
    return Action(
        *_common(record, event_type),
        action_type=text(record.attributes, f"{_LEAD}action_type") or record.name,
        logs=_extra(record, "logs"),
        screenshot=text(record.attributes, f"{_LEAD}screenshot"),
    )


def _tool(record: SpanRecord, event_type: str) -> Event:
    return Tool(*_common(record, event_type), logs=_extra(record, "logs"), tool_name=record.name)


def _llm(record: SpanRecord, event_type: str) -> Event:
    request, response = record.request, record.response
    usage = None if response is None else response.usage
    cost = amount_of(record.cost)
    return Llm(
        *_common(record, event_type),
        thread_id=text(record.attributes, f"{_LEAD}thread_id"),
        prompt=prompt_of(request),
        prompt_tokens=usage.input_total if usage else None,
        completion=completion_of(response),
        completion_tokens=usage.output_total if usage else None,
        cost=None if cost is None else float(cost),
        model=(response and response.model) or (request and request.model),
    )


_MAKERS: Final[Mapping[SpanKind, Callable[[SpanRecord, str], Event]]] = {
    SpanKind.ACTION: _action,
    SpanKind.TOOL: _tool,
    SpanKind.LLM: _llm,
    SpanKind.EMBEDDING: _llm,
}


def _recorded_error(record: SpanRecord, event_type: str) -> Event:
    """An error event that was recorded by hand."""
    error = record.error or ErrorInfo(type="error")
    trigger = text(record.attributes, f"{_LEAD}trigger_event_id")
    return Error(
        *_common(record, event_type),
        trigger_event=None if trigger is None else "",
        exception=None,
        error_type=error.type,
        code=error.code,
        details=error.message or None,
        logs=error.stacktrace or _extra(record, "logs"),
        trigger_event_id=trigger,
        trigger_event_type=text(record.attributes, f"{_LEAD}trigger_event_type"),
        timestamp=timestamp(record.start),
    )


def _error_in(event: Event, record: SpanRecord, error: ErrorInfo) -> Event:
    """The error that a span counts, as an event of its own."""
    code = error.code or (None if error.status_code is None else str(error.status_code))
    return Error(
        id=str(uuid5(UUID(event.id), ERROR_SUFFIX)) if _is_uuid(event.id) else f"{event.id}-{ERROR_SUFFIX}",
        event_type=ERRORS,
        init_timestamp=event.end_timestamp,
        end_timestamp=event.end_timestamp,
        params=None,
        returns=None,
        agent_id=record.agent_id,
        session_id=record.session_id,
        name=record.name,
        span_id=record.span_id,
        parent_id=record.parent_id,
        trace_id=event.trace_id,
        kind=record.kind,
        status=record.status,
        started=event.ended,
        ended=event.ended,
        span=None,
        trigger_event="",
        exception=None,
        error_type=error.type,
        code=code,
        details=error.message or None,
        logs=error.stacktrace,
        trigger_event_id=event.id,
        trigger_event_type=event.event_type,
        timestamp=event.end_timestamp,
    )


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
