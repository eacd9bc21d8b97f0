"""Messages, parts and tools in whatever shape somebody else wrote them, as our values.

Read are the parts of the GenAI semantic conventions
(https://github.com/open-telemetry/semantic-conventions-genai, `docs/gen-ai`, the JSON schemas of messages) and the
contents of OpenAI and Anthropic, which older conventions hand on as they came.
"""

from collections.abc import Callable
from typing import Any, Final, cast

from agentops.domain.conventional import read_conventional
from agentops.domain.foreign import at, flag, is_plain, loaded, objects, plain, text
from agentops.domain.genai import (
    Json,
    Media,
    Message,
    Other,
    Part,
    Reasoning,
    Refusal,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)


def messages_of(value: Any, role: str) -> list[Message]:
    """A list of messages, one message, or a bare text that somebody in this role said."""
    if value is None:
        return []
    if type(value) is str:
        conventional = read_conventional(value, role)
        if conventional is not None:
            return conventional
    found = value if type(value) is list and is_plain(value) else loaded(value)  # pyright: ignore[reportUnknownVariableType] - whatever it is
    if found is None or found == "":
        return []
    return [message_of(each, role) for each in (cast("list[Any]", found) if isinstance(found, list) else [found])]


def message_of(value: Any, role: str) -> Message:
    """One message; `role` is whose it is where it does not say."""
    if not isinstance(value, dict):
        return Message(role, parts_of(value))
    if value.keys() == _CHAT and (whole := _said_in_chat(value)) is not None:  # pyright: ignore[reportUnknownArgumentType] - a cast costs a call
        return whole
    role = text(value, "role") or role
    content = at(value, "parts") or at(value, "contents") or at(value, "content")
    parts = parts_of(content)
    if role == "tool" and not any(isinstance(part, ToolResult) for part in parts):
        call_id = text(value, "tool_call_id") or text(value, "id")
        parts = [ToolResult(loaded(content), call_id, text(value, "name"))]
    thoughts = text(value, "reasoning_content") or text(value, "reasoning") or text(value, "thinking")
    refusal = text(value, "refusal")
    said: list[Part] = [
        *([Reasoning(thoughts)] if thoughts else []),
        *parts,
        *([Refusal(refusal)] if refusal else []),
        *[call_of(call) for call in objects(value, "tool_calls")],
    ]
    if not said and not cast("dict[str, Any]", value).keys() <= _KNOWN:
        said = [part_of(value)]
    name = text(value, "name") if role != "tool" else None
    return Message(role, said, name=name, finish_reason=text(value, "finish_reason"))


def _said_in_chat(value: dict[str, Any]) -> Message | None:
    """A message that is a text in somebody's role, as most are; None where there is more to it."""
    role, content = value["role"], value["content"]
    if type(role) is not str or type(content) is not str or not role or role == "tool":
        return None
    is_text = content.isascii() and content and content[0] not in _NOT_TEXT
    return Message(role, [Text(content)]) if is_text else None


_CHAT: Final = frozenset({"role", "content"})
_NOT_TEXT: Final = '[{" \t\r\n'
"""What JSON in a text begins with, or the space before it."""

_KNOWN: Final = frozenset(
    {"role", "name", "finish_reason", "id", "type", "index", "parts", "contents", "content", "tool_calls", "refusal"}
)
"""Fields of a message that says nothing when they are empty."""


def parts_of(value: Any) -> list[Part]:
    """The parts of a content: a text, a list of parts, one part, or none; JSON of these is read."""
    if isinstance(value, str):
        found = loaded(value)
        if not (isinstance(found, list) and found and all(_is_part(part) for part in cast("list[Any]", found))):
            return [Text(str(plain(value)))] if value else []
        value = cast("list[Any]", found)
    if value is None:
        return []
    return [part_of(each) for each in (cast("list[Any]", value) if isinstance(value, list) else [value])]


def _is_part(value: Any) -> bool:
    return text(value, "type") is not None


def part_of(value: Any) -> Part:
    """One part of a content."""
    if isinstance(value, str):
        return Text(str(plain(value)))
    kind = text(value, "type")
    if kind is None and text(value, "text") is not None:
        kind = "text"
    read = _PARTS.get(kind or "")
    found = read(value) if read else None
    return Other(kind or type(value).__name__, plain(value)) if found is None else found


def call_of(value: Any) -> ToolCall:
    """A tool call as OpenAI, OpenInference or the conventions write it."""
    inner = at(value, "function") or at(value, "tool_call") or value
    if at(inner, "function") is not None:
        inner = at(inner, "function")
    arguments = at(inner, "arguments")
    return ToolCall(
        name=text(inner, "name") or text(value, "name") or "",
        arguments=loaded(at(inner, "input") if arguments is None else arguments),
        id=text(value, "id") or text(value, "call_id") or text(value, "tool_call", "id") or text(inner, "id"),
        server=(text(value, "type") or "").startswith("server"),
    )


def tools_of(value: Any) -> list[Tool]:
    """The definitions of tools, in the shape of OpenAI, Anthropic or the conventions; names alone will do."""
    found = loaded(value)
    return [tool_of(each) for each in (cast("list[Any]", found) if isinstance(found, list) else [])]


def tool_of(value: Any) -> Tool:
    """The definition of one tool."""
    value = loaded(value)
    if isinstance(value, str):
        return Tool(value)
    inner = loaded(at(value, "json_schema") or at(value, "function") or value)
    inner = at(inner, "function") or inner
    schema = at(inner, "parameters")
    for name in ("input_schema", "inputSchema"):
        schema = at(inner, name) if schema is None else schema
    return Tool(
        name=text(inner, "name") or text(value, "name") or "",
        description=text(inner, "description"),
        parameters=loaded(schema),
        kind=text(value, "type") or "function",
    )


def _text(value: Any) -> Part | None:
    found = text(value, "content")
    found = text(value, "text") if found is None else found
    return None if found is None else Text(found)


def _reasoning(value: Any) -> Part:
    found = text(value, "content") or text(value, "thinking") or text(value, "text")
    return Reasoning(found, text(value, "signature"))


def _refusal(value: Any) -> Part | None:
    found = text(value, "refusal") or text(value, "content")
    return None if found is None else Refusal(found)


def _result(value: Any) -> Part:
    result: Json = None
    for name in ("response", "result", "content", "output"):
        result = at(value, name) if result is None else result
    call_id = text(value, "id") or text(value, "tool_use_id") or text(value, "call_id")
    return ToolResult(loaded(result), call_id, text(value, "name"), flag(value, "is_error"))


_MODALITIES: Final = ("image", "audio", "video", "file", "document")
_ADDRESSES: Final = (
    ("uri",),
    ("image_url", "url"),
    ("image_url",),
    ("image", "url"),
    ("image", "image", "url"),
    ("source", "url"),
    ("url",),
)
"""The conventions, OpenAI's two, OpenInference's two, Anthropic, others."""


def _media(value: Any) -> Part:
    kind = text(value, "type") or ""
    known = next((modality for modality in _MODALITIES if modality in kind), "file")
    uri = next((found for path in _ADDRESSES if (found := text(value, *path))), None)
    data = text(value, "content") or text(value, "data") or text(value, "source", "data")
    if uri and uri.startswith("data:"):
        uri, data = None, uri.partition(",")[2]
    return Media(
        modality=text(value, "modality") or known,
        mime_type=text(value, "mime_type") or text(value, "media_type") or text(value, "source", "media_type"),
        uri=uri,
        file_id=text(value, "file_id") or text(value, "source", "file_id"),
        size=len(data) * 3 // 4 if data else None,
    )


_PARTS: Final[dict[str, Callable[[Any], Part | None]]] = {
    **dict.fromkeys(("text", "input_text", "output_text", "summary_text"), _text),
    **dict.fromkeys(("reasoning", "thinking", "redacted_thinking"), _reasoning),
    **dict.fromkeys(
        ("tool_call", "tool_use", "function_call", "function", "server_tool_use", "server_tool_call"), call_of
    ),
    **dict.fromkeys(
        ("tool_call_response", "tool_result", "function_call_output", "server_tool_call_response"), _result
    ),
    "refusal": _refusal,
    **dict.fromkeys(("blob", "uri", "file", "image", "image_url", "input_image", "audio", "input_audio"), _media),
    **dict.fromkeys(("video", "input_file", "document", "media"), _media),
}
