"""An HTTP exchange of the program itself, as a tool: where it went and how it ended, never what was in it.

Attribute names are those of https://opentelemetry.io/docs/specs/semconv/http/http-spans/.
"""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from agentops.domain.foreign import at, count, text
from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.instrumentation.target import Arguments, Reader

_REDACTED: Final = "REDACTED"

_REPORTS: Final = ("https://api.openai.com/v1/traces/ingest",)
"""Where libraries tell their makers what they did (openai-agents), which is no work of the program."""


def read_request(arguments: Arguments) -> ToolRequest:
    """Method and address of the request that is sent, values of the query and credentials left out."""
    request = arguments.get("request", 0)
    method = (text(request, "method") or "GET").upper()
    address = urlsplit(str(at(request, "url") or ""))
    url = redacted(address)
    return ToolRequest(
        name=f"{method} {address.hostname or ''}{address.path or '/'}",
        arguments={"method": method, "url": url},
        attributes={
            "http.request.method": method,
            "url.full": url,
            "server.address": address.hostname or "",
            **({} if address.port is None else {"server.port": address.port}),
        },
    )


def redacted(address: SplitResult) -> str:
    """An address without user, password and the values of its query."""
    host = address.netloc.rpartition("@")[2]
    query = urlencode([(key, _REDACTED) for key, _ in parse_qsl(address.query, keep_blank_values=True)])
    return address._replace(netloc=host, query=query, fragment="").geturl()


def read_response(response: Any) -> ToolResponse:
    """The status; from 400 on it is a failure, as the conventions for HTTP clients say."""
    status = count(response, "status_code")
    if status is None:
        return ToolResponse()
    phrase = text(response, "reason_phrase") or text(response, "reason") or ""
    return ToolResponse(
        result={"status_code": status},
        error=f"{status} {phrase}".rstrip() if status >= HTTPStatus.BAD_REQUEST else None,
        attributes={"http.response.status_code": status},
    )


EXCHANGE: Final = Reader(read_request=read_request, read_response=read_response)


def exchange(arguments: Arguments) -> Reader | None:
    """How a request that is sent is read; None where a library reports on its own."""
    address = str(at(arguments.get("request", 0), "url") or "")
    return None if address.startswith(_REPORTS) else EXCHANGE
