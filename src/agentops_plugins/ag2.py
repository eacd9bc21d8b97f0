"""Observes `ag2`: agents and tools of 1.x, and of `autogen`, as the module is called before that.

In 1.x every turn is driven by `AgentRun.result` or `Agent._execute`; before, an agent's turn is `generate_reply`, a
conversation `initiate_chat`: https://docs.ag2.ai/. A model call is that of the client it goes through. Where none is
observed, it is what `OpenAIWrapper` is answered by a client of the program's own, in 1.x what the client for Z.AI is.
"""

from collections.abc import Sequence
from typing import Any, Final

from agentops.domain.foreign import at, entry, loaded, objects, plain, text
from agentops.domain.genai import Json, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._ag2_models import MODEL, read_call, said_of
from agentops_plugins._agents import agent, argument, tool


def _turn(arguments: Arguments) -> Reader | None:
    """A turn that has begun already is told of by whoever began it."""
    return _TURN if at(arguments.instance, "_AgentRun__task") is None else None


def _said(event: Any) -> Json:
    """The texts of the inputs that an event is made of."""
    texts = [found for part in objects(event, "parts") if (found := text(part, "content"))]
    return "\n".join(texts) if texts else plain(event)


def _returned(event: Any) -> ToolResponse:
    """A `ToolErrorEvent` holds the exception, which the model is told of and nobody else."""
    found, error = [said_of(part) for part in objects(event, "result", "parts")], at(event, "error")
    return ToolResponse(
        result=found[0] if len(found) == 1 else found,
        error=None if error is None else f"{type(error).__name__}: {error}",
    )


def _executed(outcome: Any) -> ToolResponse:
    """Whether it went well, and the message for the model."""
    content = at(outcome, 1, "content")
    return ToolResponse(result=content, error=str(content) if at(outcome, 0) is False else None)


def _chat(arguments: Arguments) -> str:
    return f"{text(arguments.instance, 'name')} and {text(arguments.get('recipient', 0), 'name')}"


def _last(arguments: Arguments) -> Json:
    """What the agent is to reply to."""
    said = objects(arguments.get("messages", 0))
    return plain(at(said[-1], "content") or said[-1]) if said else None


_TURN: Final = agent(
    who=lambda arguments: at(arguments.instance, "_AgentRun__agent"),
    asked=lambda arguments: _said(at(arguments.instance, "_AgentRun__trigger")),
    answered=lambda reply: text(reply, "body"),
)
_EXECUTION: Final = agent(
    asked=lambda arguments: _said(arguments.get("event", 0)), answered=lambda reply: text(reply, "body")
)
_TOOL: Final = tool(
    name=lambda arguments: text(arguments.instance, "name"),
    given=lambda arguments: loaded(at(arguments.get("event", 0), "arguments")),
    returned=_returned,
    call_id=lambda arguments: text(arguments.get("event", 0), "id"),
)
_REPLY: Final = agent(asked=_last, answered=lambda reply: text(reply) or plain(entry(reply, "content") or reply))
_CHAT: Final = agent(
    who=lambda arguments: arguments,
    name=_chat,
    asked=argument("message"),
    answered=lambda result: text(result, "summary"),
    kind=SpanKind.WORKFLOW,
)
_FUNCTION: Final = tool(
    name=lambda arguments: text(entry(arguments.get("func_call", 0), "name")),
    given=lambda arguments: loaded(entry(arguments.get("func_call", 0), "arguments")),
    returned=_executed,
    call_id=lambda arguments: text(arguments.get("call_id", 1)),
)
_METHODS: Final = {"initiate_chat": _CHAT, "generate_reply": _REPLY, "execute_function": _FUNCTION}
_CONVERSABLE: Final = "autogen.agentchat.conversable_agent:ConversableAgent"

INSTRUMENTATIONS: Final = (
    Instrumentation(
        library="ag2",
        versions=">=1.0,<2",
        captures="agents, tools, models",
        targets=[
            Target(path="ag2.agent:AgentRun.result", reader=_turn),
            Target(path="ag2.agent:Agent._execute", reader=_EXECUTION),
            Target(path="ag2.tools.final.function_tool:FunctionTool.__call__", reader=_TOOL),
            Target(path="ag2.config.zai.zai_client:ZAIClient.__call__", reader=MODEL, fallback=True),
        ],
        native_scopes=("ag2",),
    ),
    Instrumentation(
        library="autogen",
        distribution="ag2",
        versions=">=0.9,<1",
        captures="conversations, agents, tools, models",
        targets=[
            *(
                Target(path=f"{_CONVERSABLE}.{start}{method}", reader=reader)
                for start in ("", "a_")
                for method, reader in _METHODS.items()
            ),
            Target(path="autogen.oai.client:OpenAIWrapper.create", reader=read_call, fallback=True),
        ],
    ),
)


@hookimpl
def agentops_instrumentation() -> Sequence[Instrumentation]:
    """The agents and tools of `ag2` and `autogen`."""
    return INSTRUMENTATIONS
