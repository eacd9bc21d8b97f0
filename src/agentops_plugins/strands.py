"""Observes `strands-agents`: agents, graphs, swarms and tools; its own spans for the same are left out.

Every way of calling an agent ends in `stream_async`, every tool in `ToolExecutor._stream` (1.0: `run_tool`). The models
are called through clients that are observed by themselves: https://strandsagents.com/latest/documentation/docs/.
"""

from typing import Any, Final

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._agents import agent, argument, tool


def _returned(event: Any) -> ToolResponse:
    """The last event of a tool: the result itself in 1.0, an event that holds it from then on."""
    result = at(event, "tool_result") or event
    content = at(result, "content")
    if text(result, "status") == "error":
        return ToolResponse(result=content, error=text(content, 0, "text") or "the tool failed")
    return ToolResponse(result=content)


def _answered(event: Any) -> str:
    """The texts of the message that the last event holds."""
    content = objects(event, "result", "message", "content")
    return "".join(found for block in content if (found := text(block, "text")))


def _team(arguments: Arguments) -> Reader | None:
    """`invoke_async` goes through `stream_async`, where there is one."""
    return None if hasattr(arguments.instance, "stream_async") else _TEAM


_AGENT: Final = agent(asked=argument("prompt", 0), answered=_answered)
_TEAM: Final = agent(
    asked=argument("task", 0),
    answered=lambda result: str(at(result, "status") or at(result, "result", "status") or ""),
    name=lambda team: type(team).__name__,
    kind=SpanKind.WORKFLOW,
)
_TOOL: Final = tool(
    name=lambda arguments: text(arguments.get("tool_use", 1), "name"),
    given=lambda arguments: at(arguments.get("tool_use", 1), "input"),
    returned=_returned,
    call_id=lambda arguments: text(arguments.get("tool_use", 1), "toolUseId"),
)

INSTRUMENTATION: Final = Instrumentation(
    library="strands",
    distribution="strands-agents",
    versions=">=1.0,<2",
    captures="agents, graphs, swarms, tools",
    targets=[
        Target(path="strands.agent.agent:Agent.stream_async", reader=_AGENT),
        *(
            Target(path=f"strands.multiagent.{team}.{method}", reader=reader)
            for team in ("graph:Graph", "swarm:Swarm")
            for method, reader in (("stream_async", _TEAM), ("invoke_async", _team))
        ),
        Target(path="strands.tools.executors._executor:ToolExecutor._stream", reader=_TOOL),
        Target(path="strands.event_loop.event_loop:run_tool", reader=_TOOL),
    ],
    native_scopes=("strands.telemetry.tracer",),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents and tools of `strands`."""
    return INSTRUMENTATION
