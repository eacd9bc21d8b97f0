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
from agentops_plugins._content import arguments, fields, given, inline_size, media, outcome, price, slot
from agentops_plugins._openai_parts import parts_of, tools_of, usage_of
from agentops_plugins._stainless import Content, Endpoint

_WHOLE: Final = frozenset({"id", "type", "role", "name", "format", "index", "expires_at", "tool_call_id", "signature"})
"""What a delta says once; other texts of a delta go on where the last one stopped."""
_BESIDE: Final = ("id", "model", "usage", "service_tier", "x_groq", "error")
_PLAIN: Final = frozenset({"role", "content", "name"})
"""What most messages have, and no more."""


def _read_content(body: Any, _files: Any) -> Content:
    return Content([_message(value) for value in objects(body, "messages")], tools_of(body))


def _message(value: Any, finish_reason: str | None = None) -> Message:
    held = given(value)
    role = text(held, "role") or "assistant"
    parts: list[Part] = parts_of(held.get("content"))
    if role in {"tool", "function"}:
        parts = [ToolResult(outcome(parts), text(held, "tool_call_id"), text(held, "name"))]
    elif not _PLAIN.issuperset(held):
        parts = [*_thoughts(held), *parts, *_extras(held), *_calls(held)]
    return Message(role, parts, name=text(held, "name"), finish_reason=finish_reason)


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
    held = given(answer)
    choices = [given(choice) for choice in objects(held, "choices")]
    reasons = [text(choice, "finish_reason") for choice in choices]
    usage = given(held.get("usage") or at(held, "x_groq", "usage"))
    cost = usage.get("cost")
    return Response(
        id=text(held, "id") or None,
        model=text(held, "model") or None,
        messages=[_message(choice.get("message"), reason) for choice, reason in zip(choices, reasons, strict=True)],
        finish_reasons=[reason for reason in reasons if reason],
        usage=usage_of(usage),
        request_id=text(held, "x_groq", "id"),
        service_tier=text(held, "service_tier"),
        cost=price(cost) or price(at(cost, "total_cost")),  # OpenRouter, Perplexity
        error=text(held, "error", "message"),  # in a stream, where the client does not raise it
    )


def _fold(so_far: Any, chunk: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"choices": []} if so_far is None else so_far
    held = fields(chunk)
    for key in _BESIDE:
        value = held.get(key)
        if value:
            whole[key] = value if key != "x_groq" else {**whole.get(key, {}), **given(value)}
    for choice in objects(held.get("choices")):
        said = fields(choice)
        place = slot(whole["choices"], count(said.get("index")) or 0)
        if said.get("finish_reason"):
            place["finish_reason"] = said["finish_reason"]
        _extend(place.setdefault("message", {}), said.get("delta"))
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
