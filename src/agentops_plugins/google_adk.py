"""Observes `google-adk`: runners, agents and tools; its own spans for the same are left out.

A runner drives the root agent for one message, every agent runs in `BaseAgent.run_async`, and tools are called by one
function, which 2.0 moved. A model call is that of the client it goes through; where none is observed, it is what the
model of ADK answers: https://google.github.io/adk-docs/.
"""

from typing import Any, Final

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import Json, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._agents import agent, argument, tool
from agentops_plugins._google_adk_models import ANSWERS, read_call

_FLOWS: Final = "google.adk.flows.llm_flows"


def _said(content: Any) -> Json:
    """The texts of a `Content`."""
    return "".join(found for part in objects(content, "parts") if (found := text(part, "text"))) or None


def _asked(arguments: Arguments) -> Json:
    context = arguments.get("parent_context", 0)
    return _said(at(context, "user_content"))


def _answered(event: Any) -> Json:
    return _said(at(event, "content"))


def _returned(result: Any) -> ToolResponse:
    """A tool says by the key `error` that it failed."""
    return ToolResponse(result=result, error=text(result, "error"))


_RUN: Final = agent(
    asked=lambda arguments: _said(arguments.get("new_message")),
    answered=_answered,
    name=lambda runner: text(runner, "app_name"),
    kind=SpanKind.WORKFLOW,
)
_AGENT: Final = agent(asked=_asked, answered=_answered)
_TOOL: Final = tool(
    name=lambda arguments: text(arguments.get("tool", 0), "name"),
    given=argument("args", 1),
    returned=_returned,
    call_id=lambda arguments: text(arguments.get("tool_context", 2), "function_call_id"),
)

INSTRUMENTATION: Final = Instrumentation(
    library="google.adk",
    distribution="google-adk",
    versions=">=1.7,<3",
    captures="runners, agents, tools, models",
    targets=[
        Target(path="google.adk.runners:Runner.run_async", reader=_RUN),
        Target(path="google.adk.runners:Runner.run_live", reader=_RUN),
        Target(path="google.adk.agents.base_agent:BaseAgent.run_async", reader=_AGENT),
        Target(path="google.adk.agents.base_agent:BaseAgent.run_live", reader=_AGENT),
        Target(path=f"{_FLOWS}.base_llm_flow:BaseLlmFlow._run_and_handle_error", reader=ANSWERS, fallback=True),
        Target(path=f"{_FLOWS}.base_llm_flow:BaseLlmFlow._call_llm_async", reader=read_call, fallback=True),
        Target(path=f"{_FLOWS}.tools._caller:_call_tool_async", reader=_TOOL),
        Target(path=f"{_FLOWS}.tools._thread_pool:_call_tool_in_thread_pool", reader=_TOOL),
        Target(path=f"{_FLOWS}.functions:__call_tool_async", reader=_TOOL),
    ],
    native_scopes=("gcp.vertex.agent",),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents and tools of `google.adk`."""
    return INSTRUMENTATION
