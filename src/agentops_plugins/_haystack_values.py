"""What Haystack tells its tracer, as our values.

Operations and tags: https://docs.haystack.deepset.ai/docs/tracing
"""

from typing import Any, Final

from agentops.domain.foreign import at, objects, plain, text
from agentops.domain.genai import (
    AgentRequest,
    AgentResponse,
    Message,
    Operation,
    Part,
    Request,
    Response,
    Text,
    ToolCall,
    ToolRequest,
    ToolResponse,
)
from agentops.domain.handmade import usage_of
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import AnyRequest, AnyResponse, Arguments

PIPELINES: Final = frozenset({"haystack.pipeline.run", "haystack.async_pipeline.run"})
COMPONENT: Final = "haystack.component.run"
AGENT: Final = "haystack.agent.run"
MODELS: Final = frozenset({"haystack.agent.step.llm", "haystack.chat_generator.run"})
"""Operations in which a model is asked that is no component of a pipeline."""


def asked(operation: str, tags: Any, inputs: Any) -> tuple[AnyRequest, SpanKind | None] | None:
    """What begins, and the kind of it where the request does not say; None for what is no step of its own."""
    kind = text(tags, "haystack.component.type") or ""
    name = text(tags, "haystack.component.name") or kind
    if operation in PIPELINES:
        name = text(tags, "haystack.pipeline.metadata", "name") or "Pipeline"
        return AgentRequest(name=name, input=plain(at(tags, "haystack.pipeline.input_data"))), SpanKind.WORKFLOW
    if operation in MODELS or (operation == COMPONENT and kind.endswith("Generator")):
        return _model_asked(kind, inputs), None
    if operation == AGENT:
        return AgentRequest(name="Agent", input=plain(inputs)), None
    if operation != COMPONENT:
        return None
    if "Embedder" in kind:
        given = at(inputs, "text") or at(inputs, "documents")
        return Request(operation=Operation.EMBEDDINGS, provider=_provider(kind), input=plain(given)), None
    return AgentRequest(name=name, input=plain(inputs)), _kind_of(kind)


def _kind_of(kind: str) -> SpanKind:
    if kind == "Agent":
        return SpanKind.AGENT
    return SpanKind.RETRIEVAL if kind.endswith("Retriever") else SpanKind.TASK


def _provider(kind: str) -> str:
    """Who is asked by a component: `OpenAIChatGenerator` says it by its name."""
    for ending in ("ChatGenerator", "Generator", "TextEmbedder", "DocumentEmbedder"):
        kind = kind.removesuffix(ending)
    return kind.lower()


def _model_asked(kind: str, inputs: Any) -> Request:
    prompt = text(inputs, "prompt")
    return Request(
        operation=Operation.TEXT_COMPLETION if prompt is not None else Operation.CHAT,
        provider=_provider(kind),
        messages=[Message("user", [Text(prompt)])] if prompt else [_message(m) for m in objects(inputs, "messages")],
    )


def _message(value: Any) -> Message:
    if isinstance(value, str):
        return Message("assistant", [Text(value)])
    parts: list[Part] = []
    for each in objects(value, "_content"):
        if (said := text(each, "text")) is not None:
            parts.append(Text(said))
        elif (name := text(each, "tool_name")) is not None:
            parts.append(ToolCall(name, plain(at(each, "arguments")), text(each, "id")))
    return Message(text(value, "_role") or "user", parts, finish_reason=text(value, "_meta", "finish_reason"))


def answered(request: AnyRequest, output: Any) -> AnyResponse:
    """What came of it: of a model its replies, with the tokens that it took."""
    if not isinstance(request, Request):
        return AgentResponse(output=plain(output))
    replies = objects(output, "replies")
    told = at(replies[0], "_meta") if replies and not isinstance(replies[0], str) else at(output, "meta")
    told = at(told, 0) if isinstance(told, list) else told
    usage = at(told, "usage")
    return Response(
        model=text(told, "model"),
        messages=[_message(reply) for reply in replies],
        usage=None if usage is None else usage_of(plain(usage)),
    )


def read_tool(arguments: Arguments) -> ToolRequest:
    """A tool and what it is called with."""
    return ToolRequest(name=text(arguments.instance, "name") or "tool", arguments=plain(arguments.kwargs))


def read_result(result: Any) -> ToolResponse:
    """What a tool gave back."""
    return ToolResponse(result=plain(result))
