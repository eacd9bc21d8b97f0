"""AgentOps 0.4: decorators and sessions under `agentops.`; its model calls are `gen_ai.` of older ages."""

from typing import Final

from agentops.domain.dialects.attributes import Attributes, first_text, words
from agentops.domain.dialects.reading import Dialect, Reading, Span
from agentops.domain.foreign import loaded, text
from agentops.domain.genai import Json
from agentops.domain.spans import KIND_OF, ErrorInfo, SpanKind

KINDS: Final = {word: kind for word, kind in KIND_OF.items() if word != SpanKind.UNKNOWN}
"""By `agentops.span.kind`. A model call that AgentOps saw in a library has none: `gen_ai.` tells it."""


def _read(span: Span) -> Reading:
    attributes = span.attributes
    written = (text(attributes.get("agentops.span.kind")) or "").lower()
    kind = KINDS.get(written)
    names = {SpanKind.TOOL: ("tool.name",), SpanKind.AGENT: ("agent.name",)}
    return Reading(
        about=kind,
        name=first_text(attributes, (*(names.get(kind, ()) if kind else ()), "operation.name", "agentops.entity.name")),
        input=_content(attributes, written, "input", "tool.parameters" if kind is SpanKind.TOOL else None),
        output=_content(attributes, written, "output", "tool.result" if kind is SpanKind.TOOL else None),
        error=_error(attributes),
        failed=text(attributes.get("tool.status")) == "failed",
        agent_id=text(attributes.get("agent.id")),
        agent_name=text(attributes.get("agent.name")),
        tags=words(attributes.get("agentops.tags")),
        end_state=text(attributes.get("agentops.session.end_state")),
    )


def _content(attributes: Attributes, kind: str, end: str, fallback: str | None) -> Json:
    for name in (f"agentops.{kind}.{end}", f"agentops.entity.{end}", fallback or ""):
        value = attributes.get(name)
        if value is not None:
            return loaded(value)
    return None


def _error(attributes: Attributes) -> ErrorInfo | None:
    if text(attributes.get("tool.status")) != "failed":
        return None
    return ErrorInfo(
        type=text(attributes.get("error.type")) or "tool_error", message=text(attributes.get("error.message")) or ""
    )


AGENTOPS: Final = Dialect(
    name="agentops 0.4",
    marks=("agentops.",),
    read=_read,
    takes=(
        "agentops.span.kind",
        "agentops.entity.",
        "agentops.tags",
        "agentops.session.end_state",
        "agentops.session.input",
        "agentops.session.output",
        *(f"agentops.{kind}.{end}" for kind in KINDS for end in ("input", "output")),
        "operation.name",
    ),
)
