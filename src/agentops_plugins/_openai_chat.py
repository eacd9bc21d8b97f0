"""Chat Completions, the shape that OpenAI, Groq, Together, Fireworks and most gateways speak.

https://platform.openai.com/docs/api-reference/chat
"""

from typing import Any, Final, cast

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import (
    Media,
    Message,
    Operation,
    Other,
    Part,
    Reasoning,
    Refusal,
    Response,
    ToolCall,
    ToolResult,
)
from agentops_plugins._content import arguments, fields, inline_size, media, outcome, price, slot
from agentops_plugins._openai_parts import parts_of, tools_of, usage_of
from agentops_plugins._stainless import Content, Endpoint

_WHOLE: Final = frozenset({"id", "type", "role", "name", "format", "index", "expires_at", "tool_call_id", "signature"})
"""What a delta says once; other texts of a delta go on where the last one stopped."""


def _read_content(body: Any, _files: Any) -> Content:
    return Content([_message(value) for value in objects(body, "messages")], tools_of(body))


def _message(value: Any, finish_reason: str | None = None) -> Message:
    role = text(value, "role") or "assistant"
    parts = parts_of(at(value, "content"))
    if role in {"tool", "function"}:
        parts = [ToolResult(outcome(parts), text(value, "tool_call_id"), text(value, "name"))]
    return Message(
        role,
        [*_thoughts(value), *parts, *_extras(value), *_calls(value)],
        name=text(value, "name"),
        finish_reason=finish_reason,
    )


def _thoughts(value: Any) -> list[Part]:
    """Reasoning under the names it has: `reasoning_content` (DeepSeek, Fireworks), `reasoning` (Groq, OpenRouter)."""
    found = text(value, "reasoning_content") or text(value, "reasoning")
    return [Reasoning(found)] if found else []


def _extras(value: Any) -> list[Part]:
    parts: list[Part] = []
    refusal = text(value, "refusal")
    if refusal:
        parts.append(Refusal(refusal))
    audio = at(value, "audio")
    if audio is not None:
        parts.append(Media("audio", file_id=text(audio, "id"), size=inline_size(at(audio, "data"))))
        transcript = text(audio, "transcript")
        parts.extend([Other("transcript", transcript)] if transcript else [])
    parts.extend(media("image", text(image, "image_url", "url")) for image in objects(value, "images"))
    annotations = objects(value, "annotations")
    if annotations:
        parts.append(Other("annotations", plain(annotations)))
    return parts


def _calls(value: Any) -> list[Part]:
    """Tools the model asks for, and those it ran itself (Groq's `executed_tools`)."""
    parts: list[Part] = [_call(call) for call in objects(value, "tool_calls")]
    older = at(value, "function_call")
    if older is not None:
        parts.append(ToolCall(text(older, "name") or "", arguments(at(older, "arguments"))))
    for ran in objects(value, "executed_tools"):
        name = text(ran, "name") or text(ran, "type") or ""
        parts.append(ToolCall(name, arguments(at(ran, "arguments")), server=True))
        parts.append(ToolResult(plain(at(ran, "output")), name=name))
    return parts


def _call(value: Any) -> ToolCall:
    custom = at(value, "custom")
    if custom is not None:
        return ToolCall(text(custom, "name") or "", text(custom, "input"), text(value, "id"))
    asked = at(value, "function")
    return ToolCall(text(asked, "name") or "", arguments(at(asked, "arguments")), text(value, "id"))


def _read_response(answer: Any) -> Response:
    choices = objects(answer, "choices")
    reasons = [text(choice, "finish_reason") for choice in choices]
    usage = at(answer, "usage") or at(answer, "x_groq", "usage")
    cost = at(usage, "cost")
    return Response(
        id=text(answer, "id") or None,
        model=text(answer, "model") or None,
        messages=[_message(at(choice, "message"), reason) for choice, reason in zip(choices, reasons, strict=True)],
        finish_reasons=[reason for reason in reasons if reason],
        usage=usage_of(usage),
        request_id=text(answer, "x_groq", "id"),
        service_tier=text(answer, "service_tier"),
        cost=price(cost) or price(at(cost, "total_cost")),  # OpenRouter, Perplexity
        error=text(answer, "error", "message"),  # in a stream, where the client does not raise it
    )


def _fold(so_far: Any, chunk: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"choices": []} if so_far is None else so_far
    held = fields(chunk)
    for key in ("id", "model", "service_tier", "usage", "x_groq", "error"):
        value = held.get(key)
        if value:
            whole[key] = value if key != "x_groq" else {**whole.get(key, {}), **_given(value)}
    for choice in objects(chunk, "choices"):
        place = slot(whole["choices"], count(choice, "index") or 0)
        reason = text(choice, "finish_reason")
        if reason:
            place["finish_reason"] = reason
        _extend(place.setdefault("message", {}), at(choice, "delta"))
    return whole


def _extend(whole: dict[str, Any], delta: Any) -> None:
    """Adds a delta to what it belongs to: texts go on, objects and numbered lists are extended in their turn."""
    for key, value in fields(delta).items():
        held = whole.get(key)
        if value is None or value == "":
            continue
        if isinstance(value, str):
            whole[key] = held + value if isinstance(held, str) and key not in _WHOLE else value
        elif isinstance(value, list):
            whole[key] = _joined(cast("list[Any]", held) if isinstance(held, list) else [], objects(value))
        elif isinstance(value, int | float):
            whole[key] = value
        else:
            inner = cast("dict[str, Any]", held) if isinstance(held, dict) else {}
            _extend(inner, value)
            whole[key] = inner


def _joined(held: list[Any], news: list[Any]) -> list[Any]:
    for item in news:
        index = count(item, "index")
        if index is None:
            held.append(plain(item))
        else:
            _extend(slot(held, index, text(item, "id")), item)
    return held


def _given(value: Any) -> dict[str, Any]:
    return {key: inner for key, inner in fields(value).items() if inner is not None}


def _has_content(chunk: Any) -> bool:
    """Whether anything but the role has come: text, reasoning, a tool call, sound."""
    return any(
        value and key != "role"
        for choice in objects(chunk, "choices")
        for key, value in fields(at(choice, "delta")).items()
    )


CHAT: Final = Endpoint(
    operation=Operation.CHAT,
    content=frozenset({"messages", "tools", "functions"}),
    read_content=_read_content,
    read_response=_read_response,
    fold=_fold,
    has_content=_has_content,
)
