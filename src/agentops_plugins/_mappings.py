"""Clients whose methods take the parts of a body as arguments, and whose objects are mappings of their own."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from agentops.domain.genai import Request
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._endpoints import Endpoint


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


def mapped(
    endpoint: Endpoint,
    read_request: Callable[[Arguments], Request],
    read_error: Callable[[BaseException], ErrorInfo | None],
) -> Reader:
    """Reads the answers of an endpoint, and their chunks, from mappings."""
    fold, tells = endpoint.fold, endpoint.has_content
    return Reader(
        read_request=read_request,
        read_response=lambda answer: endpoint.read_response(bare(answer)),
        fold=None if fold is None else lambda so_far, chunk: fold(so_far, bare(chunk)),
        has_content=None if tells is None else lambda chunk: tells(bare(chunk)),
        read_error=read_error,
    )
