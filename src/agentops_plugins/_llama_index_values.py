"""What LlamaIndex tells its dispatcher, as our values.

A span of it is one call of a method; what the method is says the family of the class that it belongs to.
https://developers.llamaindex.ai/python/framework/module_guides/observability/instrumentation
"""

from typing import Any, Final

from agentops.domain.foreign import at, objects, plain, text
from agentops.domain.genai import (
    AgentRequest,
    AgentResponse,
    Message,
    Operation,
    Request,
    Response,
    Text,
    ToolCall,
    ToolRequest,
    ToolResponse,
)
from agentops.domain.handmade import usage_of
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import AnyRequest, AnyResponse

_CHATS: Final = frozenset({"chat", "achat", "stream_chat", "astream_chat"})
_COMPLETIONS: Final = frozenset({"complete", "acomplete", "stream_complete", "astream_complete"})
_STEPS: Final[tuple[tuple[str, frozenset[str], SpanKind], ...]] = (
    ("BaseRetriever", frozenset({"retrieve", "aretrieve"}), SpanKind.RETRIEVAL),
    ("BaseQueryEngine", frozenset({"query", "aquery"}), SpanKind.WORKFLOW),
    ("BaseAgent", _CHATS, SpanKind.AGENT),
    ("BaseChatEngine", _CHATS, SpanKind.WORKFLOW),
    ("BaseSynthesizer", frozenset({"synthesize", "asynthesize"}), SpanKind.TASK),
    ("BaseNodePostprocessor", frozenset({"postprocess_nodes", "apostprocess_nodes"}), SpanKind.TASK),
    ("IngestionPipeline", frozenset({"run", "arun"}), SpanKind.WORKFLOW),
    ("BaseWorkflowAgent", frozenset({"run"}), SpanKind.AGENT),
    ("Workflow", frozenset({"run"}), SpanKind.WORKFLOW),
)
"""Families of classes, those of their methods that are steps, and the kind of these."""
_PLUMBING: Final = frozenset({"init_run", "setup_agent", "parse_agent_output", "call_tool", "aggregate_tool_results"})
"""Steps of the workflow that every agent is."""
_AGENT_STEP: Final = "run_agent_step"
_SUFFIX: Final = 37
"""The length of the hyphen and the UUID at the end of a span's id."""

Asked = tuple[AnyRequest, SpanKind | None]


def asked(span_id: str, instance: Any, arguments: dict[str, Any]) -> Asked | None:
    """What a call is, and the kind of it where the request does not say; None for what is no step of its own."""
    owner, _, method = span_id[:-_SUFFIX].rpartition(".")
    families = {kind.__name__ for kind in type(instance).__mro__}
    if "BaseLLM" in families:
        return _model_asked(instance, method, arguments)
    if "BaseEmbedding" in families:
        return _embedding_asked(instance, method, arguments)
    if "BaseTool" in families:
        given = arguments.get("kwargs") or arguments.get("args") or arguments
        return ToolRequest(name=text(instance, "metadata", "name") or owner, arguments=plain(given)), None
    if "ev" in arguments:
        return _step(owner, method, arguments["ev"])
    kind = next((kind for family, methods, kind in _STEPS if family in families and method in methods), None)
    if kind is None:
        return None
    name = text(instance, "name") if kind is SpanKind.AGENT else None
    return AgentRequest(name=name or type(instance).__name__, input=plain(_given(arguments))), kind


def _given(arguments: dict[str, Any]) -> Any:
    """The one argument that says what is asked, or all of them."""
    event = arguments.get("start_event")
    said = at(event, "user_msg") if event is not None else arguments.get("str_or_query_bundle")
    return (text(said, "query_str") or said) if said is not None else arguments.get("kwargs") or arguments


def _step(owner: str, method: str, event: Any) -> Asked | None:
    """A step of a workflow; of several agents, the one whose turn it is."""
    agent = text(event, "current_agent_name")
    if method == _AGENT_STEP and agent is not None and owner == "AgentWorkflow":
        return AgentRequest(name=agent, input=plain(at(event, "input"))), SpanKind.AGENT
    if method in _PLUMBING or method.startswith("_"):
        return None
    return AgentRequest(name=method, input=plain(event)), SpanKind.TASK


def _model_asked(model: Any, method: str, arguments: dict[str, Any]) -> Asked | None:
    if method not in _CHATS | _COMPLETIONS:
        return None
    prompt = text(arguments, "prompt") or (text(arguments, "args", 0) if method in _COMPLETIONS else None)
    messages = [_message(each) for each in objects(arguments, "messages")]
    request = Request(
        operation=Operation.CHAT if method in _CHATS else Operation.TEXT_COMPLETION,
        provider=type(model).__name__.lower(),
        model=text(model, "model") or text(model, "metadata", "model_name"),
        messages=messages or ([Message("user", [Text(prompt)])] if prompt else []),
        stream="stream" in method,
    )
    return request, None


def _embedding_asked(model: Any, method: str, arguments: dict[str, Any]) -> Asked | None:
    if method.startswith("_") or "embedding" not in method:
        return None
    given = plain([value for value in arguments.values() if isinstance(value, (str, list))])
    name = text(model, "model_name")
    return Request(operation=Operation.EMBEDDINGS, provider=type(model).__name__.lower(), model=name, input=given), None


def _message(value: Any) -> Message:
    message = Message(text(value, "role") or "user")
    for block in objects(value, "blocks"):
        if (said := text(block, "text")) is not None:
            message.parts.append(Text(said))
        elif (name := text(block, "tool_name")) is not None:
            message.parts.append(ToolCall(name, plain(at(block, "tool_kwargs")), text(block, "tool_call_id")))
    return message


def answered(request: AnyRequest, result: Any) -> AnyResponse:
    """What came of a call; of a model, what the provider itself said of it, where LlamaIndex keeps that."""
    if isinstance(request, ToolRequest):
        is_error = at(result, "is_error") is True
        output = plain(at(result, "raw_output"))
        return ToolResponse(result=output, error=text(result, "content") if is_error else None)
    if not isinstance(request, Request):
        output = at(result, "result")
        return AgentResponse(output=plain(result if output is None else output))
    raw, said = at(result, "raw"), at(result, "message")
    usage = at(raw, "usage")
    answer = _message(said) if said is not None else Message("assistant", [Text(text(result, "text") or "")])
    return Response(
        id=text(raw, "id"),
        model=text(raw, "model"),
        messages=[answer] if result is not None else [],
        usage=None if usage is None else usage_of(plain(usage)),
    )
