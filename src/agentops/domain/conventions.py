"""Records under the names of OpenTelemetry's GenAI semantic conventions, as they leave for other programs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from agentops.domain import semconv, wire
from agentops.domain.genai import Media, Message, Request, Response, ToolResult
from agentops.domain.spans import (
    MODEL_KINDS,
    ErrorInfo,
    LogRecord,
    LogSource,
    SpanEvent,
    SpanKind,
    SpanRecord,
    SpanStatus,
)

Attributes = dict[str, Any]

_FAILED: Final = frozenset({SpanStatus.ERROR, SpanStatus.INTERRUPTED})
_LARGEST: Final = 2**63 - 1


def span_name(record: SpanRecord) -> str:
    """The name that the conventions give a span: what is done, then to what."""
    request = record.request
    if record.kind in MODEL_KINDS and request is not None:
        return f"{request.operation} {request.model}" if request.model else request.operation
    operation = _OPERATIONS.get(record.kind)
    if operation is None or record.name.startswith(f"{operation} "):
        return record.name
    return f"{operation} {record.name}"


_OPERATIONS: Final[Mapping[SpanKind, str]] = {
    SpanKind.TOOL: semconv.EXECUTE_TOOL,
    SpanKind.AGENT: semconv.INVOKE_AGENT,
    SpanKind.WORKFLOW: semconv.INVOKE_WORKFLOW,
}


def attributes_of(record: SpanRecord) -> Attributes:
    """Everything a span knows, by the names of the conventions; what is not known is absent."""
    attributes: Attributes = {
        semconv.SPAN_KIND: record.kind.value,
        semconv.STATUS: record.status.value,
        semconv.SESSION_ID: record.session_id,
        semconv.CONVERSATION_ID: record.session_id,
        semconv.AGENT_ID: record.agent_id,
        semconv.AGENT_NAME: record.agent_name,
        semconv.EVENT_TYPE: record.event_type,
        semconv.COST: None if record.cost is None else float(record.cost),
        semconv.THREAD_NAME: record.thread,
    }
    attributes.update(_work(record))
    if record.request is not None:
        attributes.update(_asked(record.request))
    if record.response is not None:
        attributes.update(_answered(record.response))
    if record.first_token is not None:
        attributes[semconv.TIME_TO_FIRST_CHUNK] = max(0, record.first_token - record.start) / 1e9
    if record.error is not None:
        attributes[semconv.ERROR_TYPE] = record.error.type
        attributes[semconv.HTTP_STATUS] = record.error.status_code
    for name, value in record.attributes.items():
        attributes.setdefault(name, value)
    return {name: attribute_of(value) for name, value in attributes.items() if value is not None}


def _work(record: SpanRecord) -> Attributes:
    """What went in and came out of a span that is no model call."""
    if record.kind is SpanKind.TOOL:
        return {
            semconv.OPERATION: semconv.EXECUTE_TOOL,
            semconv.TOOL_NAME: record.name,
            semconv.TOOL_ARGUMENTS: _json(record.input),
            semconv.TOOL_RESULT: _json(record.output),
        }
    attributes = {
        semconv.OPERATION: _OPERATIONS.get(record.kind),
        semconv.ENTITY_NAME: record.name,
        semconv.ENTITY_INPUT: _json(record.input),
        semconv.ENTITY_OUTPUT: _json(record.output),
    }
    if record.kind is SpanKind.WORKFLOW:
        attributes[semconv.WORKFLOW_NAME] = record.name
    elif record.kind is SpanKind.SESSION:
        attributes[semconv.SESSION_NAME] = record.name
    return attributes


def _asked(request: Request) -> Attributes:
    attributes: Attributes = {
        semconv.OPERATION: request.operation,
        semconv.PROVIDER: request.provider,
        semconv.REQUEST_MODEL: request.model,
        semconv.REQUEST_STREAM: request.stream or None,
        semconv.SERVER_ADDRESS: request.server_address,
        semconv.INPUT_MESSAGES: _json(_messages(request.messages)),
        semconv.TOOL_DEFINITIONS: _json([_definition(tool) for tool in request.tools]),
        semconv.ENTITY_INPUT: _json(request.input),
    }
    for own, name in semconv.REQUEST_PARAMETERS.items():
        value = request.parameters.get(own)
        if value is not None:
            is_one = name in semconv.LIST_PARAMETERS and not isinstance(value, list)
            attributes[name] = [value] if is_one else value
    return attributes


def _answered(response: Response) -> Attributes:
    attributes: Attributes = {
        semconv.RESPONSE_ID: response.id,
        semconv.RESPONSE_MODEL: response.model,
        semconv.FINISH_REASONS: response.finish_reasons or None,
        semconv.OUTPUT_MESSAGES: _json(_messages(response.messages)),
        semconv.ENTITY_OUTPUT: _json(response.output),
    }
    usage = response.usage
    if usage is not None:
        attributes[semconv.INPUT_TOKENS] = usage.input_total
        attributes[semconv.OUTPUT_TOKENS] = usage.output_total
        attributes[semconv.CACHE_READ_TOKENS] = usage.cache_read
        attributes[semconv.REASONING_TOKENS] = usage.reasoning
        attributes.update(dict.fromkeys(semconv.CACHE_WRITE_TOKENS, usage.cache_write))
    return attributes


def _messages(messages: Iterable[Message]) -> list[Any]:
    """Messages in the form of the conventions' JSON schemas (gen-ai-input-messages.json)."""
    return [_plain(message, parts=[_part(part) for part in message.parts]) for message in messages]


def _part(part: object) -> Any:
    match part:
        case Media(uri=str()):
            return _plain(part, type="uri")
        case Media(file_id=str()):
            return _plain(part, type="file")
        case ToolResult(result=result):
            plain = _plain(part, response=result)
            plain.pop("result", None)
            return plain
        case _:
            return _plain(part)


def _plain(value: object, **changes: Any) -> dict[str, Any]:
    return {**wire.to_plain(value), **changes}


def _definition(tool: object) -> dict[str, Any]:
    plain = _plain(tool)
    return {"type": plain.pop("kind", "function"), **plain}


def _json(value: Any) -> str | None:
    """A value as JSON text; texts stay as they are, and nothing stays nothing."""
    if value is None or value == []:
        return None
    return value if isinstance(value, str) else wire.to_json(value).decode()


def attribute_of(value: Any) -> Any:
    """A value of the types that attributes have: scalars, lists of one kind of scalar, and JSON text for the rest."""
    if isinstance(value, bool | float | str):
        return value
    if isinstance(value, int):
        return value if -_LARGEST <= value <= _LARGEST else str(value)
    if isinstance(value, Sequence):
        items = cast("Sequence[object]", value)
        kinds = {type(item) for item in items}
        if len(kinds) == 1 and kinds <= {bool, int, float, str}:
            return list(items)
    return wire.to_json(value).decode()


def log_attributes_of(record: LogRecord) -> Attributes:
    """Everything a line knows besides its text, by the names of the conventions."""
    known: Attributes = {semconv.SESSION_ID: record.session_id}
    if record.source is not LogSource.LOGGING:
        known[semconv.LOG_STREAM] = record.source.value
    if record.error is not None:
        known.update(_exception(record.error))
    for name, value in record.attributes.items():
        known.setdefault(name, value)
    return {name: attribute_of(value) for name, value in known.items() if value is not None}


def events_of(record: SpanRecord) -> list[SpanEvent]:
    """What happened in a span, what went wrong in it included."""
    events = [
        SpanEvent(
            name=event.name,
            time=event.time,
            attributes={name: attribute_of(value) for name, value in event.attributes.items()},
        )
        for event in record.events
    ]
    if record.error is not None and not any(event.name == semconv.EXCEPTION for event in events):
        said = {name: value for name, value in _exception(record.error).items() if value is not None}
        events.append(SpanEvent(name=semconv.EXCEPTION, time=record.end or record.start, attributes=said))
    return events


def _exception(error: ErrorInfo) -> Attributes:
    return {
        semconv.EXCEPTION_TYPE: error.type,
        semconv.EXCEPTION_MESSAGE: error.message,
        semconv.EXCEPTION_STACKTRACE: error.stacktrace,
    }


def failure_of(record: SpanRecord) -> str | None:
    """Why a span failed; None if it did not."""
    if record.status not in _FAILED:
        return None
    return record.error.message if record.error else str(record.status)
