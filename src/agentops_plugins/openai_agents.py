"""Observes `openai-agents`: workflows, agents, tools, handoffs, guardrails, by its own tracing.

The library tells trace processors of everything that it does: https://openai.github.io/openai-agents-python/tracing/.
The one that exports to OpenAI stays. Model calls are what the plugin of the client says; spans of the library for those
are recorded only where no observed client made them. Its `task` and `turn` spans repeat the agents around and inside.
It is as long as it is because each of the eight kinds of steps says what it is at its beginning and at its end.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from agentops.domain import semconv
from agentops.domain.foreign import at, plain, text
from agentops.domain.genai import AgentRequest, AgentResponse, Operation, Request, Response, ToolRequest, ToolResponse
from agentops.domain.handmade import usage_of
from agentops.domain.messages import messages_of
from agentops.domain.spans import SpanKind
from agentops.instrumentation.callbacks.runs import Runs
from agentops.instrumentation.target import AnyRequest, AnyResponse, Bridge, Emitter
from agentops.plugins import hookimpl

_HIDDEN: Final = frozenset({"task", "turn", "response"})
"""What is told of elsewhere: a run of the agents, one round of an agent, and a call by OpenAI's own client."""

_MODELS: Final = {
    "generation": Operation.CHAT,
    "transcription": Operation.TRANSCRIPTION,
    "speech": Operation.SPEECH,
}


class Processor:
    """What the library tells of, as runs; also what it expects of a `TracingProcessor`."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._raised: dict[str, BaseException | None] = {}

    def on_trace_start(self, trace: Any) -> None:
        """A workflow begins."""
        said = {semconv.CONVERSATION_ID: text(trace, "group_id")}
        attributes = {name: value for name, value in said.items() if value}
        request = AgentRequest(name=text(trace, "name") or "Agent workflow", attributes=attributes)
        self._runs.open(trace.trace_id, None, request, kind=SpanKind.WORKFLOW, stays=True)

    def on_trace_end(self, trace: Any) -> None:
        """A workflow has ended."""
        self._runs.finish(trace.trace_id)

    def on_span_start(self, span: Any) -> None:
        """A step begins."""
        parent = text(span, "parent_id") or text(span, "trace_id")
        data = span.span_data
        if data.type in _HIDDEN:
            self._runs.hide(span.span_id, parent)
            return
        self._raised[span.span_id] = sys.exception()
        request, kind = _ASKED.get(data.type, _step)(data)
        self._runs.open(span.span_id, parent, request, kind=kind, stays=True)

    def on_span_end(self, span: Any) -> None:
        """A step has ended: well, with an exception that passes through it, or with an error that an agent was told."""
        around, raised = self._raised.pop(span.span_id, None), sys.exception()
        data = span.span_data
        response = _ANSWERED[data.type](data, at(span, "error")) if data.type in _ANSWERED else None
        if raised is not None and raised is not around and not isinstance(raised, GeneratorExit):
            self._runs.fail(span.span_id, raised, response if isinstance(response, Response) else None)
        else:
            self._runs.finish(span.span_id, response)

    def shutdown(self, timeout: float | None = None) -> None:
        """Nothing is held back."""

    def force_flush(self) -> None:
        """Nothing is held back."""


_Asked = tuple[AnyRequest, SpanKind | None]


def _step(data: Any) -> _Asked:
    """A step of the program's own (`custom_span`), or of a kind that came later."""
    return AgentRequest(name=text(data, "name") or data.type, input=plain(at(data, "data"))), SpanKind.TASK


def _model(data: Any) -> _Asked:
    asked = messages_of(plain(at(data, "input")), "user") if data.type == "generation" else []
    return Request(operation=_MODELS[data.type], provider="", model=text(data, "model"), messages=asked), None


_ASKED: Final[dict[str, Callable[[Any], _Asked]]] = {
    "agent": lambda data: (AgentRequest(name=data.name), None),
    "function": lambda data: (ToolRequest(name=data.name), None),
    "guardrail": lambda data: (AgentRequest(name=data.name), SpanKind.GUARDRAIL),
    "handoff": lambda data: (AgentRequest(name="handoff", input={"from": text(data, "from_agent")}), SpanKind.TASK),
    "mcp_tools": lambda data: (AgentRequest(name=f"list tools of {text(data, 'server')}"), SpanKind.TASK),
    **dict.fromkeys(_MODELS, _model),
}
"""What a step is, by the type of its data, as far as that is known when it begins."""


def _returned(data: Any, error: Any) -> AnyResponse:
    """What a tool gave back; what it was called with is told only now."""
    given = at(data, "input")
    return ToolResponse(
        result=plain(at(data, "output")),
        error=text(error, "data", "error") or text(error, "message"),
        attributes={} if given is None else {semconv.TOOL_ARGUMENTS: plain(given)},
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
"""What came of a step, from its data and its error."""


def install(emitter: Emitter) -> Callable[[], None]:
    """Take part in the library's tracing, also after the program chose other processors."""
    tracing: Any = import_module("agents.tracing")
    processor = type("AgentopsProcessor", (Processor, tracing.TracingProcessor), {})(Runs(emitter))
    tracing.add_trace_processor(processor)

    def uninstall() -> None:
        told: Any = at(tracing.get_trace_provider(), "_multi_processor")
        told.set_processors([each for each in told._processors if each is not processor])  # noqa: SLF001 - no way to ask

    return uninstall


BRIDGE: Final = Bridge(
    library="agents",
    module="agents.tracing",
    distribution="openai-agents",
    versions=">=0.2,<1",
    captures="workflows, agents, tools, handoffs, guardrails, MCP tool lists",
    install=install,
)


@hookimpl
def agentops_instrumentation() -> Bridge:
    """What this plugin observes."""
    return BRIDGE
