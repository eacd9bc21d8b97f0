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
from agentops_plugins._content import arguments, fields, given, inline_size, media, outcome, slot
from agentops_plugins._endpoints import Content, Endpoint
from agentops_plugins._openai_parts import cost_of, parts_of, tools_of, usage_of

_WHOLE: Final = frozenset({"id", "type", "role", "name", "format", "index", "expires_at", "tool_call_id", "signature"})
"""What a delta says once; other texts of a delta go on where the last one stopped."""
_SOURCES: Final = ("citations", "search_results")
_BESIDE: Final = ("id", "model", "usage", "service_tier", "x_groq", "error", *_SOURCES)
"""What of a chunk is read beside its choices."""
_CONTENT: Final = frozenset({"content"})
_PLAIN: Final = frozenset({"role", "content", "name"})
"""What most messages have, and no more."""


def _read_content(body: Any, _files: Any) -> Content:
    return Content([_message(value) for value in objects(body, "messages")], tools_of(body))


def _message(value: Any, finish_reason: str | None = None) -> Message:
    held = given(value)
    role = text(held.get("role")) or "assistant"
    parts: list[Part] = parts_of(held.get("content"))
    if role in {"tool", "function"}:
        parts = [ToolResult(outcome(parts), text(held, "tool_call_id"), text(held, "name"))]
    elif not _PLAIN.issuperset(held):
        parts = [*_thoughts(held), *parts, *_extras(held), *_calls(held)]
    return Message(role, parts, text(held.get("name")), finish_reason)


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
    if isinstance(answer, _Streamed):
        answer.settle()
    held = fields(answer)
    messages: list[Message] = []
    reasons: list[str] = []
    for choice in objects(held.get("choices")):
        said = fields(choice)
        reason = text(said.get("finish_reason"))
        messages.append(_message(said.get("message"), reason))
        if reason:
            reasons.append(reason)
    groq, error = held.get("x_groq"), held.get("error")
    usage = held.get("usage") or at(groq, "usage")
    return Response(
        id=text(held.get("id")) or None,
        model=text(held.get("model")) or None,
        messages=messages,
        finish_reasons=reasons,
        usage=usage_of(usage),
        request_id=text(groq, "id"),
        service_tier=text(held.get("service_tier")),
        cost=cost_of(usage),
        output=_found(held),
        error=text(error, "message"),  # in a stream, where the client does not raise it
    )


def _found(held: dict[str, Any]) -> dict[str, Any] | None:
    """The sources of an answer that was searched for, where they stand beside it (Perplexity, xAI)."""
    return {key: plain(held[key]) for key in _SOURCES if held.get(key)} or None


class _Streamed(dict[str, Any]):
    """An answer as far as it was streamed, in the shape of one that was not.

    Attributes:
        texts: how the content of its first choice goes on; it belongs there once `settle` was called.
    """

    __slots__ = ("texts",)

    def __init__(self) -> None:
        super().__init__(choices=[])
        self.texts: list[str] = []

    def settle(self) -> None:
        """Put the texts where they belong."""
        if self.texts:
            _extend(slot(self["choices"], 0).setdefault("message", {}), {"content": "".join(self.texts)})
            self.texts.clear()


def _fold(so_far: Any, chunk: Any) -> _Streamed:
    """What has come so far.

    Nearly every chunk is a model that goes on with the text of the first choice, and repeats what all chunks say. To
    read but its text takes a fifth of reading all its fields; the first, the last and the odd ones are read whole.
    """
    if so_far is None:
        so_far = _Streamed()
    else:
        try:
            held = chunk.__dict__
            choices = held["choices"]
            if len(choices) == 1 and held["usage"] is None:
                said = choices[0].__dict__
                delta = said["delta"]
                if (
                    said["finish_reason"] is None
                    and said["index"] == 0
                    and delta.__pydantic_fields_set__ == _CONTENT
                    and not delta.__pydantic_extra__
                    and type(piece := delta.__dict__["content"]) is str
                ):
                    so_far.texts.append(piece)
                    return so_far
        except (AttributeError, LookupError, TypeError):
            pass
    _read(so_far, chunk)
    return so_far


def _read(whole: _Streamed, chunk: Any) -> None:
    """Adds all that a chunk says."""
    held = fields(chunk)
    for key in _BESIDE:
        value = held.get(key)
        if value:
            whole[key] = value if key != "x_groq" else {**whole.get(key, {}), **given(value)}
    for choice in objects(held.get("choices")):
        whole.settle()
        said = fields(choice)
        place = slot(whole["choices"], count(said.get("index")) or 0)
        if said.get("finish_reason"):
            place["finish_reason"] = said["finish_reason"]
        _extend(place.setdefault("message", {}), said.get("delta"))


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
    for choice in objects(fields(chunk).get("choices")):
        for key, value in fields(fields(choice).get("delta")).items():
            if value and key != "role":
                return True
    return False


CHAT: Final = Endpoint(
    operation=Operation.CHAT,
    content=frozenset({"messages", "tools", "functions"}),
    read_content=_read_content,
    read_response=_read_response,
    fold=_fold,
    has_content=_has_content,
)
