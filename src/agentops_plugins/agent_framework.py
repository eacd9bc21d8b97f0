"""Observes `agent-framework`: agents, workflows and tools; its own spans for the same are left out.

https://learn.microsoft.com/agent-framework/.
"""

import weakref
from typing import Any, Final

from agentops.domain.foreign import at, objects, plain, text
from agentops.domain.genai import AgentResponse, Json, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Emission, Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._agent_framework_models import read_model
from agentops_plugins._agents import agent, tool


def _said(messages: Any) -> Json:
    if isinstance(messages, (list, tuple)):
        return [said for message in messages if (said := _said(message))]  # pyright: ignore[reportUnknownVariableType]
    found = text(messages, "text")
    return plain(messages) if found is None else found


def _returned(contents: Any) -> ToolResponse:
    found = objects(contents)
    return ToolResponse(result=_said(found[0] if len(found) == 1 else found or contents))


def _given(arguments: Arguments) -> Json:
    given = arguments.get("arguments")
    context = at(arguments.get("context"), "arguments")
    return plain(given if given is not None else context)


def _attend(stream: Any, run: Emission) -> bool:
    """A stream is driven from wherever the program reads or finishes it, and has hooks for both (one only in 1.0)."""
    if not hasattr(stream, "with_cleanup_hook"):
        return False
    seen = weakref.ref(stream)
    stream.with_cleanup_hook(lambda: _end(seen(), run))
    if hasattr(stream, "with_pull_context_manager"):
        stream.with_pull_context_manager(run.active)
    return True


def _end(stream: Any, run: Emission) -> None:
    error = at(stream, "_stream_error")
    if isinstance(error, BaseException):
        run.fail(error)
    else:
        run.finish(AgentResponse(output=_joined(objects(stream, "_updates")) or None))


def _joined(updates: list[Any]) -> str:
    return "".join(text(update, "text") or "" for update in updates)


_AGENT: Final = agent(
    asked=lambda arguments: _said(arguments.get("messages", 0)),
    answered=lambda response: text(response, "text"),
    attend=_attend,
)
_WORKFLOW: Final = agent(
    asked=lambda arguments: _said(arguments.get("message", 0)),
    answered=lambda result: [_said(at(event, "data")) for event in objects(result) if text(event, "type") == "output"],
    kind=SpanKind.WORKFLOW,
    attend=_attend,
)
_TOOL: Final = tool(
    name=lambda arguments: text(arguments.instance, "name"),
    given=_given,
    returned=_returned,
    call_id=lambda arguments: text(arguments.get("tool_call_id")),
)


INSTRUMENTATION: Final = Instrumentation(
    library="agent_framework",
    distribution="agent-framework-core",
    versions=">=1.0,<2",
    captures="agents, workflows, tools, models",
    targets=[
        Target(path="agent_framework._agents:Agent.run", reader=_AGENT),
        Target(path="agent_framework._workflows._workflow:Workflow.run", reader=_WORKFLOW),
        Target(path="agent_framework._tools:FunctionTool.invoke", reader=_TOOL),
        Target(path="agent_framework._clients:BaseChatClient.get_response", reader=read_model, fallback=True),
    ],
    native_scopes=("agent_framework",),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents and tools of `agent_framework`."""
    return INSTRUMENTATION
