"""Messages written exactly as the GenAI conventions' JSON schemas have them, which is how most come.

https://github.com/open-telemetry/semantic-conventions-genai (`docs/gen-ai`, gen-ai-input-messages.json)
"""

from typing import Final, cast

import msgspec

from agentops.domain.foreign import NODE_LIMIT, is_plain, loaded
from agentops.domain.genai import Json, Message, Part, Reasoning, Text, ToolCall, ToolResult


def read_conventional(value: str, role: str) -> list[Message] | None:
    """The messages in a JSON list, read at once; None where any of them is written in another way."""
    try:
        found = _decode_conventional(value) if value.startswith("[") else None
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return None
    if found is None or (len(value) > NODE_LIMIT and sum(map(value.count, ",[{")) >= NODE_LIMIT):
        return None
    messages: list[Message] = []
    for said in found:
        parts = [_part_of(part) for part in said.parts]
        speaker = said.role or role
        is_tool = speaker == "tool"
        if None in parts or (is_tool and not any(isinstance(part, ToolResult) for part in parts)):
            return None
        name = None if is_tool else said.name
        messages.append(Message(speaker, cast("list[Part]", parts), name=name, finish_reason=said.finish_reason))
    return messages


class _Thought(msgspec.Struct, tag_field="type", tag="reasoning", forbid_unknown_fields=True):
    content: str | None = None
    signature: str | None = None


class _Called(msgspec.Struct, tag_field="type", tag="tool_call", forbid_unknown_fields=True):
    name: str = ""
    arguments: Json = None
    id: str | None = None


class _Returned(msgspec.Struct, tag_field="type", tag="tool_call_response", forbid_unknown_fields=True):
    response: Json = None
    result: Json = None
    id: str | None = None


class _Said(msgspec.Struct, forbid_unknown_fields=True):
    role: str
    parts: list[Text | _Thought | _Called | _Returned]
    name: str | None = None
    finish_reason: str | None = None


_decode_conventional: Final = msgspec.json.Decoder(list[_Said]).decode
_PART_DEPTH: Final = 4
"""How deep in a list of messages lies what a part holds."""


def _part_of(part: Text | _Thought | _Called | _Returned) -> Part | None:
    """The part that is meant; None where it holds what has to be cut."""
    if isinstance(part, Text):
        return part
    if isinstance(part, _Thought):
        return Reasoning(part.content or None, part.signature)
    if isinstance(part, _Called):
        return ToolCall(part.name, _meant(part.arguments), part.id) if is_plain(part.arguments, _PART_DEPTH) else None
    result = part.result if part.response is None else part.response
    return ToolResult(_meant(result), part.id or None) if is_plain(result, _PART_DEPTH) else None


def _meant(value: Json) -> Json:
    return loaded(value) if isinstance(value, str) else value
