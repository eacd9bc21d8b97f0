"""Observes `browser_use`: its agents, and the actions that they take as tools; models are seen below."""

from typing import Any, Final

from agentops.domain.foreign import at, text
from agentops.domain.genai import AgentRequest, AgentResponse, ToolRequest, ToolResponse
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._calls import brief


def _read_task(arguments: Arguments) -> AgentRequest:
    agent = arguments.instance
    return AgentRequest(name="browser_use.Agent", id=text(agent, "id"), input=text(agent, "task"))


def _read_history(history: Any) -> AgentResponse:
    """What the last action of the last step gave."""
    return AgentResponse(output=text(history, "history", -1, "result", -1, "extracted_content"))


def _read_action(arguments: Arguments) -> ToolRequest:
    """Secrets stand as their names in the parameters, and are put in where the action is taken."""
    name = text(arguments.get("action_name", 0)) or "action"
    return ToolRequest(name=name, arguments=brief(arguments.get("params", 1)))


def _read_outcome(outcome: Any) -> ToolResponse:
    content = at(outcome, "extracted_content")
    return ToolResponse(result=brief(outcome if content is None else content), error=text(outcome, "error"))


RUN: Final = Reader(read_request=_read_task, read_response=_read_history)
ACTION: Final = Reader(read_request=_read_action, read_response=_read_outcome)

INSTRUMENTATION: Final = Instrumentation(
    library="browser_use",
    distribution="browser-use",
    versions=">=0.5,<0.14",
    captures="agents, actions",
    targets=[
        Target(path="browser_use.agent.service:Agent.run", reader=RUN),
        Target(path="browser_use.tools.registry.service:Registry.execute_action", reader=ACTION),
        Target(path="browser_use.controller.registry.service:Registry.execute_action", reader=ACTION),  # until 0.7
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `browser_use`."""
    return INSTRUMENTATION
