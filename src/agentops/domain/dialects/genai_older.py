"""The GenAI semantic conventions as they were, and what grew beside them: OpenLLMetry's and AgentOps' numbered names.

Messages stand in numbered attributes (`gen_ai.prompt.0.role`), in events (`gen_ai.user.message`, `gen_ai.choice`,
https://github.com/open-telemetry/semantic-conventions/blob/v1.36.0/docs/gen-ai/gen-ai-events.md), or as JSON in
`gen_ai.content.prompt` events and `gen_ai.prompt` (before 1.28).
"""

from typing import Any, Final, cast

from agentops.domain.dialects.attributes import Attributes, first_text, nested, words
from agentops.domain.dialects.reading import Dialect, Reading, Span
from agentops.domain.foreign import at, loaded, text
from agentops.domain.genai import Message, Request, Response
from agentops.domain.messages import message_of, messages_of, tools_of
from agentops.domain.spans import SpanEvent, SpanKind

OPERATIONS: Final = {
    "chat": "chat",
    "completion": "text_completion",
    "embedding": "embeddings",
    "embeddings": "embeddings",
    "rerank": "rerank",
}
"""By `llm.request.type` and `gen_ai.request.type`."""

PROVIDERS: Final = {
    "az.ai.inference": "azure.ai.inference",
    "az.ai.openai": "azure.ai.openai",
    "vertex_ai": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "xai": "x_ai",
    "mistralai": "mistral_ai",
    "aws": "aws.bedrock",
}
"""Values of `gen_ai.system` that are called otherwise now; they come in any case (`OpenAI`)."""

_SPEAKERS: Final = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}


def provider_of(system: str | None) -> str:
    """The provider's name of today for one of any age; empty for none."""
    name = (system or "").strip().lower()
    return PROVIDERS.get(name, name)


def _read(span: Span) -> Reading:
    attributes = span.attributes
    operation = OPERATIONS.get((first_text(attributes, ("llm.request.type", "gen_ai.request.type")) or "").lower(), "")
    said, answered = _in_events(span)
    answered = answered or _numbered(span, "gen_ai.completion", "assistant")
    reasons = words(loaded(attributes.get("gen_ai.response.finish_reasons"))) or words(
        first_text(attributes, _FINISH_REASONS)
    )
    return Reading(
        about=_KINDS.get(operation),
        request=Request(
            operation=operation,
            provider=provider_of(text(attributes, "gen_ai.system")),
            messages=said or _numbered(span, "gen_ai.prompt", "user"),
            tools=_tools(attributes),
            model=first_text(attributes, ("gen_ai.request.model", "llm.request.model")),
        ),
        response=Response(
            messages=answered,
            finish_reasons=reasons or [each.finish_reason for each in answered if each.finish_reason],
        ),
    )


_KINDS: Final = {
    "chat": SpanKind.LLM,
    "text_completion": SpanKind.LLM,
    "embeddings": SpanKind.EMBEDDING,
    "rerank": SpanKind.RETRIEVAL,
}
_FINISH_REASONS: Final = (
    "gen_ai.response.finish_reason",
    "gen_ai.response.stop_reason",
    "llm.response.finish_reason",
    "llm.response.stop_reason",
)


def _numbered(span: Span, prefix: str, role: str) -> list[Message]:
    if prefix not in span.sections:
        return []
    attributes = span.attributes
    found = nested(attributes, prefix)
    return messages_of(found if isinstance(found, list) else attributes.get(prefix), role)


def _tools(attributes: Attributes) -> list[Any]:
    for prefix in ("llm.request.functions", "gen_ai.request.functions", "gen_ai.request.tools"):
        found = nested(attributes, prefix)
        if isinstance(found, list):
            return tools_of(cast("list[Any]", found))
    return []


def _in_events(span: Span) -> tuple[list[Message], list[Message]]:
    """What was said to the model and what it answered, as far as events tell."""
    said: list[Message] = []
    answered: list[Message] = []
    for event in span.events:
        role = _SPEAKERS.get(event.name)
        if role:
            said.append(_spoken(event, role))
        elif event.name == "gen_ai.choice":
            answered.append(_choice(event))
        elif event.name == "gen_ai.content.prompt":
            said += messages_of(event.attributes.get("gen_ai.prompt"), "user")
        elif event.name == "gen_ai.content.completion":
            answered += messages_of(event.attributes.get("gen_ai.completion"), "assistant")
    return said, answered


def _spoken(event: SpanEvent, role: str) -> Message:
    return message_of(_body(event), role)


def _choice(event: SpanEvent) -> Message:
    body = _body(event)
    message = loaded(at(body, "message"))
    inner = cast("dict[str, Any]", message) if isinstance(message, dict) else {"content": message}
    if at(body, "tool_calls") is not None:
        inner = {"tool_calls": body["tool_calls"], **inner}
    return message_of({"finish_reason": at(body, "finish_reason"), **inner}, "assistant")


def _body(event: SpanEvent) -> dict[str, Any]:
    return {name: loaded(value) if name in _STRUCTURED else value for name, value in event.attributes.items()}


_STRUCTURED: Final = frozenset({"message", "tool_calls"})

_ONLY_OLDER: Final = (
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.content.",
    "gen_ai.request.functions.",
    "gen_ai.request.tools.",
    "llm.request.",
    "llm.response.",
)
_ONLY_OLDER_NAMES: Final = frozenset(
    {"gen_ai.system", "gen_ai.request.type", "gen_ai.choice", *_SPEAKERS, *_FINISH_REASONS}
)


def _is_telling(name: str) -> bool:
    return name in _ONLY_OLDER_NAMES or name.startswith(_ONLY_OLDER)


GENAI_OLDER: Final = Dialect(
    name="gen_ai before 1.37",
    marks=("gen_ai.", "llm.request.", "llm.usage."),
    read=_read,
    is_telling=_is_telling,
    takes=("gen_ai.prompt", "gen_ai.completion"),
    takes_of_call=(
        "gen_ai.system",
        "gen_ai.response.finish_reason",
        "gen_ai.response.stop_reason",
        "llm.request.",
        "llm.response.finish_reason",
        "llm.response.stop_reason",
        "llm.usage.",
    ),
)
