"""OpenInference, as Phoenix and its instrumentors write it.

https://arize-ai.github.io/openinference/spec/attributes/semantic-conventions.html
"""

from typing import Any, Final, cast

from agentops.domain.dialects.attributes import Attributes, first_amount, first_text, nested, words
from agentops.domain.dialects.genai_older import provider_of
from agentops.domain.dialects.reading import Dialect, Reading, Span
from agentops.domain.dialects.usage import Names, usage_of
from agentops.domain.foreign import at, loaded, objects, text
from agentops.domain.genai import Message, Request, Response
from agentops.domain.messages import messages_of, tools_of
from agentops.domain.spans import MODEL_KINDS, SpanKind

KINDS: Final = {
    "LLM": SpanKind.LLM,
    "EMBEDDING": SpanKind.EMBEDDING,
    "CHAIN": SpanKind.TASK,
    "RETRIEVER": SpanKind.RETRIEVAL,
    "RERANKER": SpanKind.RETRIEVAL,
    "TOOL": SpanKind.TOOL,
    "AGENT": SpanKind.AGENT,
    "GUARDRAIL": SpanKind.GUARDRAIL,
    "EVALUATOR": SpanKind.TASK,
    "PROMPT": SpanKind.TASK,
    "DECISION": SpanKind.TASK,
}
"""By `openinference.span.kind`."""

USAGE: Final = Names(
    input=("llm.token_count.prompt",),
    output=("llm.token_count.completion",),
    cache_read=("llm.token_count.prompt_details.cache_read", "llm.token_count.prompt_details.cache_input"),
    cache_write=("llm.token_count.prompt_details.cache_write",),
    reasoning=("llm.token_count.completion_details.reasoning",),
)
"""The totals include their details."""

_MODELS: Final = ("llm.request.model_name", "llm.model_name", "embedding.model_name", "reranker.model_name")


def _read(span: Span) -> Reading:
    attributes = span.attributes
    kind = KINDS.get((text(attributes, "openinference.span.kind") or "").upper())
    agent = text(attributes, "agent.name")
    names = {SpanKind.TOOL: text(attributes, "tool.name"), SpanKind.AGENT: agent}
    given = loaded(attributes.get("input.value"))
    if kind is SpanKind.TOOL and given is None:
        given = loaded(attributes.get("tool.parameters"))
    output = _output(attributes)
    response = _response(attributes, span.scope)
    if kind in MODEL_KINDS:
        response.id = text(output, "id")  # the provider's answer as it is
    return Reading(
        about=kind,
        name=names.get(kind) if kind else None,
        request=_request(attributes, kind),
        response=response,
        input=given,
        output=output,
        cost=first_amount(attributes, ("llm.cost.total",)),
        agent_name=agent,
        session_id=text(attributes, "session.id"),
        tags=words(attributes.get("tag.tags")),
    )


def _request(attributes: Attributes, kind: SpanKind | None) -> Request:
    is_embedding = kind is SpanKind.EMBEDDING
    name = "embedding.invocation_parameters" if is_embedding else "llm.invocation_parameters"
    parameters = loaded(attributes.get(name))
    settings = cast("dict[str, Any]", parameters) if isinstance(parameters, dict) else {}
    return Request(
        operation="embeddings" if is_embedding else "chat" if kind is SpanKind.LLM else "",
        provider=provider_of(first_text(attributes, ("llm.provider", "llm.system"))),
        model=first_text(attributes, _MODELS) or text(settings, "model"),
        messages=_messages(attributes, "llm.input_messages", "user")
        or _texts(attributes, "llm.prompts", "prompt", "user"),
        tools=[tool for each in _listed(attributes, "llm.tools") for tool in tools_of([at(each, "tool") or each])],
        parameters={key: value for key, value in settings.items() if key not in ("model", "messages", "tools")},
        input=[found for each in _embeddings(attributes) if (found := text(each, "embedding", "text")) is not None]
        or None,
        stream=settings.get("stream") is True,
    )


def _response(attributes: Attributes, scope: str) -> Response:
    messages = _messages(attributes, "llm.output_messages", "assistant")
    return Response(
        model=first_text(attributes, ("llm.response.model_name",)),
        messages=messages or _texts(attributes, "llm.choices", "completion", "assistant"),
        finish_reasons=words(attributes.get("llm.finish_reason")),
        usage=usage_of(attributes, USAGE, scope),
    )


def _output(attributes: Attributes) -> Any:
    found = loaded(attributes.get("output.value"))
    return found if found is not None else nested(attributes, "retrieval.documents")


def _listed(attributes: Attributes, prefix: str) -> list[Any]:
    return objects(nested(attributes, prefix))


def _embeddings(attributes: Attributes) -> list[Any]:
    return _listed(attributes, "embedding.embeddings")


def _texts(attributes: Attributes, prefix: str, word: str, role: str) -> list[Message]:
    found = [text(each, word, "text") for each in _listed(attributes, prefix)]
    return [message for each in found if each for message in messages_of([{"content": each}], role)]


def _messages(attributes: Attributes, prefix: str, role: str) -> list[Message]:
    return messages_of([_bare(each) for each in _listed(attributes, prefix)], role)


def _bare(value: Any) -> dict[str, Any]:
    """A message without the word `message` around it, its contents likewise."""
    message = at(value, "message")
    bare: dict[str, Any] = dict(cast("dict[str, Any]", message)) if isinstance(message, dict) else {}
    contents = objects(bare, "contents")
    if contents:
        bare["contents"] = [at(part, "message_content") or part for part in contents]
    return bare


OPENINFERENCE: Final = Dialect(
    name="openinference",
    marks=("openinference.", "llm.token_count.", "llm.input_messages.", "llm.output_messages.", "llm.model_name"),
    read=_read,
    takes=(
        "openinference.span.kind",
        "input.value",
        "input.mime_type",
        "output.value",
        "output.mime_type",
        "retrieval.documents.",
        "tool.name",
        "tool.parameters",
        "tag.tags",
        "llm.input_messages.",
        "llm.output_messages.",
    ),
    takes_of_call=(
        "llm.token_count.",
        "llm.invocation_parameters",
        "llm.tools.",
        "llm.model_name",
        "llm.request.model_name",
        "llm.response.model_name",
        "llm.provider",
        "llm.system",
        "llm.finish_reason",
        "llm.prompts.",
        "llm.choices.",
        "embedding.",
    ),
)
