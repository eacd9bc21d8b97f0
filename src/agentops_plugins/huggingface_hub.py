"""Observes the inference clients of `huggingface_hub`, whoever serves the model behind them.

`client.chat.completions.create` is `chat_completion`; `text_generation` calls itself where a server refuses settings.
"""

from typing import Any, Final

from agentops.domain.foreign import at, count, flag, loaded, text
from agentops.domain.genai import Request
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._endpoints import Endpoint, request_of
from agentops_plugins._errors import failure
from agentops_plugins._hosts import provider_of
from agentops_plugins._huggingface import METHODS
from agentops_plugins._mappings import bare, mapped

_BESIDE: Final = frozenset({"extra_body"})


def _read_error(error: BaseException) -> ErrorInfo | None:
    if type(error).__module__.partition(".")[0] not in {"huggingface_hub", "aiohttp"}:
        return None
    sent = at(error, "response_error_payload") or loaded(text(error, "response", "text"))
    said = {"error": at(error, "args", 0)} if at(sent, "error") is None else sent
    return failure(
        error,
        text(said, "error", "message") or text(said, "error") or text(error, "server_message"),
        status=count(error, "response", "status_code") or count(error, "status"),
        code=text(said, "error", "code") or text(said, "error_type"),
        request_id=text(error, "request_id"),
    )


def _reader(first: str, endpoint: Endpoint) -> Reader:
    def read_request(arguments: Arguments) -> Request:
        given: dict[str, Any] = {**arguments.kwargs, first: arguments.get(first, 0)}
        body: dict[str, Any] = {**given, **(given.get("extra_body") or {})}
        served = text(arguments.instance, "model")
        address = next((found for found in (served, text(body, "model")) if found and "://" in found), None)
        asked = request_of(
            endpoint,
            bare({key: value for key, value in body.items() if value is not None and value is not address}),
            provider="huggingface",
            model=None if served is address else served,
            address=address,
            stream=flag(body, "stream"),
            beside=_BESIDE,
        )
        asked.provider = provider_of("", asked.server_address) or asked.provider
        return asked

    return mapped(endpoint, read_request, _read_error)


INSTRUMENTATION: Final = Instrumentation(
    library="huggingface_hub",
    targets=[
        Target(path=f"huggingface_hub.inference.{client}.{method}", reader=_reader(*endpoint), opaque=True)
        for client in ("_client:InferenceClient", "_generated._async_client:AsyncInferenceClient")
        for method, endpoint in METHODS.items()
    ],
    versions=">=0.31,<3",
    captures="chat, streams, tools, completions, embeddings, images, speech, transcripts",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of the inference clients."""
    return INSTRUMENTATION
