"""What models of `autogen-agentchat` are asked and answer, whatever they ask in their turn.

Messages and results: https://microsoft.github.io/autogen/stable/reference/python/autogen_core.models.html.
"""

from typing import Any, Final

from agentops.domain.foreign import at, flag, objects, plain, text
from agentops.domain.genai import Message, Operation, Part, Reasoning, Request, Response, Text, ToolCall, ToolResult
from agentops.domain.handmade import usage_of
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._agents import last
from agentops_plugins._content import arguments as parsed

_ROLES: Final = {"SystemMessage": "system", "AssistantMessage": "assistant", "FunctionExecutionResultMessage": "tool"}


def _asked(arguments: Arguments) -> Request:
    """The messages of the agent's context are as they are kept there: which of them go out, the context decides."""
    client = arguments.get("model_client")
    held = [*objects(arguments.get("system_messages")), *objects(arguments.get("model_context"), "_messages")]
    return Request(
        operation=Operation.CHAT,
        provider=type(client).__module__.rpartition(".")[2].removeprefix("_"),
        model=text(client, "model") or text(client, "_create_args", "model") or text(client, "model_info", "family"),
        messages=[Message(_ROLES.get(text(said, "type") or "", "user"), _parts(said)) for said in held],
        stream=flag(arguments.get("model_client_stream")),
    )


def _parts(said: Any) -> list[Part]:
    """The thought, and the text, the calls of tools, or what these gave."""
    thought, content = text(said, "thought"), at(said, "content")
    found: list[Part] = [Reasoning(thought)] if thought else []
    return [*found, *(_part(each) for each in (content if isinstance(content, list) else [content]))]  # pyright: ignore[reportUnknownVariableType]


def _part(found: Any) -> Part:
    name, call_id = text(found, "name"), text(found, "call_id")
    if name is None:
        return Text(text(found) or str(plain(found)))
    if call_id is None:
        return ToolCall(name, parsed(at(found, "arguments")), text(found, "id"))
    return ToolResult(text(found, "content"), call_id, name, flag(found, "is_error"))


def _answered(result: Any) -> Response:
    """A `CreateResult`; what was answered from a cache cost nothing."""
    reason = text(result, "finish_reason")
    return Response(
        messages=[Message("assistant", _parts(result), finish_reason=reason)],
        finish_reasons=[reason] if reason else [],
        usage=None if flag(result, "cached") else usage_of(at(result, "usage")),
    )


def _is_piece(event: Any) -> bool:
    return text(event, "type") == "ModelClientStreamingChunkEvent"


CALL: Final = Reader(read_request=_asked, read_response=_answered, fold=last, has_content=_is_piece)
"""An agent asks its model."""
