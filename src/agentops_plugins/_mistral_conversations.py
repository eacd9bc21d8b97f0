"""Mistral's conversations, of agents with tools of their own: https://docs.mistral.ai/agents/agents."""

from typing import Any, Final

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import Message, Operation, Other, Part, Response, Text, ToolCall, ToolResult, Usage
from agentops_plugins._content import arguments, fields
from agentops_plugins._endpoints import Content, Endpoint
from agentops_plugins._openai_parts import parts_of, tools_of


def _read_content(body: Any, _files: Any) -> Content:
    instructions, inputs = text(body, "instructions"), at(body, "inputs")
    told = [Message("system", [Text(instructions)])] if instructions else []
    if isinstance(inputs, str):
        return Content([*told, Message("user", [Text(inputs)])], tools_of(body))
    return Content([*told, *map(_message, objects(inputs))], tools_of(body))


def _message(entry: Any) -> Message:
    part = _part(entry)
    if part is not None:
        return Message("tool" if isinstance(part, ToolResult) else "assistant", [part])
    return Message(text(entry, "role") or "user", parts_of(at(entry, "content")))


def _part(entry: Any) -> Part | None:
    """What an entry is where it is no message."""
    match text(entry, "type"):
        case "function.call":
            return ToolCall(text(entry, "name") or "", arguments(at(entry, "arguments")), text(entry, "tool_call_id"))
        case "function.result":
            return ToolResult(plain(at(entry, "result")), text(entry, "tool_call_id"))
        case "tool.execution":
            return ToolCall(
                text(entry, "name") or "", arguments(at(entry, "arguments")), text(entry, "id"), server=True
            )
        case "agent.handoff":
            return Other("agent.handoff", plain(entry))
        case _:
            return None


def _read_response(answer: Any) -> Response:
    parts: list[Part] = []
    for entry in objects(answer, "outputs"):
        part = _part(entry)
        parts.extend(parts_of(at(entry, "content")) if part is None else [part])
    return Response(
        id=text(answer, "conversation_id"),
        model=next((text(entry, "model") for entry in objects(answer, "outputs") if text(entry, "model")), None),
        messages=[Message("assistant", parts)] if parts else [],
        usage=_usage(at(answer, "usage")),
        error=text(answer, "message"),
    )


def _usage(value: Any) -> Usage | None:
    """What connectors put before the model is input as well."""
    if not value:
        return None
    prompt, connected = count(value, "prompt_tokens"), count(value, "connector_tokens")
    return Usage(input=None if prompt is None else prompt + (connected or 0), output=count(value, "completion_tokens"))


def _fold(so_far: Any, event: Any) -> dict[str, Any]:
    """https://docs.mistral.ai/api/endpoint/beta/conversations: the events of a conversation, put together."""
    whole: dict[str, Any] = {"outputs": []} if so_far is None else so_far
    match text(event, "type"):
        case "message.output.delta":
            _extend(
                _entry_of(whole["outputs"], event, "message.output").setdefault("content", []), at(event, "content")
            )
        case "function.call.delta":
            entry = _entry_of(whole["outputs"], event, "function.call")
            entry["arguments"] = (text(entry, "arguments") or "") + (text(event, "arguments") or "")
        case "tool.execution.started":
            _entry_of(whole["outputs"], event, "tool.execution")["arguments"] = text(event, "arguments")
        case "conversation.response.started" | "conversation.response.done" | "conversation.response.error":
            whole.update({key: held for key, held in fields(event).items() if key != "type"})
        case _:
            pass
    return whole


def _extend(content: list[Any], said: Any) -> None:
    """A text goes on where the last one stopped; anything else is a part of its own."""
    if not isinstance(said, str):
        content.append(said)
    elif content and text(content[-1], "type") == "text":
        content[-1]["text"] += said
    else:
        content.append({"type": "text", "text": said})


def _entry_of(outputs: list[dict[str, Any]], event: Any, kind: str) -> dict[str, Any]:
    entry_id = text(event, "id")
    for entry in outputs:
        if entry["id"] == entry_id:
            return entry
    fresh = {"id": entry_id, "type": kind} | {key: text(event, key) for key in ("name", "tool_call_id", "model")}
    outputs.append(fresh)
    return fresh


def _has_content(event: Any) -> bool:
    return text(event, "type") in {"message.output.delta", "function.call.delta"}


CONVERSATION: Final = Endpoint(
    operation=Operation.CHAT,
    content=frozenset({"inputs", "instructions", "tools"}),
    read_content=_read_content,
    read_response=_read_response,
    fold=_fold,
    has_content=_has_content,
)
