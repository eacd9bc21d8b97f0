"""Observes `autogen-agentchat`: agents, teams and tools; the spans of its runtime for the same are left out.

An agent runs by itself (`run`, `run_stream`) or in a team, where a container hands it the messages. A model call is
that of the client it goes through; where none is observed, it is what the model of an `AssistantAgent` answers:
https://microsoft.github.io/autogen/stable/user-guide/agentchat-user-guide/.
"""

from typing import Any, Final

from agentops.domain.foreign import at, objects, plain, text
from agentops.domain.genai import Json, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._agents import agent, argument, tool
from agentops_plugins._autogen_models import CALL


def _answered(result: Any) -> Json:
    """The last message of a `TaskResult`."""
    messages = objects(result, "messages")
    return _said(messages[-1]) if messages else None


def _said(message: Any) -> Json:
    return text(message, "content") or plain(at(message, "content"))


def _asked(arguments: Arguments) -> Json:
    """What the others said since the agent's last turn."""
    return [{"source": text(said, "source"), "content": _said(said)} for said in _waiting(arguments)]


def _waiting(arguments: Arguments) -> list[Any]:
    return objects(arguments.instance, "_message_buffer")


_RUN: Final = agent(asked=argument("task"), answered=_answered)
_TURN: Final = agent(
    asked=_asked, answered=lambda _nothing: None, who=lambda arguments: at(arguments.instance, "_agent")
)
_TEAM: Final = agent(asked=argument("task"), answered=_answered, kind=SpanKind.WORKFLOW)
_TOOL: Final = tool(
    name=lambda arguments: text(arguments.instance, "name"),
    given=argument("args", 0),
    returned=lambda result: ToolResponse(result=result),
    call_id=lambda arguments: text(arguments.get("call_id", 2)),
)

INSTRUMENTATION: Final = Instrumentation(
    library="autogen_agentchat",
    distribution="autogen-agentchat",
    versions=">=0.4.9,<0.8",
    captures="agents, teams, tools, models",
    targets=[
        Target(path="autogen_agentchat.agents._base_chat_agent:BaseChatAgent.run", reader=_RUN),
        Target(path="autogen_agentchat.agents._base_chat_agent:BaseChatAgent.run_stream", reader=_RUN),
        Target(
            path="autogen_agentchat.teams._group_chat._chat_agent_container:ChatAgentContainer.handle_request",
            reader=_TURN,
        ),
        Target(path="autogen_agentchat.teams._group_chat._base_group_chat:BaseGroupChat.run_stream", reader=_TEAM),
        Target(path="autogen_agentchat.agents._assistant_agent:AssistantAgent._call_llm", reader=CALL, fallback=True),
        Target(path="autogen_core.tools._base:BaseTool.run_json", reader=_TOOL),
        Target(path="autogen_core.tools._base:BaseStreamTool.run_json_stream", reader=_TOOL),
    ],
    native_scopes=("autogen-core", "autogen SingleThreadedAgentRuntime", "base_tool"),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents and tools of `autogen_agentchat`."""
    return INSTRUMENTATION
