"""Vercel's AI SDK: what its spans say under `ai.`, beside older names of the conventions.

https://ai-sdk.dev/docs/ai-sdk-core/telemetry, versions 4 and 5.
"""

from typing import Any, Final, cast

from agentops.domain.dialects.attributes import Attributes, first_text, words
from agentops.domain.dialects.reading import Dialect, Reading, Span
from agentops.domain.dialects.usage import Names, usage_of
from agentops.domain.foreign import at, loaded, number, objects, text
from agentops.domain.genai import Message, Request, Response
from agentops.domain.messages import message_of, tools_of
from agentops.domain.spans import SpanKind

KINDS: Final = {
    "doGenerate": SpanKind.LLM,
    "doStream": SpanKind.LLM,
    "doEmbed": SpanKind.EMBEDDING,
    "toolCall": SpanKind.TOOL,
}
"""By the last word of `ai.operationId`; what is around these is a task."""

PROVIDERS: Final = {
    "amazon-bedrock": "aws.bedrock",
    "azure": "azure.ai.openai",
    "azure-openai": "azure.ai.openai",
    "google": "gcp.gemini",
    "mistral": "mistral_ai",
    "xai": "x_ai",
}
"""By the first word of `ai.model.provider` (`openai.chat`), where the conventions have another."""

USAGE: Final = Names(
    input=("ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens"),
    output=("ai.usage.outputTokens", "ai.usage.completionTokens"),
    cache_read=("ai.usage.cachedInputTokens",),
    reasoning=("ai.usage.reasoningTokens",),
)
_WAITS: Final = ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk")
"""In milliseconds."""


def _read(span: Span) -> Reading:
    attributes = span.attributes
    operation = (text(attributes, "ai.operationId") or span.name).rpartition(".")[2]
    found = Reading(
        about=KINDS.get(operation, SpanKind.TASK),
        session_id=text(attributes, "ai.telemetry.metadata.sessionId"),
        tags=words(attributes.get("ai.telemetry.metadata.tags")),
    )
    if found.about is SpanKind.TOOL:
        found.name = text(attributes, "ai.toolCall.name")
        found.input = loaded(first_text(attributes, ("ai.toolCall.args", "ai.toolCall.input")))
        found.output = loaded(first_text(attributes, ("ai.toolCall.result", "ai.toolCall.output")))
    elif found.about is SpanKind.TASK:
        found.input = loaded(attributes.get("ai.prompt"))
        found.output = loaded(first_text(attributes, ("ai.response.text", "ai.response.object")))
    else:
        found.request = _request(attributes, is_stream=operation == "doStream")
        found.response = _response(attributes, span.scope)
        wait = next((wait for name in _WAITS if (wait := number(attributes, name)) is not None), None)
        found.first_token_after = None if wait is None else wait / 1e3
    return found


def _request(attributes: Attributes, *, is_stream: bool) -> Request:
    provider = (text(attributes, "ai.model.provider") or "").lower().partition(".")[0]
    return Request(
        operation="",
        provider=PROVIDERS.get(provider, provider),
        model=text(attributes, "ai.model.id"),
        messages=[_message(each) for each in objects(loaded(attributes.get("ai.prompt.messages")))],
        tools=tools_of(attributes.get("ai.prompt.tools")),
        input=_embedded(attributes) or None,
        stream=is_stream,
    )


def _embedded(attributes: Attributes) -> list[str]:
    """The texts of an embedding call, each of which is written as JSON."""
    values = (attributes.get("ai.value"), *objects(attributes.get("ai.values")))
    return [found for each in values if isinstance(found := loaded(each), str)]


def _response(attributes: Attributes, scope: str) -> Response:
    said = first_text(attributes, ("ai.response.text", "ai.response.object"))
    parts: list[Any] = [{"type": "text", "text": said}] if said else []
    parts += [_call(each) for each in objects(loaded(attributes.get("ai.response.toolCalls")))]
    reason = text(attributes, "ai.response.finishReason")
    return Response(
        id=text(attributes, "ai.response.id"),
        model=text(attributes, "ai.response.model"),
        messages=[message_of({"parts": parts}, "assistant")] if parts else [],
        finish_reasons=[reason.replace("-", "_")] if reason else [],
        usage=usage_of(attributes, USAGE, scope),
    )


def _message(value: Any) -> Message:
    content = at(value, "content")
    parts = [_part(part) for part in cast("list[Any]", content)] if isinstance(content, list) else content
    return message_of({"role": text(value, "role"), "content": parts}, "user")


def _part(value: Any) -> Any:
    kind = text(value, "type")
    if kind == "tool-call":
        return _call(value)
    if kind != "tool-result":
        return value
    result = at(value, "output", "value")
    return {
        "type": "tool_call_response",
        "id": text(value, "toolCallId"),
        "name": text(value, "toolName"),
        "result": at(value, "result") if result is None else result,
    }


def _call(value: Any) -> dict[str, Any]:
    arguments = at(value, "input")
    return {
        "type": "tool_call",
        "id": text(value, "toolCallId"),
        "name": text(value, "toolName"),
        "arguments": at(value, "args") if arguments is None else arguments,
    }


VERCEL: Final = Dialect(
    name="vercel ai",
    marks=("ai.operationId", "ai.toolCall.", "ai.model.id"),
    read=_read,
    takes=("ai.prompt", "ai.response.text", "ai.response.object", "ai.response.toolCalls", "ai.toolCall."),
    takes_of_call=(
        "ai.model.",
        "ai.usage.",
        "ai.response.id",
        "ai.response.model",
        "ai.response.finishReason",
        "ai.value",
    ),
)
