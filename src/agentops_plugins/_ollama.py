"""What Ollama is asked and what it answers: https://github.com/ollama/ollama/blob/main/docs/api.md."""

from typing import Any, Final

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import Media, Message, Part, Reasoning, Response, Text, ToolCall, ToolResult, Usage
from agentops_plugins._content import arguments, counted, extent, inline_size

_LAST: Final = ("model", "image", "done_reason", "prompt_eval_count", "eval_count")
"""What the last part of a stream says for the whole."""


def messages_of(body: Any) -> list[Message]:
    """The messages of a chat, or what a completion is given in their place."""
    return [*_prompts(body), *map(_message, objects(body, "messages"))]


def _prompts(body: Any) -> list[Message]:
    """What `generate` is given in place of messages."""
    system, prompt = text(body, "system"), text(body, "prompt")
    parts = [*_images(objects(body, "images")), *([Text(prompt)] if prompt else [])]
    return [*([Message("system", [Text(system)])] if system else []), *([Message("user", parts)] if parts else [])]


def _images(images: list[Any]) -> list[Part]:
    return [Media("image", size=inline_size(image)) for image in images]


def _message(value: Any, finish_reason: str | None = None) -> Message:
    role, said, thought = text(value, "role") or "assistant", text(value, "content"), text(value, "thinking")
    if role == "tool":
        return Message(role, [ToolResult(said, name=text(value, "tool_name") or text(value, "name"))])
    calls = [at(call, "function") for call in objects(value, "tool_calls")]
    parts: list[Part] = [
        *([Reasoning(thought)] if thought else []),
        *_images(objects(value, "images")),
        *([Text(said)] if said else []),
        *[ToolCall(text(call, "name") or "", arguments(at(call, "arguments"))) for call in calls],
    ]
    return Message(role, parts, finish_reason=finish_reason)


def read_response(answer: Any) -> Response:
    """An answer, or what `fold` made of its parts."""
    reason, picture = text(answer, "done_reason"), text(answer, "image")
    usage = Usage(count(answer, "prompt_eval_count"), output=count(answer, "eval_count"))
    said = at(answer, "message")
    if said is None:  # of a completion
        beside = {"images": [picture]} if picture else {}
        said = {"content": text(answer, "response"), "thinking": text(answer, "thinking"), **beside}
    return Response(
        model=text(answer, "model"),
        messages=[_message(said, reason)],
        finish_reasons=[reason] if reason else [],
        usage=counted(usage),
    )


def read_vectors(answer: Any) -> Response:
    """Embeddings; the older endpoint gives one, and counts nothing."""
    one = objects(answer, "embedding")
    vectors, tokens = objects(answer, "embeddings") or ([one] if one else []), count(answer, "prompt_eval_count")
    return Response(
        model=text(answer, "model"),
        usage=None if tokens is None else Usage(input=tokens),
        output=extent(vectors),
    )


def read_scores(answer: Any) -> Response:
    """Answers to questions with given choices."""
    usage = Usage(count(answer, "usage", "input_tokens"), output=count(answer, "usage", "output_tokens"))
    return Response(model=text(answer, "model"), usage=usage, output=plain(at(answer, "answers")))


def fold(so_far: Any, chunk: Any) -> dict[str, Any]:
    """The texts go on; the last part says the rest."""
    whole: dict[str, Any] = {} if so_far is None else so_far
    whole.update({key: value for key in _LAST if (value := at(chunk, key)) is not None})
    message = at(chunk, "message")
    into = whole if message is None else whole.setdefault("message", {})
    for key in ("content", "thinking", "response"):
        piece = text(chunk if message is None else message, key)
        if piece:
            into[key] = into.get(key, "") + piece
    calls = objects(message, "tool_calls")
    if calls:
        into["tool_calls"] = [*into.get("tool_calls", []), *calls]
    return whole


def has_content(chunk: Any) -> bool:
    """Whether it brings text, thought, calls or a picture."""
    said = at(chunk, "message") or chunk
    return any(at(said, key) for key in ("content", "thinking", "response", "tool_calls", "image"))
