"""The client libraries that Stainless generates (openai, anthropic, groq, together, fireworks) have one waist.

`create`, `parse`, the `.stream()` helpers, beta resources and raw variants of every resource end in
`<library>._base_client:SyncAPIClient.request` or its async twin: JSON body in, model, stream or raw response out.
The path of the request tells which endpoint it is.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from agentops.domain.foreign import UNREADABLE, at, count, entry, flag, plain, text
from agentops.domain.genai import Request, Response
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops_plugins._content import fields
from agentops_plugins._endpoints import Endpoint, request_of
from agentops_plugins._errors import failure, is_kind
from agentops_plugins._hosts import provider_of

_RAW: Final = "X-Stainless-Raw-Response"
"""The header by which `with_raw_response` ("true") and `with_streaming_response` ("stream") ask for the response."""
_BAD_STATUS: Final = 400


def stainless(  # noqa: PLR0913 - the fields of an Instrumentation, by name
    library: str,
    endpoints: Mapping[str, Endpoint],
    *,
    provider: str | None = None,
    distribution: str | None = None,
    versions: str = "",
    captures: str = "",
    native_scopes: Sequence[str] = (),
) -> Instrumentation:
    """The instrumentation of one library of the family.

    Args:
        library: its top-level module.
        endpoints: by the end of the request's path; the longest one that fits is it.
        provider: who answers where the client's class and address do not say otherwise; the library's name if None.
        distribution: see `Instrumentation.distribution`.
        versions: see `Instrumentation.versions`.
        captures: see `Instrumentation.captures`.
        native_scopes: see `Instrumentation.native_scopes`.
    """
    readers = {path: _readers(endpoint, provider or library) for path, endpoint in endpoints.items()}

    @lru_cache(maxsize=256)
    def found(url: str) -> _Readers | None:
        path = url.partition("?")[0].rstrip("/")
        fitting = [end for end in readers if path.endswith(end)]
        return readers[max(fitting, key=len)] if fitting else None

    def choose(arguments: Arguments) -> Reader | None:
        options = fields(arguments.get("options", 1))
        url = text(options.get("url"))
        if url is None or (text(options.get("method")) or "").lower() != "post":
            return None
        chosen = found(url)
        if chosen is None:
            return None
        raw = text(entry(options.get("headers"), _RAW))
        on_the_wire = raw == "stream" or (raw is not None and flag(arguments.get("stream")))
        return chosen.deferred if on_the_wire else chosen.plain

    return Instrumentation(
        library=library,
        targets=[
            Target(path=f"{library}._base_client:{kind}APIClient.request", reader=choose) for kind in ("Sync", "Async")
        ],
        distribution=distribution,
        versions=versions,
        captures=captures,
        native_scopes=native_scopes,
    )


class _Readers(NamedTuple):
    plain: Reader
    deferred: Reader


def _readers(endpoint: Endpoint, provider: str) -> _Readers:
    """The readers of one endpoint: for an answer at hand, and for one that is still on the wire."""

    def read_request(arguments: Arguments) -> Request:
        return _read_request(endpoint, provider, arguments)

    def read_response(result: Any) -> Response:
        if isinstance(result, dict):  # folded of a stream, whose beginning has told the request id
            return endpoint.read_response(result)
        response = endpoint.read_response(_answer(result))
        if not response.request_id:
            response.request_id = _request_id(result)
        return response

    def reader(deferred: str | None) -> Reader:
        return Reader(
            read_request=read_request,
            read_response=read_response,
            fold=endpoint.fold,
            begin=_read_head,
            has_content=endpoint.has_content,
            iterator="_iterator",
            connection="response",
            deferred=deferred,
            read_error=read_error,
        )

    return _Readers(reader(None), reader("parse"))


def _read_request(endpoint: Endpoint, provider: str, arguments: Arguments) -> Request:
    options, client = fields(arguments.get("options", 1)), arguments.instance
    sent, extra = options.get("json_data"), options.get("extra_json")
    body = {**fields(sent), **fields(extra)} if extra else sent
    host, port = _address_of(client)
    return request_of(
        endpoint,
        body,
        files=options.get("files"),
        provider=provider_of(type(client).__name__, host, port) or provider,
        host=host,
        stream=arguments.get("stream") is True,
    )


def _address_of(client: Any) -> tuple[str | None, int | None]:
    try:
        address = client.base_url
        return text(address.host), count(address, "port")
    except UNREADABLE:
        return None, None


def _read_head(stream: Any) -> Response | None:
    request_id = _header_id(at(stream, "response"))
    return None if request_id is None else Response(request_id=request_id)


def _answer(result: Any) -> Any:
    """The answer as such: of a raw response the JSON of its body, if that has been read from the wire."""
    http = at(result, "http_response")
    if http is None:
        return result
    try:
        return json.loads(http.content)
    except (RuntimeError, ValueError):  # httpx: RuntimeError("... without having called `read()`")
        return None


def _request_id(result: Any) -> str | None:
    found = text(result, "_request_id")
    if found is not None:
        return found
    return _header_id(at(result, "http_response") or at(result, "response"))


def _header_id(http: Any) -> str | None:
    headers = at(http, "headers")
    return None if headers is None else text(entry(headers, "x-request-id")) or text(entry(headers, "request-id"))


def read_error(error: BaseException) -> ErrorInfo | None:
    """What an `APIError` of the family says: HTTP status, the provider's code (else its type), request id, message."""
    if not is_kind(error, "APIError"):
        return None
    body = at(error, "body", "error") or at(error, "body")
    status = count(error, "status_code")
    return failure(
        error,
        text(body, "message") or text(error, "message"),
        status=status if status is not None and status >= _BAD_STATUS else None,
        code=text(body, "code") or text(body, "type") or text(plain(at(error, "code"))),
        request_id=text(error, "request_id") or _request_id(error) or text(error, "body", "request_id"),
    )
