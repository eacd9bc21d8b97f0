"""Observes `azure.ai.inference`, which speaks OpenAI's API to all models that Azure and GitHub serve.

https://learn.microsoft.com/en-us/rest/api/aifoundry/modelinference/
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from agentops.domain.foreign import at, count, entry, objects, text
from agentops.domain.genai import Message, Part, Request, Text
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._content import media
from agentops_plugins._endpoints import Content, Endpoint, request_of
from agentops_plugins._errors import failure, is_kind
from agentops_plugins._hosts import provider_of
from agentops_plugins._mappings import bare, mapped
from agentops_plugins._openai_chat import CHAT
from agentops_plugins._openai_oneshot import EMBEDDINGS

_DEPLOYMENT: Final = re.compile(r"/deployments/([^/?]+)")
_SETTINGS: Final = (
    *("model", "temperature", "top_p", "max_tokens", "stop", "seed", "frequency_penalty", "presence_penalty"),
    *("tools", "tool_choice", "dimensions", "encoding_format", "input_type"),
)
"""What a client may be made with, for all of its calls."""
_GIVEN: Final = ("messages", "input", "response_format", "stream")


def _read_pictures(body: Any, _files: Any) -> Content:
    return Content([Message("user", _picture(value)) for value in objects(body, "input")])


def _picture(value: Any) -> list[Part]:
    said = text(value, "text")
    return [media("image", text(value, "image")), *([Text(said)] if said else [])]


_METHODS: Final = {
    "ChatCompletionsClient.complete": CHAT,
    "EmbeddingsClient.embed": EMBEDDINGS,
    "ImageEmbeddingsClient.embed": replace(EMBEDDINGS, read_content=_read_pictures),
}


def _sent(arguments: Arguments) -> dict[str, Any]:
    """The body: given as such, or in parts, some of them when the client was made; bytes and files are not read."""
    whole = arguments.get("body", 0)
    if whole is not None:
        return bare(cast("Any", whole)) if isinstance(whole, Mapping) else {}
    client, given = arguments.instance, arguments.kwargs
    extras: Any = given.get("model_extras") or at(client, "_model_extras")
    parts: dict[str, Any] = {
        "response_format": at(client, "_internal_response_format"),
        **{name: at(client, f"_{name}") for name in _SETTINGS},
        **{name: given[name] for name in (*_SETTINGS, *_GIVEN) if given.get(name) is not None},
        **(extras or {}),
    }
    return bare({name: value for name, value in parts.items() if value is not None})


def _read_error(error: BaseException) -> ErrorInfo | None:
    if not is_kind(error, "AzureError"):
        return None
    headers = at(error, "response", "headers")
    return failure(
        error,
        text(error, "error", "message") or text(error, "message"),
        status=count(error, "status_code"),
        code=text(error, "error", "code"),
        request_id=text(entry(headers, "apim-request-id")) or text(entry(headers, "x-request-id")),
    )


def _reader(endpoint: Endpoint) -> Reader:
    def read_request(arguments: Arguments) -> Request:
        body, address = _sent(arguments), text(arguments.instance, "_config", "endpoint") or ""
        deployment = _DEPLOYMENT.search(address)
        asked = request_of(
            endpoint,
            body,
            provider="azure.ai.inference",
            model=deployment[1] if deployment else None,
            address=address,
            stream=body.get("stream") is True,
        )
        asked.provider = provider_of("", asked.server_address) or asked.provider
        return asked

    return mapped(endpoint, read_request, _read_error)


INSTRUMENTATION: Final = Instrumentation(
    library="azure.ai.inference",
    targets=[
        Target(path=f"azure.ai.inference.{module}:{method}", reader=_reader(endpoint))
        for module in ("_patch", "aio._patch")
        for method, endpoint in _METHODS.items()
    ],
    distribution="azure-ai-inference",
    versions=">=1.0.0b8,<2",
    captures="chat, streams, tools, embeddings of texts and images",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `azure.ai.inference`."""
    return INSTRUMENTATION
