"""Messages as chats have them: what the original sends as prompt and completion."""

from typing import Any

from agentops.domain import wire
from agentops.domain.genai import Message, Reasoning, Refusal, Request, Response, Text, ToolCall, ToolResult


def prompt_of(request: Request | None) -> Any:
    """What a model was asked: its messages, or what is not messages."""
    if request is None:
        return None
    return [chat for message in request.messages for chat in chats_of(message)] or request.input


def completion_of(response: Response | None) -> Any:
    """What a model answered: one message, or a list where there are several."""
    if response is None:
        return None
    answers = [chat for message in response.messages for chat in chats_of(message)]
    return answers[0] if len(answers) == 1 else answers or None


def chats_of(message: Message) -> list[dict[str, Any]]:
    """A message; results of tools are a message each, as chats have them."""
    results = [part for part in message.parts if isinstance(part, ToolResult)]
    if results and len(results) == len(message.parts):
        return [_result(message, part) for part in results]
    return [_chat(message)]


def _chat(message: Message) -> dict[str, Any]:
    parts = message.parts
    if len(parts) == 1 and type(parts[0]) is Text:
        chat: dict[str, Any] = {"role": message.role, "content": parts[0].content}
    else:
        chat = {"role": message.role, "content": _content(message)}
        calls = [_call(part) for part in parts if isinstance(part, ToolCall)]
        thoughts = [part.content for part in parts if isinstance(part, Reasoning) and part.content]
        refusals = [part.content for part in parts if isinstance(part, Refusal)]
        chat |= {"tool_calls": calls} if calls else {}
        chat |= {"reasoning_content": "".join(thoughts)} if thoughts else {}
        chat |= {"refusal": "".join(refusals)} if refusals else {}
    if message.name is not None:
        chat["name"] = message.name
    return chat


_BESIDE = (ToolCall, Reasoning, Refusal)
"""The parts that have fields of their own beside a message's content."""


def _content(message: Message) -> Any:
    said = [part for part in message.parts if not isinstance(part, _BESIDE)]
    if all(isinstance(part, Text) for part in said):
        return message.text or (None if len(said) < len(message.parts) else "")
    return [{"type": "text", "text": part.content} if isinstance(part, Text) else wire.to_plain(part) for part in said]


def _call(call: ToolCall) -> dict[str, Any]:
    arguments = call.arguments if isinstance(call.arguments, str) else wire.to_legible_json(call.arguments).decode()
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _result(message: Message, result: ToolResult) -> dict[str, Any]:
    content = result.result if isinstance(result.result, str) else wire.to_legible_json(result.result).decode()
    named = {} if result.name is None else {"name": result.name}
    role = "tool" if message.role == "user" else message.role
    return {"role": role, "tool_call_id": result.id, "content": content, **named}
