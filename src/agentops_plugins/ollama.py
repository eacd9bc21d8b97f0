"""Observes `ollama`: its clients, and the module's functions, which are methods of a client that it made at import.

All of them send through `_request`, which is looked up when a call is made; so `from ollama import chat` is seen too.
Longer than other plugins, as nobody else speaks this API: https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from typing import Any, Final

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import (
    Media,
    Message,
    Operation,
    Part,
    Reasoning,
    Request,
    Response,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._content import arguments, inline_size, settings
from agentops_plugins._openai_parts import tools_of

_CONTENT: Final = frozenset({"model", "messages", "tools", "prompt", "system", "suffix", "images", "input", "context"})
"""What of a body is no setting; `context` is an earlier answer in numbers."""
_OPERATIONS: Final = {
    "/api/chat": Operation.CHAT,
    "/api/generate": Operation.TEXT_COMPLETION,
    "/api/embed": Operation.EMBEDDINGS,
    "/api/embeddings": Operation.EMBEDDINGS,
}
_LAST: Final = ("model", "done_reason", "prompt_eval_count", "eval_count")
"""What the last part of a stream says for the whole."""


def _choose(call: Arguments) -> Reader | None:
    return _CALL if call.get("", 2) in _OPERATIONS else None


def _read_request(call: Arguments) -> Request:
    body, operation = call.get("json"), _OPERATIONS[call.get("", 2)]
    embeds = operation is Operation.EMBEDDINGS
    return Request(
        operation=operation,
        provider="ollama",
        model=text(body, "model"),
        messages=[] if embeds else [*_prompts(body), *map(_message, objects(body, "messages"))],
        tools=tools_of(body),
        input=plain(at(body, "input") or at(body, "prompt")) if embeds else None,
        parameters=settings(body, _CONTENT),
        stream=call.get("stream") is True,
        server_address=text(call.instance, "_client", "base_url", "host"),
    )


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


def _read_response(answer: Any) -> Response:
    reason, usage = (
        text(answer, "done_reason"),
        Usage(count(answer, "prompt_eval_count"), output=count(answer, "eval_count")),
    )
    vectors = objects(answer, "embeddings") or [vector for vector in [objects(answer, "embedding")] if vector]
    said = at(answer, "message")
    if said is None and not vectors:  # of `generate`
        said = {"content": text(answer, "response"), "thinking": text(answer, "thinking")}
    return Response(
        model=text(answer, "model"),
        messages=[] if vectors else [_message(said, reason)],
        finish_reasons=[reason] if reason else [],
        usage=None if usage == Usage() else usage,
        output={"count": len(vectors), "dimensions": len(objects(vectors[0]))} if vectors else None,
    )


def _fold(so_far: Any, chunk: Any) -> dict[str, Any]:
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


def _has_content(chunk: Any) -> bool:
    said = at(chunk, "message") or chunk
    return any(at(said, key) for key in ("content", "thinking", "response", "tool_calls"))


def _read_error(error: BaseException) -> ErrorInfo | None:
    kind, status = type(error), count(error, "status_code")
    if kind.__name__ != "ResponseError":
        return None
    return ErrorInfo(
        type=f"{kind.__module__}.{kind.__qualname__}", message=text(error, "error") or "", status_code=status
    )


_CALL: Final = Reader(
    read_request=_read_request,
    read_response=_read_response,
    fold=_fold,
    has_content=_has_content,
    read_error=_read_error,
)

INSTRUMENTATION: Final = Instrumentation(
    library="ollama",
    targets=[Target(path=f"ollama._client:{client}._request", reader=_choose) for client in ("Client", "AsyncClient")],
    versions=">=0.4,<0.7",
    captures="chat, streams, tools, thinking, completions, embeddings",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `ollama`."""
    return INSTRUMENTATION
