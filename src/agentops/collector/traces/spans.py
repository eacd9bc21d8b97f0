"""Spans as AgentOps 0.4 shows them."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from agentops.domain.events.times import timestamp_of
from agentops.domain.foreign import text
from agentops.domain.spans import MODEL_KINDS, SpanKind, SpanRecord, SpanStatus
from agentops.domain.v2.chat import chats_of

Attributes = dict[str, Any]

_CODES: Final[Mapping[SpanStatus, str]] = {
    SpanStatus.OK: "OK",
    SpanStatus.ERROR: "ERROR",
    SpanStatus.INTERRUPTED: "ERROR",
}
_TYPES: Final[Mapping[SpanKind, str]] = {
    SpanKind.LLM: "request",
    SpanKind.EMBEDDING: "request",
    SpanKind.AGENT: "agent",
    SpanKind.TOOL: "tool",
}
_LEVELS: Final = 16
"""How deep the names of attributes are taken apart at their dots."""


class BriefSpan(Struct, frozen=True, kw_only=True):
    """A span without its content; times are ISO 8601 in UTC, `duration` is in nanoseconds."""

    span_id: str
    parent_span_id: str | None
    span_name: str
    span_kind: str
    span_type: str
    service_name: str
    start_time: str
    end_time: str | None
    duration: int | None
    status_code: str
    status_message: str
    span_attributes: Attributes


class SpanDetail(BriefSpan, frozen=True, kw_only=True):
    """A span with all that is known of it; names of attributes are taken apart at their dots."""

    attributes: Attributes
    resource_attributes: Attributes
    event_timestamps: list[str]
    event_names: list[str]
    event_attributes: list[Attributes]
    link_trace_ids: list[str]
    link_span_ids: list[str]
    link_trace_states: list[str]
    link_attributes: list[Attributes]


def status_code(status: SpanStatus) -> str:
    """How a span ended, in OpenTelemetry's words."""
    return _CODES.get(status, "UNSET")


def brief_span(record: SpanRecord, session: str | None) -> BriefSpan:
    """A span without its content; `session` names its session. Of its attributes it has what it is."""
    return BriefSpan(
        **_brief(record, service_of(record, session)), span_attributes=nested({"agentops.span.kind": str(record.kind)})
    )


def span_detail(record: SpanRecord, session: str | None) -> SpanDetail:
    """A span with all that is known of it; `session` names its session."""
    service = service_of(record, session)
    return SpanDetail(
        **_brief(record, service),
        attributes={},
        resource_attributes=nested({"service.name": service}),
        span_attributes=nested(attributes_of(record)),
        event_timestamps=[timestamp_of(event.time) for event in record.events],
        event_names=[event.name for event in record.events],
        event_attributes=[event.attributes for event in record.events],
        link_trace_ids=[link.trace_id for link in record.links],
        link_span_ids=[link.span_id for link in record.links],
        link_trace_states=[""] * len(record.links),
        link_attributes=[{} for _ in record.links],
    )


def service_of(record: SpanRecord, session: str | None) -> str:
    """The service that a span is of: as OpenTelemetry has it, else its session."""
    return text(record.attributes, "service.name") or session or ""


def _brief(record: SpanRecord, service: str) -> Attributes:
    return {
        "span_id": record.span_id,
        "parent_span_id": record.parent_id,
        "span_name": record.name,
        "span_kind": "CLIENT" if record.kind in MODEL_KINDS else "INTERNAL",
        "span_type": _TYPES.get(record.kind, "other"),
        "service_name": service,
        "start_time": timestamp_of(record.start),
        "end_time": None if record.end is None else timestamp_of(record.end),
        "duration": None if record.end is None else max(0, record.end - record.start),
        "status_code": status_code(record.status),
        "status_message": "" if record.error is None else record.error.message,
    }


def attributes_of(record: SpanRecord) -> Attributes:
    """What a span knows, by the names that AgentOps 0.4 gives it; what is not known is absent."""
    found: Attributes = {
        "agentops.span.kind": str(record.kind),
        "agentops.entity.input": record.input,
        "agentops.entity.output": record.output,
        "agentops.event.type": record.event_type,
        "operation.name": record.name,
        "agent.id": record.agent_id,
        "agent.name": record.agent_name,
        "gen_ai.usage.total_cost": record.cost,
        **_call(record),
    }
    if record.kind is SpanKind.TOOL:
        found |= {"tool.name": record.name, "tool.parameters": record.input, "tool.result": record.output}
    if record.error is not None:
        found |= {"error.type": record.error.type, "error.message": record.error.message}
    return record.attributes | {name: value for name, value in found.items() if value is not None}


def _call(record: SpanRecord) -> Attributes:
    """What is known of a model call."""
    request, response = record.request, record.response
    found: Attributes = {}
    if request is not None:
        found |= {
            "gen_ai.system": request.provider or None,
            "gen_ai.operation.name": request.operation,
            "gen_ai.request.model": request.model,
            "gen_ai.request.streaming": request.stream or None,
            "gen_ai.prompt": [chat for message in request.messages for chat in chats_of(message)] or request.input,
            **{f"gen_ai.request.{name}": value for name, value in request.parameters.items()},
        }
    if response is not None:
        found |= {
            "gen_ai.response.model": response.model,
            "gen_ai.response.id": response.id,
            "gen_ai.response.finish_reason": response.finish_reasons[0] if response.finish_reasons else None,
            "gen_ai.completion": [chat for message in response.messages for chat in chats_of(message)] or None,
        }
    usage = None if response is None else response.usage
    if usage is not None:
        found |= {
            "gen_ai.usage.prompt_tokens": usage.input_total,
            "gen_ai.usage.completion_tokens": usage.output_total,
            "gen_ai.usage.total_tokens": usage.total,
            "gen_ai.usage.cache_read_input_tokens": usage.cache_read,
            "gen_ai.usage.cache_creation_input_tokens": usage.cache_write,
            "gen_ai.usage.reasoning_tokens": usage.reasoning,
        }
    return found


class Branch(dict[str, Any]):
    """A branch of a tree of attributes, which no attribute's own value is."""


def nested(attributes: Mapping[str, Any]) -> Attributes:
    """Attributes as a tree: names are taken apart at their dots, but for what would be both a branch and a value."""
    tree = Branch()
    for name, value in attributes.items():
        *branches, leaf = name.split(".", _LEVELS)
        node: Any = tree
        for branch in branches:
            node = node.setdefault(branch, Branch()) if isinstance(node, Branch) else None
        if isinstance(node, Branch) and not isinstance(node.get(leaf), Branch):
            node[leaf] = value
        else:
            tree[name] = value
    return tree
