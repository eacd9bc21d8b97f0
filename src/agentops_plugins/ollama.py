"""Observes `ollama`: its clients, and the module's functions, which are methods of a client that it made at import.

All of them send through `_request`, which is looked up when a call is made; so `from ollama import chat` is seen too.
"""

from typing import Any, Final

from agentops.domain.foreign import at, count, plain, text
from agentops.domain.genai import Operation, Request, ToolRequest, ToolResponse
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._content import settings
from agentops_plugins._errors import failure, is_kind
from agentops_plugins._ollama import fold, has_content, messages_of, read_response, read_scores, read_vectors
from agentops_plugins._openai_parts import tools_of

_CONTENT: Final = frozenset({"model", "messages", "tools", "prompt", "system", "suffix", "images", "input", "context"})
"""What of a body is no setting; `context` is an earlier answer in numbers."""
_QUESTIONS: Final = frozenset({"state", "questions"})
_OPERATIONS: Final = {
    "/api/chat": Operation.CHAT,
    "/api/generate": Operation.TEXT_COMPLETION,
    "/api/embed": Operation.EMBEDDINGS,
    "/api/embeddings": Operation.EMBEDDINGS,
    "/v1/systemone": Operation.GENERATE_CONTENT,
}


def _read_request(call: Arguments) -> Request:
    body, operation = call.get("json"), _OPERATIONS[call.get("", 2)]
    embeds, asks = operation is Operation.EMBEDDINGS, operation is Operation.GENERATE_CONTENT
    return Request(
        operation=operation,
        provider="ollama",
        model=text(body, "model"),
        messages=[] if embeds else messages_of(body),
        tools=tools_of(body),
        input=_given(body) if embeds else settings(body, body.keys() - _QUESTIONS) if asks else None,
        parameters=settings(body, _CONTENT | _QUESTIONS),
        stream=call.get("stream") is True,
        server_address=text(call.instance, "_client", "base_url", "host"),
    )


def _given(body: Any) -> Any:
    return plain(at(body, "input") or at(body, "prompt"))


def _read_error(error: BaseException) -> ErrorInfo | None:
    if not is_kind(error, "ResponseError"):
        return None
    return failure(error, text(error, "error"), status=count(error, "status_code"))


def _read_tool(call: Arguments) -> ToolRequest:
    return ToolRequest(name=call.get("", 2).rpartition("/")[2], arguments=plain(call.get("json")))


_CALL: Final = Reader(
    read_request=_read_request,
    read_response=read_response,
    fold=fold,
    has_content=has_content,
    read_error=_read_error,
)
_EMBED: Final = Reader(read_request=_read_request, read_response=read_vectors, read_error=_read_error)
_SCORE: Final = Reader(read_request=_read_request, read_response=read_scores, read_error=_read_error)
_TOOL: Final = Reader(
    read_request=_read_tool,
    read_response=lambda answer: ToolResponse(result=plain(answer)),
    read_error=_read_error,
)
_READERS: Final = {
    "/api/chat": _CALL,
    "/api/generate": _CALL,
    "/api/embed": _EMBED,
    "/api/embeddings": _EMBED,
    "/v1/systemone": _SCORE,
    "https://ollama.com/api/web_search": _TOOL,
    "https://ollama.com/api/web_fetch": _TOOL,
}

INSTRUMENTATION: Final = Instrumentation(
    library="ollama",
    targets=[
        Target(path=f"ollama._client:{client}._request", reader=lambda call: _READERS.get(call.get("", 2)))
        for client in ("Client", "AsyncClient")
    ],
    versions=">=0.4,<0.7",
    captures="chat, streams, tools, thinking, completions, embeddings, web searches",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `ollama`."""
    return INSTRUMENTATION
