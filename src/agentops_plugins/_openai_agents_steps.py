"""The steps that openai-agents traces, as our values: what each says when it begins and when it ends.

Kinds and fields: https://openai.github.io/openai-agents-python/ref/tracing/span_data/. Its `task` and `turn` repeat the
agents around and inside them, and `response` a call by OpenAI's own client.
"""

from collections.abc import Callable
from typing import Any, Final

from agentops.domain.foreign import at, loaded, plain, text
from agentops.domain.genai import AgentRequest, AgentResponse, Operation, Request, Response, ToolRequest, ToolResponse
from agentops.domain.handmade import usage_of
from agentops.domain.messages import messages_of
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import AnyRequest, AnyResponse

Asked = tuple[AnyRequest, SpanKind | None]

HIDDEN: Final = frozenset({"task", "turn", "response"})
"""What is told of elsewhere."""

_MODELS: Final = {
    "generation": Operation.CHAT,
    "transcription": Operation.TRANSCRIPTION,
    "speech": Operation.SPEECH,
}


def asked_of(data: Any) -> Asked:
    """What a step is, as far as that is known when it begins, and its kind where the request does not say."""
    return _ASKED.get(data.type, _custom)(data)


def answered_of(data: Any, error: Any) -> AnyResponse | None:
    """What came of a step; None where it does not say."""
    read = _ANSWERED.get(data.type)
    return None if read is None else read(data, error)


def _custom(data: Any) -> Asked:
    """A step of the program's own (`custom_span`), or of a kind that came later."""
    return AgentRequest(name=text(data, "name") or data.type, input=plain(at(data, "data"))), SpanKind.TASK


def _model(data: Any) -> Asked:
    asked = messages_of(plain(at(data, "input")), "user") if data.type == "generation" else []
    return Request(operation=_MODELS[data.type], provider="", model=text(data, "model"), messages=asked), None


_ASKED: Final[dict[str, Callable[[Any], Asked]]] = {
    "agent": lambda data: (AgentRequest(name=data.name), None),
    "function": lambda data: (ToolRequest(name=data.name), None),
    "guardrail": lambda data: (AgentRequest(name=data.name), SpanKind.GUARDRAIL),
    "handoff": lambda data: (AgentRequest(name="handoff", input={"from": text(data, "from_agent")}), SpanKind.TASK),
    "mcp_tools": lambda data: (AgentRequest(name=f"list tools of {text(data, 'server')}"), SpanKind.TASK),
    **dict.fromkeys(_MODELS, _model),
}


def _returned(data: Any, error: Any) -> AnyResponse:
    """What a tool gave back; what it was called with is told only now."""
    return ToolResponse(
        result=plain(at(data, "output")),
        arguments=loaded(at(data, "input")),
        error=text(error, "data", "error") or text(error, "message"),
    )


def _said(data: Any, error: Any) -> AnyResponse:
    messages = messages_of(plain(at(data, "output")), "assistant") if data.type == "generation" else []
    return Response(messages=messages, usage=usage_of(plain(at(data, "usage"))), error=text(error, "message"))


_ANSWERED: Final[dict[str, Callable[[Any, Any], AnyResponse]]] = {
    "function": _returned,
    "guardrail": lambda data, _error: AgentResponse(output={"triggered": at(data, "triggered") is True}),
    "handoff": lambda data, _error: AgentResponse(output={"to": text(data, "to_agent")}),
    "mcp_tools": lambda data, _error: AgentResponse(output=plain(at(data, "result"))),
    **dict.fromkeys(_MODELS, _said),
}
