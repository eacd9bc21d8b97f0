"""Observes `agent-framework`: agents, workflows and tools; its own spans for the same are left out.

A streamed run is told of by the library itself: its stream is driven from wherever the program reads or finishes it.
https://learn.microsoft.com/agent-framework/.
"""

from typing import Any, Final

from agentops.domain.foreign import at, flag, objects, plain, text
from agentops.domain.genai import Json, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._agents import agent, argument, tool


def _said(messages: Any) -> Json:
    if isinstance(messages, (list, tuple)):
        return [_said(message) for message in messages]  # pyright: ignore[reportUnknownVariableType]
    return text(messages) or text(messages, "text") or plain(messages)


def _returned(contents: Any) -> ToolResponse:
    found = objects(contents)
    return ToolResponse(result=_said(found[0] if len(found) == 1 else found or contents))


def _given(arguments: Arguments) -> Json:
    given = arguments.get("arguments")
    context = at(arguments.get("context"), "arguments")
    return plain(given if given is not None else context)


_AGENT: Final = agent(
    asked=lambda arguments: _said(arguments.get("messages", 0)), answered=lambda response: text(response, "text")
)
_WORKFLOW: Final = agent(
    asked=lambda arguments: _said(arguments.get("message", 0)),
    answered=lambda result: [_said(at(event, "data")) for event in objects(result) if text(event, "type") == "output"],
    kind=SpanKind.WORKFLOW,
)
_TOOL: Final = tool(
    name=lambda arguments: text(arguments.instance, "name"),
    given=_given,
    returned=_returned,
    call_id=lambda arguments: text(arguments.get("tool_call_id")),
)


def _whole(reader: Reader) -> Any:
    """The reader of runs that are not streamed."""
    return lambda arguments: None if flag(arguments.get("stream")) else reader


INSTRUMENTATION: Final = Instrumentation(
    library="agent_framework",
    distribution="agent-framework-core",
    versions=">=1.0,<2",
    captures="agents, workflows, tools",
    targets=[
        Target(path="agent_framework._agents:Agent.run", reader=_whole(_AGENT)),
        Target(path="agent_framework._workflows._workflow:Workflow.run", reader=_whole(_WORKFLOW)),
        Target(path="agent_framework._tools:FunctionTool.invoke", reader=_TOOL),
    ],
    native_scopes=("agent_framework",),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents and tools of `agent_framework`."""
    return INSTRUMENTATION
