"""Observes `strands-agents`: agents, graphs, swarms and tools; its own spans for the same are left out.

Every way of calling an agent ends in `stream_async`, every tool in `ToolExecutor._stream` (1.0: `run_tool`). A model
call is that of the client it goes through; where none is observed, it is what `stream_messages` says, in the shape of
Bedrock's Converse: https://strandsagents.com/latest/documentation/docs/.
"""

from typing import Any, Final

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import Operation, Request, Response, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._agents import agent, argument, last, tool
from agentops_plugins._converse import CONVERSE


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


def _asked(arguments: Arguments) -> Request:
    model, tools = arguments.get("model", 0), objects(arguments.get("tool_specs", 3))
    asked = {
        "system": arguments.get("system_prompt", 1),
        "messages": arguments.get("messages", 2),
        "toolConfig": {"tools": [{"toolSpec": spec} for spec in tools]},
    }
    content = CONVERSE.read_content(asked, None)
    return Request(
        operation=Operation.CHAT,
        provider=type(model).__module__.rpartition(".")[2],
        model=text(model, "config", "model_id"),
        messages=content.messages,
        tools=content.tools,
        stream=True,
    )


def _stopped(event: Any) -> Response:
    """The last event: why it stopped, the message, and the tokens."""
    reason, message, usage = (at(event, "stop", position) for position in range(3))
    return CONVERSE.read_response({"stopReason": reason, "output": {"message": message}, "usage": usage})


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
_MODEL: Final = Reader(
    read_request=_asked,
    read_response=_stopped,
    fold=last,
    has_content=lambda event: at(event, "data") is not None or at(event, "callback", "data") is not None,
)

INSTRUMENTATION: Final = Instrumentation(
    library="strands",
    distribution="strands-agents",
    versions=">=1.0,<2",
    captures="agents, graphs, swarms, tools, models",
    targets=[
        Target(path="strands.agent.agent:Agent.stream_async", reader=_AGENT),
        *(
            Target(path=f"strands.multiagent.{team}.{method}", reader=reader)
            for team in ("graph:Graph", "swarm:Swarm")
            for method, reader in (("stream_async", _TEAM), ("invoke_async", _team))
        ),
        Target(path="strands.tools.executors._executor:ToolExecutor._stream", reader=_TOOL),
        Target(path="strands.event_loop.event_loop:run_tool", reader=_TOOL),
        Target(path="strands.event_loop.streaming:stream_messages", reader=_MODEL, fallback=True),
    ],
    native_scopes=("strands.telemetry.tracer",),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents and tools of `strands`."""
    return INSTRUMENTATION
