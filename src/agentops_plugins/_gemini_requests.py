"""The requests of `google.genai`, read by the method at the end of their path: https://google.aip.dev/136."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from agentops.domain.foreign import at, count, flag, text
from agentops.domain.genai import Operation, Request, Response
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._content import fields
from agentops_plugins._errors import failure, is_kind
from agentops_plugins._gemini import fold, has_content, read_response
from agentops_plugins._gemini_oneshot import read_batch, read_count, read_embeddings, read_images, read_prompt
from agentops_plugins._gemini_parts import read_content


def _reader(
    operation: Operation, content: Callable[[Any], dict[str, Any]], response: Callable[[Any], Response]
) -> Reader:
    def read_request(arguments: Arguments) -> Request:
        client, options = arguments.instance, arguments.get("http_options", 3)
        path = (text(arguments.get("path", 1)) or "").partition("?")[0]
        address = text(options, "base_url") or text(client, "_http_options", "base_url") or ""
        body = {**fields(arguments.get("request_dict", 2)), **fields(at(options, "extra_body"))}
        return Request(
            operation=operation,
            provider="gcp.vertex_ai" if flag(client, "vertexai") else "gcp.gemini",
            model=path.rpartition(":")[0].rpartition("/")[2],
            stream=path.endswith(":streamGenerateContent"),
            server_address=urlsplit(address).hostname,
            **content(body),
        )

    return Reader(
        read_request=read_request,
        read_response=lambda result: response(_body_of(result)),
        fold=lambda so_far, chunk: fold(so_far, _body_of(chunk)),
        has_content=lambda chunk: has_content(_body_of(chunk)),
        read_error=_read_error,
    )


def _body_of(result: Any) -> Any:
    """The JSON of an answer or of a chunk of it: as text, since version 1.37, or read already."""
    said = text(result, "body")
    if said is None:
        return result
    try:
        return msgspec.json.decode(said)
    except msgspec.DecodeError:
        return None


def _read_error(error: BaseException) -> ErrorInfo | None:
    """What an `APIError` says: status, the name that Google gives it, the words."""
    if not is_kind(error, "APIError"):
        return None
    return failure(error, text(error, "message"), status=count(error, "code"), code=text(error, "status"))


_GENERATE: Final = _reader(Operation.GENERATE_CONTENT, read_content, read_response)
_EMBED: Final = _reader(Operation.EMBEDDINGS, read_batch, read_embeddings)
_DRAW: Final = _reader(Operation.IMAGE_GENERATION, read_prompt, read_images)
_COUNT: Final = _reader(Operation.TOKEN_COUNT, read_content, read_count)
_BY_VERB: Final = {
    "generateContent": _GENERATE,
    "streamGenerateContent": _GENERATE,
    "countTokens": _COUNT,
    "embedContent": _EMBED,
    "batchEmbedContents": _EMBED,
}


def choose(arguments: Arguments) -> Reader | None:
    """How a request is read; None where no model is asked."""
    verb = (text(arguments.get("path", 1)) or "").partition("?")[0].rpartition(":")[2]
    if verb != "predict":
        return _BY_VERB.get(verb)
    return _EMBED if at(arguments.get("request_dict", 2), "instances", 0, "content") is not None else _DRAW
