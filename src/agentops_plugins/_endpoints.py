"""The kinds of calls that providers offer: how what is asked and what is answered is read, whatever library asks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from agentops.domain.foreign import at, count, plain, text
from agentops.domain.genai import Json, Message, Operation, Request, Response, Tool
from agentops_plugins._content import settings


@dataclass(frozen=True, slots=True)
class Content:
    """What of a request is no setting."""

    messages: list[Message] = field(default_factory=list[Message])
    tools: list[Tool] = field(default_factory=list[Tool])
    input: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One kind of call, however many methods lead to it.

    Attributes:
        operation: what it does.
        content: the keys of the body that `read_content` reads; all others are settings.
        read_content: reads the body (and the files sent with it).
        read_response: reads the answer: a model, a JSON object, or what `fold` built.
        fold: see `Reader.fold`.
        has_content: see `Reader.has_content`.
    """

    operation: Operation
    content: frozenset[str]
    read_content: Callable[[Any, Any], Content]
    read_response: Callable[[Any], Response]
    fold: Callable[[Any, Any], Any] | None = None
    has_content: Callable[[Any], bool] | None = None


def request_of(  # noqa: PLR0913 - the fields of a Request, by name
    endpoint: Endpoint,
    body: Any,
    *,
    provider: str,
    files: Any = None,
    model: str | None = None,
    host: str | None = None,
    address: str | None = None,
    stream: bool = False,
    beside: frozenset[str] = frozenset(),
) -> Request:
    """What is asked of an endpoint.

    Args:
        endpoint: what it is.
        body: what is sent.
        provider: who answers.
        files: what is sent with it.
        model: who is asked where the body does not say.
        host: where it is sent.
        address: the URL that it is sent to, where the host is not known as such.
        stream: whether the answer is streamed.
        beside: what of the body is neither content nor setting.
    """
    content = endpoint.read_content(body, files)
    return Request(
        operation=endpoint.operation,
        provider=provider,
        model=text(body, "model") or model,
        messages=content.messages,
        tools=content.tools,
        input=content.input,
        parameters=settings(body, endpoint.content | beside | {"model"}),
        stream=stream,
        server_address=host or (urlsplit(address).hostname if address else None),
    )


def input_of(key: str) -> Callable[[Any, Any], Content]:
    """Reads a body of which one value is what is asked about."""
    return lambda body, _files: Content(input=plain(at(body, key)))


def read_count(answer: Any) -> Response:
    """How many tokens a request would have, as OpenAI and Anthropic say it."""
    return Response(output={"input_tokens": count(answer, "input_tokens")})
