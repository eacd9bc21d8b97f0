"""What models of `pydantic-ai` are asked and answer, whatever they ask in their turn.

Messages and their parts: https://ai.pydantic.dev/api/messages/.
"""

from typing import Any, Final

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import (
    Json,
    Message,
    Operation,
    Other,
    Part,
    Reasoning,
    Request,
    Response,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._content import arguments as parsed

_ROLES: Final = {"system-prompt": "system", "tool-return": "tool"}
"""Who speaks in a part of a request; a retry speaks for the tool that it names, anything else for the user."""


def _asked(model: Any, messages: list[Any], parameters: Any, *, stream: bool) -> Request:
    return Request(
        operation=Operation.CHAT,
        provider=text(model, "system") or "unknown",
        model=text(model, "model_name"),
        messages=[said for message in messages for said in _messages(message)],
        tools=[
            Tool(text(each, "name") or "", text(each, "description"), plain(at(each, "parameters_json_schema")))
            for each in objects(parameters, "function_tools")
        ],
        stream=stream,
    )


def _messages(message: Any) -> list[Message]:
    parts = objects(message, "parts")
    if text(message, "kind") == "response":
        return [Message("assistant", [_said(part) for part in parts])]
    instructions = text(message, "instructions")
    found = [Message("system", [Text(instructions)])] if instructions else []
    return [*found, *(Message(_role(part), [_given(part)]) for part in parts)]


def _role(part: Any) -> str:
    kind = text(part, "part_kind") or ""
    if kind == "retry-prompt" and text(part, "tool_name"):
        return "tool"
    return _ROLES.get(kind, "user")


def _given(part: Any) -> Part:
    content: Json = plain(at(part, "content"))
    if _role(part) == "tool":
        is_error = text(part, "part_kind") == "retry-prompt"
        return ToolResult(content, text(part, "tool_call_id"), text(part, "tool_name"), is_error)
    return Text(content) if isinstance(content, str) else Other(text(part, "part_kind") or "part", content)


def _said(part: Any) -> Part:
    kind = text(part, "part_kind")
    if kind == "text":
        return Text(text(part, "content") or "")
    if kind == "thinking":
        return Reasoning(text(part, "content"))
    if kind in {"tool-call", "builtin-tool-call"}:
        name, call_id = text(part, "tool_name") or "", text(part, "tool_call_id")
        return ToolCall(name, parsed(at(part, "args")), call_id, server=kind != "tool-call")
    return Other(kind or "part", plain(part))


def _answered(response: Any) -> Response:
    return Response(
        id=text(response, "provider_response_id"),
        model=text(response, "model_name") or None,
        messages=_messages(response),
        usage=_usage(at(response, "usage")),
    )


def _usage(usage: Any) -> Usage | None:
    """Tokens; from 1.0 on the counts are 0 where nobody says them, before they were called otherwise."""
    found = Usage.inclusive(
        input=count(usage, "input_tokens") or count(usage, "request_tokens"),
        cache_read=count(usage, "cache_read_tokens") or None,
        cache_write=count(usage, "cache_write_tokens") or None,
        output=count(usage, "output_tokens") or count(usage, "response_tokens"),
        reasoning=count(usage, "details", "reasoning_tokens") or None,
    )
    return None if found == Usage() else found


def _asked_in_a_node(arguments: Arguments, *, stream: bool) -> Request:
    """A step of a run, with the run's state: its own request joins the messages only once it begins."""
    context = arguments.get("ctx", 0)
    messages = [*objects(context, "state", "message_history"), at(arguments.instance, "request")]
    return _asked(at(context, "deps", "model"), messages, None, stream=stream)


def _asked_outright(arguments: Arguments) -> Request:
    context = arguments.get("request_context")
    messages, parameters = objects(context, "messages"), at(context, "model_request_parameters")
    return _asked(arguments.get("model", 0), messages, parameters, stream=False)


def _streamed(stream: Any) -> Response:
    """What a stream came to that the program has left, whether or not the agent has put it in one of its own."""
    return _answered((at(stream, "_raw_stream_response") or stream).get())


def read_step(arguments: Arguments) -> Reader | None:
    """A step that asks a model; from 2.0 on that is a function of its own: a step may ask again, or not at all."""
    return None if hasattr(arguments.instance, "_request_attempts") else _STEP


_STEP: Final = Reader(
    read_request=lambda arguments: _asked_in_a_node(arguments, stream=False),
    read_response=lambda node: _answered(at(node, "model_response")),
)
STREAM: Final = Reader(
    read_request=lambda arguments: _asked_in_a_node(arguments, stream=True), read_response=_streamed, entered=True
)
"""A step whose answer is streamed, as long as the program is at it."""

REQUEST: Final = Reader(read_request=_asked_outright, read_response=_answered)
"""The model being asked, from 2.0 on."""
