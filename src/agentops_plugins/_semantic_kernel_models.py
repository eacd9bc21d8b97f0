"""What chat services of `semantic-kernel` are asked and answer, whatever they ask in their turn.

A service that calls functions by itself asks its model after each: this is one call here, with the tokens of them all.
Contents: https://learn.microsoft.com/semantic-kernel/concepts/ai-services/chat-completion/.
"""

from dataclasses import replace
from typing import Any, Final

from agentops.domain.foreign import at, objects, plain, text
from agentops.domain.genai import Message, Operation, Other, Part, Request, Response, Text, ToolCall, ToolResult, Usage
from agentops.domain.handmade import usage_of
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._content import arguments as parsed


def _asked(arguments: Arguments, *, stream: bool = False) -> Request:
    service = arguments.instance
    return Request(
        operation=Operation.CHAT,
        provider=text(service, "MODEL_PROVIDER_NAME") or "unknown",
        model=text(arguments.get("settings", 1), "ai_model_id") or text(service, "ai_model_id"),
        messages=[_message(said) for said in _history(arguments)],
        stream=stream,
    )


def _history(arguments: Arguments) -> list[Any]:
    return objects(arguments.get("chat_history", 0), "messages")


def _message(said: Any) -> Message:
    parts = [_part(item) for item in objects(said, "items")]
    return Message(text(said, "role") or "user", parts, finish_reason=text(said, "finish_reason"))


def _part(item: Any) -> Part:
    kind = text(item, "content_type")
    if kind == "text":
        return Text(text(item, "text") or "")
    if kind == "function_call":
        return ToolCall(text(item, "name") or "", parsed(at(item, "arguments")), text(item, "id"))
    if kind == "function_result":
        return ToolResult(plain(at(item, "result")), text(item, "id"), text(item, "name"))
    return Other(kind or "item", plain(item))


def _answered(asked_before: list[Any], choices: list[Any]) -> Response:
    """The choices of an answer, each of which tells the tokens of all of them."""
    usages = [usage_of(at(said, "metadata")) for said in [*asked_before, *choices[:1]] if _is_assistants(said)]
    return Response(messages=[_message(said) for said in choices], usage=_sum(usages))


def _is_assistants(said: Any) -> bool:
    return text(said, "role") == "assistant"


def _sum(usages: list[Usage | None]) -> Usage | None:
    told = [usage for usage in usages if usage is not None]
    return None if not told else Usage(**{name: _total(told, name) for name in Usage.__struct_fields__})


def _total(usages: list[Usage], name: str) -> int | None:
    counts = [count for usage in usages if (count := getattr(usage, name)) is not None]
    return sum(counts) if counts else None


def read_call(arguments: Arguments) -> Reader:
    """A call; what a model said before it is answered joins the messages meanwhile."""
    history = _history(arguments)
    begun = len(history)

    def read_response(choices: Any) -> Response:
        return _answered(history[begun:], objects(choices))

    return replace(_CALL, read_response=read_response)


def _joined(so_far: Any, choices: Any) -> dict[str, Any]:
    """The text so far, and what each attempt said last of its tokens."""
    said = at(objects(choices), 0)
    if so_far is None:
        so_far = {"text": "", "usages": {}}
    if _is_assistants(said):
        so_far["text"] += text(said, "content") or ""
        usage = usage_of(at(said, "metadata"))
        if usage is not None:
            so_far["usages"][at(said, "function_invoke_attempt")] = usage
    return so_far


def _streamed(found: Any) -> Response:
    usages: dict[Any, Usage | None] = at(found, "usages") or {}
    said = [Message("assistant", [Text(at(found, "text"))])] if at(found, "text") else []
    return Response(messages=said, usage=_sum([*usages.values()]))


_CALL: Final = Reader(read_request=_asked, read_response=lambda choices: _answered([], objects(choices)))
STREAM: Final = Reader(
    read_request=lambda arguments: _asked(arguments, stream=True),
    read_response=_streamed,
    fold=_joined,
    has_content=lambda choices: bool(text(at(objects(choices), 0), "content")),
)
"""A call that is answered piece by piece."""
