"""What models of `ag2` and `autogen` are asked and answer, whatever they ask in their turn."""

from typing import Any, Final

from agentops.domain.foreign import at, count, entry, loaded, objects, plain, text
from agentops.domain.genai import Json, Message, Operation, Part, Request, Response, Text, ToolCall, ToolResult, Usage
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._openai_chat import CHAT


def _asked(arguments: Arguments) -> Request:
    client = arguments.instance
    said = [Message("system", [Text(prompt)]) for prompt in objects(arguments.get("context", 1), "prompt")]
    return Request(
        operation=Operation.CHAT,
        provider=type(client).__module__.rpartition(".")[2].removesuffix("_client"),
        model=text(client, "_create_options", "model"),
        messages=[*said, *(message for event in objects(arguments.get("messages", 0)) for message in _messages(event))],
    )


def _messages(event: Any) -> list[Message]:
    """Of the events of a conversation, those that a model is told of: requests, answers, results of tools."""
    results = objects(event, "results")
    if results:
        return [Message("tool", [_result(each) for each in results])]
    if at(event, "tool_calls") is not None:
        return [_answer(event)]
    parts: list[Part] = [Text(found) for part in objects(event, "parts") if (found := text(part, "content"))]
    return [Message("user", parts)] if parts else []


def _result(event: Any) -> ToolResult:
    found = [said_of(part) for part in objects(event, "result", "parts")]
    error = at(event, "error") is not None
    return ToolResult(found[0] if len(found) == 1 else found, text(event, "parent_id"), text(event, "name"), error)


def said_of(part: Any) -> Json:
    """A part of what a tool gave: text, or data."""
    return text(part, "content") or plain(at(part, "data"))


def _answer(response: Any) -> Message:
    content = text(response, "message", "content")
    calls = [
        ToolCall(text(call, "name") or "", loaded(at(call, "arguments")), text(call, "id"))
        for call in objects(response, "tool_calls", "calls")
    ]
    said: list[Part] = [Text(content)] if content else []
    return Message("assistant", [*said, *calls], finish_reason=text(response, "finish_reason"))


def _answered(response: Any) -> Response:
    usage = at(response, "usage")
    reason = text(response, "finish_reason")
    return Response(
        id=text(response, "response_id"),
        model=text(response, "model"),
        messages=[_answer(response)],
        finish_reasons=[reason] if reason else [],
        usage=Usage.inclusive(
            input=count(usage, "prompt_tokens"),
            cache_read=count(usage, "cache_read_input_tokens"),
            cache_write=count(usage, "cache_creation_input_tokens"),
            output=count(usage, "completion_tokens"),
            reasoning=count(usage, "thinking_tokens"),
        ),
    )


def _asked_of_any(arguments: Arguments) -> Request:
    """A wrapper asks the first of its clients that answers."""
    first = at(arguments.instance, "_config_list", 0)
    content = CHAT.read_content(arguments.kwargs, None)
    return Request(
        operation=Operation.CHAT,
        provider=text(entry(first, "api_type")) or text(entry(first, "model_client_cls")) or "openai",
        model=text(entry(arguments.kwargs, "model")) or text(entry(first, "model")),
        messages=content.messages,
        tools=content.tools,
    )


def read_call(arguments: Arguments) -> Reader | None:
    """What a wrapper of `autogen` is asked; with a cache, nobody says whether a model was asked at all."""
    settings = [arguments.kwargs, *objects(arguments.instance, "_config_list")]
    is_cached = any(entry(each, name) is not None for each in settings for name in ("cache", "cache_seed"))
    return None if is_cached else _CALL


_CALL: Final = Reader(read_request=_asked_of_any, read_response=CHAT.read_response)
MODEL: Final = Reader(read_request=_asked, read_response=_answered)
"""A client of 1.x being asked."""
