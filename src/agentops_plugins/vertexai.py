"""Observes `vertexai`, the older client of Vertex AI: content, whole and streamed, and embeddings of texts.

It speaks gRPC or REST with the same messages; they are read as the JSON that REST sends
(https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference).
"""

import importlib
from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import Operation, Request, Response, Usage
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._content import extent, settings
from agentops_plugins._errors import failure
from agentops_plugins._gemini import fold, has_content, read_response
from agentops_plugins._gemini_parts import read_content

_PROVIDER: Final = "gcp.vertex_ai"


def _json_of(message: Any) -> Any:
    """A message of Google's as JSON; the library that can do so is there when messages are."""
    json_format: Any = importlib.import_module("google.protobuf.json_format")
    kind = cast("Any", type(message))
    return json_format.MessageToDict(kind.pb(message))


def _read_request(arguments: Arguments, *, stream: bool = False) -> Request:
    """What the model is sent, put together as it puts it together."""
    body = _json_of(arguments.instance._prepare_request(*arguments.args, **arguments.kwargs))  # noqa: SLF001 - only it knows
    return Request(
        operation=Operation.GENERATE_CONTENT,
        provider=_PROVIDER,
        model=(text(body, "model") or "").rpartition("/")[2],
        stream=stream,
        **read_content(body),
    )


def _body_of(answer: Any) -> Any:
    return _json_of(at(answer, "_raw_response"))


def _read_texts(arguments: Arguments) -> Request:
    return Request(
        operation=Operation.EMBEDDINGS,
        provider=_PROVIDER,
        model=text(arguments.instance, "_model_id"),
        input=[text(given) or plain(given) for given in objects(arguments.get("texts", 0))],
        parameters=settings({key: held for key, held in arguments.kwargs.items() if held is not None}, {"texts"}),
    )


def _read_vectors(answer: Any) -> Response:
    counts = [count(vector, "statistics", "token_count") for vector in objects(answer)]
    known = [tokens for tokens in counts if tokens is not None]
    return Response(
        usage=Usage(input=sum(known)) if known else None,
        output=extent(objects(answer), "values"),
    )


def _read_error(error: BaseException) -> ErrorInfo | None:
    """What a `GoogleAPICallError` says: https://googleapis.dev/python/google-api-core/latest/exceptions.html."""
    status = count(error, "code")
    if status is None:
        return None
    return failure(
        error,
        text(error, "message"),
        status=status,
        code=text(error, "grpc_status_code", "name"),  # which errors over REST do not have
    )


_GENERATE: Final = Reader(
    read_request=_read_request,
    read_response=lambda answer: read_response(answer if isinstance(answer, dict) else _body_of(answer)),
    fold=lambda so_far, chunk: fold(so_far, _body_of(chunk)),
    has_content=lambda chunk: has_content(_body_of(chunk)),
    read_error=_read_error,
)
_STREAM: Final = replace(_GENERATE, read_request=partial(_read_request, stream=True))
_EMBED: Final = Reader(read_request=_read_texts, read_response=_read_vectors, read_error=_read_error)
_MODEL: Final = "vertexai.generative_models._generative_models:_GenerativeModel._generate_content"
_VECTORS: Final = "vertexai.language_models._language_models:_TextEmbeddingModel.get_embeddings"

INSTRUMENTATION: Final = Instrumentation(
    library="vertexai",
    distribution="google-cloud-aiplatform",
    versions=">=1.92,<3",
    captures="content, streams, tools, embeddings",
    targets=[
        Target(path=_MODEL, reader=_GENERATE),
        Target(path=f"{_MODEL}_async", reader=_GENERATE),
        Target(path=f"{_MODEL}_streaming", reader=_STREAM),
        Target(path=f"{_MODEL}_streaming_async", reader=_STREAM),
        Target(path=_VECTORS, reader=_EMBED),
        Target(path=f"{_VECTORS}_async", reader=_EMBED),
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `vertexai`."""
    return INSTRUMENTATION
