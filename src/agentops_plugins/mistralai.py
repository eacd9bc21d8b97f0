"""Observes `mistralai` 1 to 3 and its clients for Azure and Google Cloud: https://docs.mistral.ai/api.

`parse` ends in `complete`, and a conversation's `run` in `start` and `append`: what each of them asks is a call.
"""

from collections.abc import Iterator
from typing import Any, Final

from agentops.domain.foreign import at, flag, text
from agentops.domain.genai import Request
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._endpoints import Endpoint, request_of
from agentops_plugins._mistral_chat import CHAT, EMBEDDINGS, FILL, MODERATION, is_text
from agentops_plugins._mistral_conversations import CONVERSATION
from agentops_plugins._openai_responses import RESPONSES
from agentops_plugins._speakeasy import read_error, wired

_BESIDE: Final = frozenset({"stream", "retries", "server_url", "timeout_ms", "http_headers"})
_ADDRESS: Final = "https://api.mistral.ai"
_METHODS: Final[dict[str, tuple[Endpoint, tuple[str, ...]]]] = {
    "chat:Chat": (CHAT, ("complete", "stream")),
    "agents:Agents": (CHAT, ("complete", "stream")),
    "fim:Fim": (FILL, ("complete", "stream")),
    "embeddings:Embeddings": (EMBEDDINGS, ("create",)),
    "classifiers:Classifiers": (MODERATION, ("moderate", "moderate_chat")),
    "conversations:Conversations": (
        CONVERSATION,
        ("start", "append", "restart", "start_stream", "append_stream", "restart_stream"),
    ),
    "responses:Responses": (RESPONSES, ("create",)),
}
_HOSTED: Final = ("chat:Chat", "fim:Fim")
_PACKAGES: Final = {
    "mistralai": ("mistral_ai", tuple(_METHODS)),
    "mistralai.client": ("mistral_ai", tuple(_METHODS)),
    "mistralai.azure.client": ("azure.ai.inference", _HOSTED[:1]),
    "mistralai.gcp.client": ("gcp.vertex_ai", _HOSTED),
    "mistralai_azure": ("azure.ai.inference", _HOSTED[:1]),
    "mistralai_gcp": ("gcp.vertex_ai", _HOSTED),
}
"""Where versions 1, and 2 and later, have them, who answers, and what there is."""


def _reader(endpoint: Endpoint, provider: str, *, stream: bool) -> Reader:
    fold, has_content = endpoint.fold, endpoint.has_content

    def read_request(arguments: Arguments) -> Request:
        body = wired(arguments.kwargs)
        address = text(body, "server_url") or text(arguments.instance, "sdk_configuration", "server_url")
        return request_of(
            endpoint,
            body,
            provider=provider,
            address=address or (_ADDRESS if provider == "mistral_ai" else None),
            stream=stream or flag(body, "stream"),
            beside=_BESIDE,
        )

    def fold_event(so_far: Any, event: Any) -> Any:
        chunk = at(event, "data")
        return fold and fold(so_far, chunk if so_far is not None and is_text(chunk) else wired(chunk))

    return Reader(
        read_request=read_request,
        read_response=lambda answer: endpoint.read_response(answer if isinstance(answer, dict) else wired(answer)),
        fold=fold and fold_event,
        has_content=has_content and (lambda event: has_content(wired(at(event, "data")))),
        read_error=read_error,
        iterator="generator",
        connection="response",
    )


def _targets() -> Iterator[Target]:
    for package, (provider, places) in _PACKAGES.items():
        for place in places:
            endpoint, methods = _METHODS[place]
            for method in methods:
                reader = _reader(endpoint, provider, stream="stream" in method)
                for name in (method, f"{method}_async"):
                    yield Target(path=f"{package}.{place}.{name}", reader=reader)


INSTRUMENTATION: Final = Instrumentation(
    library="mistralai",
    versions=">=1.7,<4",
    captures="chat, streams, tools, agents, conversations, completion, embeddings, moderation, responses",
    targets=list(_targets()),
    native_scopes=("mistralai_sdk_tracer",),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `mistralai`."""
    return INSTRUMENTATION
