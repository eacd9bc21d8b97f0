"""The events of v2: the fields that the original has, in its names, and ours beside them."""

from typing import Any

from msgspec import Struct

from agentops.domain.genai import Json, Request, Response
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanKind, SpanLink, SpanStatus


class Rest(Struct, kw_only=True, omit_defaults=True):
    """What a record knows beyond the fields of its event; the fields are those of `SpanRecord`.

    `input` is there only where the event's `params` are something else: the parameters of a model call.
    """

    input: Json = None
    error: ErrorInfo | None = None
    counted_error: bool = False
    request: Request | None = None
    response: Response | None = None
    first_token: int | None = None
    cost: str | None = None
    agent_name: str | None = None
    event_type: str | None = None
    source: str = "agentops"
    attributes: dict[str, Any] | None = None
    events: list[SpanEvent] | None = None
    links: list[SpanLink] | None = None
    thread: str | None = None


class Event(Struct):
    """What all events have; on its own, an event of a type that v2 does not know.

    Attributes:
        id: a UUID, always the same for the same span: sending it again is sending it once.
        init_timestamp: ISO 8601 in UTC with microseconds, as is `end_timestamp`.
        params: what went in.
        returns: what came out.
        trace_id: the session's id as OpenTelemetry writes it, 32 hexadecimal digits.
        started: Unix nanoseconds, as is `ended`.
        span: what else the record knows; None for an error that repeats what the event of its span says.
    """

    id: str
    event_type: str
    init_timestamp: str
    end_timestamp: str
    params: Json
    returns: Json
    agent_id: str | None
    session_id: str
    name: str
    span_id: str
    parent_id: str | None
    trace_id: str
    kind: SpanKind
    status: SpanStatus
    started: int
    ended: int
    span: Rest | None


class Action(Event):
    """An event of type `actions`."""

    action_type: str | None
    logs: Json
    screenshot: str | None


class Llm(Event):
    """An event of type `llms`; `cost` is in USD, tokens are as the provider counts them."""

    thread_id: str | None
    prompt: Json
    prompt_tokens: int | None
    completion: Json
    completion_tokens: int | None
    cost: float | None
    model: str | None


class Tool(Event):
    """An event of type `tools`."""

    logs: Json
    tool_name: str | None


class Error(Event):
    """An event of type `errors`.

    The original declares `trigger_event_id`, `trigger_event_type` and `timestamp` and never sends them; `exception` and
    `trigger_event` are objects that it cannot serialise, of which "" remains.
    """

    trigger_event: str | None
    exception: None
    error_type: str | None
    code: str | None
    details: Json
    logs: Json
    trigger_event_id: str | None
    trigger_event_type: str | None
    timestamp: str
