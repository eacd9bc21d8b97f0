"""Events as spans, and spans as events."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import to_builtins

from agentops.domain.events.classes import ActionEvent, ErrorEvent, Event, EventType, LLMEvent, ToolEvent
from agentops.domain.events.identities import id_of_span, span_id_of
from agentops.domain.events.times import moment_of, timestamp_of
from agentops.domain.foreign import count, plain, text
from agentops.domain.genai import Message, Request, Response, Text, Usage
from agentops.domain.messages import messages_of
from agentops.domain.prices import amount_of
from agentops.domain.spans import MODEL_KINDS, ErrorInfo, SpanKind, SpanRecord, SpanStatus

KINDS: Final[Mapping[str, SpanKind]] = {
    EventType.LLM: SpanKind.LLM,
    EventType.TOOL: SpanKind.TOOL,
    EventType.ACTION: SpanKind.ACTION,
    EventType.ERROR: SpanKind.ACTION,
}
"""By type of event; events of other types are tasks, which are not counted. An error is no action: it is counted by
its type."""

_LEAD: Final = "event."
"""Before the names of fields that only events have, among the attributes of their span."""

_ELSEWHERE: Final = frozenset(
    {
        *Event.__dataclass_fields__,
        *("prompt", "prompt_tokens", "completion", "completion_tokens", "cost", "model"),
        *("trigger_event", "exception", "error_type", "code", "details", "name"),
    }
) - {"id"}


def record_of(event: Event, session_id: str, *, at: int | None = None) -> SpanRecord:
    """The span that a recorded event is; an event that has not ended, ends `at` (Unix nanoseconds), else now.

    Raises:
        TypeError: if it is no event.
        ValueError: if one of its times is none.
    """
    if not isinstance(event, Event):  # pyright: ignore[reportUnnecessaryIsInstance] - users pass anything
        raise TypeError(f"record takes an event such as ActionEvent(...), not {type(event).__name__}")
    start = moment_of(event.init_timestamp)
    now = time.time_ns() if at is None else at
    end = now if event.end_timestamp is None else moment_of(event.end_timestamp)
    told = {name: plain(value) for name, value in vars(event).items() if value is not None and name not in _OBJECTS}
    told |= {"id": str(event.id), "event_type": _word(event.event_type) or ""}
    record = read_fields(_shape_of(event), told, session_id, start, end)
    trigger = event.trigger_event if isinstance(event, ErrorEvent) else None
    if isinstance(trigger, Event):
        record.attributes |= {
            f"{_LEAD}trigger_event_id": trigger.id,
            f"{_LEAD}trigger_event_type": trigger.event_type,
        }
    return record


_OBJECTS: Final = frozenset({"trigger_event", "exception"})


def _shape_of(event: Event) -> str:
    """The type of which an event has the fields; it may call itself otherwise."""
    return next((shape for kind, shape in _SHAPES if isinstance(event, kind)), "")


_SHAPES: Final[tuple[tuple[type[Event], str], ...]] = (
    (LLMEvent, EventType.LLM),
    (ToolEvent, EventType.TOOL),
    (ActionEvent, EventType.ACTION),
    (ErrorEvent, EventType.ERROR),
)


def read_fields(shape: str, told: Mapping[str, Any], session_id: str, start: int, end: int) -> SpanRecord:
    """The span that an event is, of its fields as JSON; what does not stand in them is not known.

    Args:
        shape: the type of which it has the fields.
        told: its fields, `id` and `event_type` among them.
        session_id: its session.
        start: Unix nanoseconds, like `end`.
        end: no earlier than the start is what is kept.
    """
    event_type: str = told["event_type"]
    record = SpanRecord(
        session_id=session_id,
        span_id=span_id_of(told["id"]),
        kind=KINDS.get(event_type, SpanKind.TASK),
        name=event_type,
        start=start,
        end=max(start, end),
        input=told.get("params"),
        output=told.get("returns"),
        agent_id=_word(told.get("agent_id")),
        event_type=event_type,
        attributes={f"{_LEAD}{name}": value for name, value in told.items() if name not in _ELSEWHERE},
    )
    add = _DETAILS.get(shape)
    if add is not None:
        add(record, told)
    if event_type == EventType.ERROR:
        record.status, record.counted_error = SpanStatus.ERROR, True
        record.error = record.error or ErrorInfo(type="error")
    return record


def _add_call(record: SpanRecord, told: Mapping[str, Any]) -> None:
    model = _word(told.get("model"))
    record.name = f"chat {model}" if model else "chat"
    asked = _messages(told.get("prompt"), "user")
    record.request = Request(operation="chat", provider="", model=model, messages=asked)
    tokens = (count(told.get("prompt_tokens")), count(told.get("completion_tokens")))
    record.response = Response(
        model=model,
        messages=_messages(told.get("completion"), "assistant"),
        usage=None if tokens == (None, None) else Usage(input=tokens[0], output=tokens[1]),
    )
    cost = amount_of(told.get("cost"))
    record.cost = None if cost is None else f"{cost:f}"


def _add_tool(record: SpanRecord, told: Mapping[str, Any]) -> None:
    record.name = _word(told.get("name")) or record.name


def _add_action(record: SpanRecord, told: Mapping[str, Any]) -> None:
    record.name = _word(told.get("action_type")) or record.name


def _add_error(record: SpanRecord, told: Mapping[str, Any]) -> None:
    kind, code = _word(told.get("error_type")), told.get("code")
    record.name = kind or record.name
    record.error = ErrorInfo(
        type=kind or "error",
        message=_word(told.get("details")) or "",
        code=None if code is None else str(code),
        stacktrace=text(told.get("logs")),
    )
    if record.error.stacktrace is not None:
        record.attributes.pop(f"{_LEAD}logs", None)


_DETAILS: Final[Mapping[str, Callable[[SpanRecord, Mapping[str, Any]], None]]] = {
    EventType.LLM: _add_call,
    EventType.TOOL: _add_tool,
    EventType.ACTION: _add_action,
    EventType.ERROR: _add_error,
}
"""What the fields of each type add."""


def _word(value: Any) -> str | None:
    """A name as plain text, whatever kind of text, enum or number the program has for it."""
    if value is None or type(value) is str:
        return value
    found = plain(value)
    return found if found is None or isinstance(found, str) else str(found)


def event_of(record: SpanRecord) -> Event | None:
    """What a finished span means to users: a call of a model or a tool, an action, an error, or an event of their own.

    None for a span that is still running, and for sessions, agents and other spans that hold others.
    """
    if record.status is SpanStatus.RUNNING or (record.kind not in _TYPES and record.event_type is None):
        return None
    common: dict[str, Any] = {
        "event_type": record.event_type or _TYPES.get(record.kind),
        "params": record.input,
        "returns": record.output,
        "init_timestamp": timestamp_of(record.start),
        "end_timestamp": timestamp_of(record.start if record.end is None else record.end),
        "agent_id": record.agent_id,
        "id": text(record.attributes, f"{_LEAD}id") or id_of_span(record.session_id, record.span_id),
        "session_id": record.session_id,
    }
    if record.event_type == EventType.ERROR:
        return _error_event(record, common)
    if record.kind in MODEL_KINDS:
        return _llm_event(record, common)
    extras: dict[str, Any] = {
        name: record.attributes.get(f"{_LEAD}{name}") for name in ("logs", "screenshot", "action_type")
    }
    if record.kind is SpanKind.TOOL:
        return ToolEvent(**common, name=record.name, logs=extras["logs"])
    if record.kind is SpanKind.ACTION:
        extras["action_type"] = extras["action_type"] or record.name
        return ActionEvent(**common, **extras)
    return Event(**common)


_TYPES: Final[Mapping[SpanKind, str]] = {
    SpanKind.LLM: EventType.LLM,
    SpanKind.EMBEDDING: EventType.LLM,
    SpanKind.TOOL: EventType.TOOL,
    SpanKind.ACTION: EventType.ACTION,
}


def _llm_event(record: SpanRecord, common: dict[str, Any]) -> LLMEvent:
    request, response = record.request, record.response
    usage = response.usage if response else None
    cost = amount_of(record.cost)
    answers = [_chat(message) for message in response.messages] if response else []
    return LLMEvent(
        **common,
        thread_id=text(record.attributes, f"{_LEAD}thread_id"),
        prompt=[_chat(message) for message in request.messages] if request else None,
        prompt_tokens=usage.input_total if usage else None,
        completion=answers[0] if len(answers) == 1 else answers or None,
        completion_tokens=usage.output_total if usage else None,
        cost=None if cost is None else float(cost),
        model=(response and response.model) or (request and request.model),
    )


def _error_event(record: SpanRecord, common: dict[str, Any]) -> ErrorEvent:
    error = record.error or ErrorInfo(type="error")
    event = ErrorEvent(**common, error_type=error.type, code=error.code, details=error.message or None)
    event.logs = error.stacktrace
    return event


def _messages(value: Any, role: str) -> list[Message]:
    return [Message(role, [Text(value)])] if isinstance(value, str) else messages_of(value, role)


def _chat(message: Message) -> dict[str, Any]:
    """A message as chats have it: its text, or its parts where it is more than text."""
    is_text = all(isinstance(part, Text) for part in message.parts)
    return {"role": message.role, "content": message.text if is_text else to_builtins(message.parts)}
