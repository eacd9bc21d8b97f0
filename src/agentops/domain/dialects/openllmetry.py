"""OpenLLMetry (Traceloop): decorators and frameworks under `traceloop.`; its model calls are `gen_ai.` of older ages.

https://github.com/traceloop/openllmetry (`opentelemetry-semantic-conventions-ai`).
"""

from typing import Final

from agentops.domain.dialects.attributes import first_text, others
from agentops.domain.dialects.reading import Dialect, Reading, Span
from agentops.domain.foreign import flag, loaded, plain, text
from agentops.domain.genai import Request
from agentops.domain.spans import SpanKind

KINDS: Final = {
    "workflow": SpanKind.WORKFLOW,
    "task": SpanKind.TASK,
    "agent": SpanKind.AGENT,
    "tool": SpanKind.TOOL,
}
"""By `traceloop.span.kind`."""

_PARAMETERS: Final = {
    "llm.frequency_penalty": "frequency_penalty",
    "llm.presence_penalty": "presence_penalty",
    "llm.top_k": "top_k",
    "llm.chat.stop_sequences": "stop_sequences",
    "llm.user": "user",
}
_PROPERTIES: Final = "traceloop.association.properties"


def _read(span: Span) -> Reading:
    attributes = span.attributes
    kind = KINDS.get((text(attributes, "traceloop.span.kind") or "").lower())
    name = text(attributes, "traceloop.entity.name") if kind else None
    properties = others(attributes, _PROPERTIES, ())
    return Reading(
        about=kind,
        name=name,
        request=Request(
            operation="",
            provider="",
            stream=flag(attributes, "llm.is_streaming"),
            parameters={word: plain(attributes[key]) for key, word in _PARAMETERS.items() if key in attributes},
        ),
        input=loaded(attributes.get("traceloop.entity.input")),
        output=loaded(attributes.get("traceloop.entity.output")),
        agent_name=name if kind is SpanKind.AGENT else None,
        session_id=first_text(properties, ("session_id", "thread_id", "conversation_id")),
    )


OPENLLMETRY: Final = Dialect(
    name="openllmetry",
    marks=("traceloop.", "llm.request.type", "llm.usage.total_tokens", "llm.is_streaming"),
    read=_read,
    takes=("traceloop.span.kind", "traceloop.entity.name", "traceloop.entity.input", "traceloop.entity.output"),
    takes_of_call=("llm.is_streaming", *_PARAMETERS),
)
