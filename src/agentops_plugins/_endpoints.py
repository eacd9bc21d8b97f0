"""Clients whose methods take the parts of a body as arguments, and whose objects are mappings."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from agentops.domain.foreign import text
from agentops.domain.genai import Request
from agentops_plugins._content import settings
from agentops_plugins._stainless import Endpoint


def request_of(  # noqa: PLR0913 - the fields of a Request, by name
    endpoint: Endpoint,
    body: Any,
    *,
    provider: str,
    model: str | None = None,
    address: str | None = None,
    stream: bool = False,
    beside: frozenset[str] = frozenset(),
) -> Request:
    """What is asked of an endpoint.

    Args:
        endpoint: what it is.
        body: what is sent.
        provider: who answers.
        model: who is asked where the body does not say.
        address: the URL that it is sent to.
        stream: whether the answer is streamed.
        beside: what of the body is neither content nor setting.
    """
    content = endpoint.read_content(body, None)
    return Request(
        operation=endpoint.operation,
        provider=provider,
        model=text(body, "model") or model,
        messages=content.messages,
        tools=content.tools,
        input=content.input,
        parameters=settings(body, endpoint.content | beside | {"model"}),
        stream=stream,
        server_address=urlsplit(address).hostname if address else None,
    )


def bare(value: Any) -> Any:
    """Mappings of a library's own as the dicts that they stand for, at every level; anything else as it is."""
    if isinstance(value, (list, tuple)):
        return [bare(item) for item in cast("list[Any]", value)]
    if not isinstance(value, Mapping):
        return value
    mapping = cast("Mapping[Any, Any]", value)
    kind: Any = type(mapping)
    held = vars(mapping) if hasattr(kind, "__dataclass_fields__") else mapping
    return {key: bare(item) for key, item in held.items()}
