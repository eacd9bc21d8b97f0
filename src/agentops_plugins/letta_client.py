"""Observes `letta-client`: what agents are asked on a server of Letta's, and what they answer.

The models and most tools are called there; the tokens of a whole run are told with its answer, and kept with the agent:
https://docs.letta.com/api/resources/agents/subresources/messages. Before 1.0 the client was of another make.
"""

from typing import Any, Final

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import AgentRequest, AgentResponse
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl

_METHODS: Final = {
    "letta_client.resources.agents.messages:{}MessagesResource": ("create", "stream"),
    "letta_client.resources.conversations.messages:{}MessagesResource": ("create", "stream"),
    "letta_client.agents.messages.client:{}MessagesClient": ("create", "create_stream"),
}


def _asked(arguments: Arguments) -> AgentRequest:
    agent = text(arguments.get("agent_id", 0) or arguments.get("conversation_id"))
    asked = arguments.get("input")
    return AgentRequest(
        name=agent or "letta", id=agent, input=plain(arguments.get("messages") if asked is None else asked)
    )


def _fold(so_far: dict[str, Any] | None, message: Any) -> dict[str, Any]:
    """The messages so far, and the tokens, which come last."""
    heard = so_far or {"messages": [], "usage": None}
    if text(message, "message_type") == "usage_statistics":
        heard["usage"] = message
    else:
        heard["messages"].append(message)
    return heard


def _answered(response: Any) -> AgentResponse:
    usage = at(response, "usage")
    known = {
        "agentops.agent.input_tokens": count(usage, "prompt_tokens"),
        "agentops.agent.output_tokens": count(usage, "completion_tokens"),
        "agentops.agent.turns": count(usage, "step_count"),
    }
    said = "".join(map(_words, filter(_is_said, objects(response, "messages"))))
    attributes = {name: value for name, value in known.items() if value is not None}
    return AgentResponse(output=said or None, attributes=attributes)


def _is_said(message: Any) -> bool:
    return text(message, "message_type") == "assistant_message"


def _words(message: Any) -> str:
    content = at(message, "content")
    return text(content) or "".join(text(part, "text") or "" for part in objects(content))


_MESSAGES: Final = Reader(
    read_request=_asked,
    read_response=_answered,
    fold=_fold,
    has_content=_is_said,
    iterator="_iterator",
    connection="response",
)

INSTRUMENTATION: Final = Instrumentation(
    library="letta_client",
    distribution="letta-client",
    versions=">=0.1.140,<2",
    captures="agents, streams",
    targets=[
        Target(path=f"{path.format(kind)}.{method}", reader=_MESSAGES)
        for path, methods in _METHODS.items()
        for kind in ("", "Async")
        for method in methods
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """What is asked of Letta's agents."""
    return INSTRUMENTATION
