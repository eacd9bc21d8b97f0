"""Observes the chats of `ai21`, whose shape is OpenAI's: https://docs.ai21.com/reference/jamba-1-6-api-ref."""

from typing import Any, Final

from agentops.domain.foreign import at, count, flag, loaded, text
from agentops.domain.genai import Request
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._endpoints import request_of
from agentops_plugins._errors import failure
from agentops_plugins._hosts import provider_of
from agentops_plugins._openai_chat import CHAT

_BESIDE: Final = frozenset({"stream"})


def _read_request(arguments: Arguments) -> Request:
    client = at(arguments.instance, "_client")
    return request_of(
        CHAT,
        arguments.get("body", 1),
        provider=provider_of(type(client).__name__, None) or "ai21",
        address=text(client, "_base_url"),
        stream=flag(arguments.get("stream")),
        beside=_BESIDE,
    )


def _read_error(error: BaseException) -> ErrorInfo | None:
    """What an `AI21APIError` says: the status, and the body as its details."""
    status = count(error, "status_code")
    if status is None:
        return None
    details = loaded(text(error, "details"))
    return failure(error, text(details, "detail") or text(details), status=status)


_CHAT: Final = Reader(
    read_request=_read_request,
    read_response=CHAT.read_response,
    fold=CHAT.fold,
    has_content=CHAT.has_content,
    iterator="_iterator",
    connection="response",
    read_error=_read_error,
)


def _choose(arguments: Arguments) -> Reader | None:
    path: Any = text(arguments.get("path", 0)) or ""
    return _CHAT if path.endswith("chat/completions") else None


_RESOURCES: Final = "ai21.clients.studio.resources.studio_resource"

INSTRUMENTATION: Final = Instrumentation(
    library="ai21",
    versions=">=3,<5",
    captures="chat, streams, tools",
    targets=[
        Target(path=f"{_RESOURCES}:{name}._post", reader=_choose) for name in ("StudioResource", "AsyncStudioResource")
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `ai21`."""
    return INSTRUMENTATION
