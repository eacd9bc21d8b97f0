"""Observes the chats of `ai21`, whose shape is OpenAI's: https://docs.ai21.com/reference/jamba-1-6-api-ref."""

from typing import Any, Final
from urllib.parse import urlsplit

from agentops.domain.foreign import at, count, flag, loaded, text
from agentops.domain.genai import Request
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._content import settings
from agentops_plugins._openai_chat import CHAT

_PROVIDERS: Final = {
    "AI21VertexClient": "gcp.vertex_ai",
    "AI21BedrockClient": "aws.bedrock",
    "AI21AzureClient": "azure.ai.inference",
}
"""Clients for models that someone else hosts; each has a twin `Async...`."""


def _read_request(arguments: Arguments) -> Request:
    client, body = at(arguments.instance, "_client"), arguments.get("body", 1)
    content = CHAT.read_content(body, None)
    return Request(
        operation=CHAT.operation,
        provider=_PROVIDERS.get(type(client).__name__.removeprefix("Async"), "ai21"),
        model=text(body, "model"),
        messages=content.messages,
        tools=content.tools,
        parameters=settings(body, CHAT.content | {"model", "stream"}),
        stream=flag(arguments.get("stream")),
        server_address=urlsplit(text(client, "_base_url") or "").hostname,
    )


def _read_error(error: BaseException) -> ErrorInfo | None:
    """What an `AI21APIError` says: the status, and the body as its details."""
    status = count(error, "status_code")
    if status is None:
        return None
    kind, details = type(error), loaded(text(error, "details"))
    return ErrorInfo(
        type=f"{kind.__module__}.{kind.__qualname__}",
        message=text(details, "detail") or text(details) or str(error),
        status_code=status,
    )


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
