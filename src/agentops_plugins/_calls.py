"""A library's methods as tool calls: what they were called with, under the names of their parameters, and what came."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from agentops.domain.foreign import at, plain
from agentops.domain.genai import Json, ToolRequest, ToolResponse
from agentops.instrumentation.target import Arguments, Reader

_VECTOR: Final = 8
"""So many numbers in a row are read as a vector, of which nobody reads the numbers."""

_LIMIT: Final = 100
"""So many items of a list are kept."""


def named(arguments: Arguments, names: tuple[str, ...]) -> dict[str, Any]:
    """The arguments by name, those passed by position included; what was not given is left out."""
    passed = dict(zip(names, arguments.args, strict=False)) | arguments.kwargs
    return {name: value for name, value in passed.items() if value is not None}


def brief(value: Any) -> Json:
    """A value as JSON without the numbers of vectors, and with the beginnings of long lists."""
    kind: Any = cast("Any", type(value))
    if isinstance(value, (list, tuple, set)):
        items = list(cast("list[Any]", value)) if isinstance(value, set) else cast("list[Any]", value)
        if len(items) > _VECTOR and type(items[0]) in {int, float} and type(items[-1]) in {int, float}:
            return {"$vector": len(items)}
        kept = [brief(item) for item in items[:_LIMIT]]
        return kept if len(items) <= _LIMIT else [*kept, {"$cut": len(items) - _LIMIT}]
    if isinstance(value, dict):
        entries = cast("dict[Any, Any]", value)
        return {str(legible(key)): brief(item) for key, item in entries.items()}
    if hasattr(kind, "__pydantic_fields__") or hasattr(kind, "__struct_fields__"):
        names: Any = getattr(kind, "__pydantic_fields__", None) or kind.__struct_fields__
        held = {name: at(value, name) for name in names}
        return {name: brief(item) for name, item in held.items() if item is not None}
    held = at(value, "_data_store")  # of models that OpenAPI's generator made
    if isinstance(held, dict):
        return brief(cast("dict[str, Any]", held))
    shape = at(value, "shape")
    return {"$vector": list(cast("tuple[int, ...]", shape))} if isinstance(shape, tuple) else plain(legible(value))


def legible(value: Any) -> Any:
    """Bytes that are text as text; anything else as it is."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def tool(
    name: str,
    *names: str,
    read_result: Callable[[Any], Json] = brief,
    attributes: Mapping[str, Any] | None = None,
) -> Reader:
    """How a method is read as a tool.

    Args:
        name: what the tool is called.
        names: those of its parameters that may be passed by position, in their order.
        read_result: what to keep of what it gives back.
        attributes: what else is known of each call.
    """

    def read_request(arguments: Arguments) -> ToolRequest:
        return ToolRequest(name=name, arguments=brief(named(arguments, names)), attributes=dict(attributes or {}))

    return Reader(read_request=read_request, read_response=lambda result: ToolResponse(result=read_result(result)))
