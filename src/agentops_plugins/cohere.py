"""Observes `cohere`, versions 1 and 2 of its API, those hosted by others included.

Clients keep methods of their own in themselves, decorated, so that a client made before could not be observed there;
all of them send through a raw client, whose methods are looked up when a call is made.
"""

from dataclasses import replace
from typing import Any, Final

from agentops.domain.foreign import at, count, entry, text
from agentops.domain.genai import Request, Response
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._cohere import CHAT, EMBED, GENERATE, OLD_CHAT, TRANSCRIPTION
from agentops_plugins._endpoints import Endpoint, request_of
from agentops_plugins._errors import failure, is_kind
from agentops_plugins._openai_oneshot import RERANK

_BESIDE: Final = frozenset({"request_options"})
_REQUEST_ID: Final = "x-debug-trace-id"


def _read_error(error: BaseException) -> ErrorInfo | None:
    if not is_kind(error, "ApiError"):
        return None
    return failure(
        error,
        text(error, "body", "message") or text(error, "body"),
        status=count(error, "status_code"),
        request_id=text(entry(at(error, "headers"), _REQUEST_ID)),
    )


def _read_head(result: Any) -> Response:
    return Response(request_id=text(entry(at(result, "headers"), _REQUEST_ID)))


def _reader(endpoint: Endpoint, *, stream: bool) -> Reader:
    def read_request(arguments: Arguments) -> Request:
        address = text(arguments.instance, "_client_wrapper", "_base_url")
        return request_of(endpoint, arguments.kwargs, provider="cohere", address=address, stream=stream, beside=_BESIDE)

    def read_response(result: Any) -> Response:
        if isinstance(result, dict):
            return endpoint.read_response(result)
        response = endpoint.read_response(at(result, "data"))
        response.request_id = _read_head(result).request_id
        return response

    reader = Reader(read_request=read_request, read_response=read_response, read_error=_read_error)
    if not stream:
        return reader
    return replace(
        reader,
        fold=endpoint.fold,
        begin=_read_head,
        has_content=endpoint.has_content,
        iterator="_data",
        connection="_response",
        deferred="__enter__",
    )


_METHODS: Final = {
    "cohere.v2.raw_client:{}RawV2Client": {"chat": CHAT, "embed": EMBED, "rerank": RERANK},
    "cohere.raw_base_client:{}RawBaseCohere": {
        "chat": OLD_CHAT,
        "embed": EMBED,
        "generate": GENERATE,
        "rerank": RERANK,
    },
    "cohere.audio.transcriptions.raw_client:{}RawTranscriptionsClient": {"create": TRANSCRIPTION},
}

INSTRUMENTATION: Final = Instrumentation(
    library="cohere",
    targets=[
        Target(path=f"{owner.format(kind)}.{method}{end}", reader=_reader(endpoint, stream=bool(end)))
        for owner, methods in _METHODS.items()
        for kind in ("", "Async")
        for method, endpoint in methods.items()
        for end in (("", "_stream") if endpoint.fold else ("",))
    ],
    versions=">=5.16,<8",
    captures="chat, streams, tools, completions, embeddings, rankings, transcripts",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `cohere`."""
    return INSTRUMENTATION
