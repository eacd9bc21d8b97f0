"""Requests of the Model Context Protocol, as the SDK's clients make them, its servers handle them, and on the wire.

Names are those of https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/. Context travels in `_meta`:
https://modelcontextprotocol.io/seps/414-request-meta. The models of version 1 have the wire's names.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from agentops.domain.foreign import at, flag, objects, plain, text
from agentops.domain.genai import Json, ToolRequest, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._calls import brief

TOOL_CALL: Final = "tools/call"
_OURS: Final = "agentops.session="
"""Of the baggage of a call that is recorded where it was made."""


def _contents(parts: Any) -> Json:
    """Content blocks as JSON: one text where all is text."""
    texts = [text(part, "text") for part in objects(parts)]
    return "\n".join(filter(None, texts)) if texts and None not in texts else brief(parts)


def _read_called(result: Any) -> ToolResponse:
    """A tool's result; a failure is no exception."""
    said = _contents(at(result, "content"))
    structured = at(result, "structured_content") or at(result, "structuredContent")
    failed = flag(result, "is_error") or flag(result, "isError")
    error = (said if isinstance(said, str) else None) or "the tool failed"
    return ToolResponse(result=said if structured is None else plain(structured), error=error if failed else None)


def _read_returned(result: Any) -> ToolResponse:
    """What a tool of a server gave back, as its function did or in content blocks."""
    if at(result, "content") is not None:
        return _read_called(result)
    parts = at(result, 0) if isinstance(result, tuple) else result
    return ToolResponse(result=_contents(parts) if text(parts, 0, "type") else brief(result))


def _tool(name: str | None, given: Any, prefix: str = "") -> ToolRequest:
    attributes = {"mcp.method.name": TOOL_CALL, "gen_ai.tool.name": name or ""}
    return ToolRequest(name=f"{prefix}{name or TOOL_CALL}", arguments=plain(given), attributes=attributes)


def _read_call(arguments: Arguments) -> ToolRequest:
    return _tool(text(arguments.get("name", 0)), arguments.get("arguments", 1))


def _read_message(arguments: Arguments) -> ToolRequest:
    params = arguments.get("params", 2)
    return _tool(text(params, "name"), at(params, "arguments"))


def _part(reader: Reader) -> Reader:
    """The same for a call that is recorded where it was made: what the server does is part of it, and no other call."""

    def read_request(arguments: Arguments) -> ToolRequest:
        request: Any = reader.read_request(arguments)
        request.name = f"{TOOL_CALL} {request.name}"
        return request

    return replace(reader, read_request=read_request, kind=SpanKind.TASK)


CALL: Final = Reader(read_request=_read_call, read_response=_read_called)
_MESSAGE: Final = Reader(read_request=_read_message, read_response=_read_called)
_FUNCTION: Final = Reader(read_request=_read_call, read_response=_read_returned)
_MESSAGE_PART, _FUNCTION_PART = _part(_MESSAGE), _part(_FUNCTION)


def _is_ours(meta: Any) -> bool:
    return _OURS in (text(meta, "baggage") or "")


def handled(arguments: Arguments) -> Reader | None:
    """How a server's runner is read (mcp 2): tool calls as they come from the wire."""
    if arguments.get("method", 1) != TOOL_CALL:
        return None
    return _MESSAGE_PART if _is_ours(at(arguments.get("params", 2), "_meta")) else _MESSAGE


def managed(arguments: Arguments) -> Reader:
    """How a server's tools are read (mcp 1), whether they are called in a request or not."""
    context = getattr(arguments.get("context", 2), "_request_context", None)
    return _FUNCTION_PART if _is_ours(at(context, "meta")) else _FUNCTION


def managed_here(arguments: Arguments) -> Reader | None:
    """How a server's tools are read (mcp 2): those called in a request have been read where it came."""
    return _FUNCTION if getattr(arguments.get("context", 2), "_request_context", None) is None else None


def step(method: str, first: str | None = None, about: str = "", kind: SpanKind = SpanKind.TASK) -> Reader:
    """How another request of a client is read; what it is about is its first argument."""

    def read_request(arguments: Arguments) -> ToolRequest:
        subject = None if first is None else str(arguments.get(first, 0))
        if first is None or subject is None:
            return ToolRequest(name=method, attributes={"mcp.method.name": method})
        given = arguments.get("arguments", 1)
        asked = {first: subject} if given is None else {first: subject, "arguments": plain(given)}
        attributes = {"mcp.method.name": method, about: subject}
        return ToolRequest(name=f"{method} {subject}", arguments=asked, attributes=attributes)

    return Reader(read_request=read_request, read_response=lambda result: ToolResponse(result=brief(result)), kind=kind)


def unread(_: Arguments) -> None:
    """A request that is read elsewhere."""


def _joined(params: Any, meta: Any, carried: Mapping[str, str]) -> Any:
    """The `_meta` of a request with more fields: a dict, in mcp 1 a model."""
    if isinstance(meta, dict):
        return {**cast("dict[str, Any]", meta), **carried}
    if meta is not None:
        return meta.model_copy(update=dict(carried))
    kind: Any = cast("Any", type(params)).model_fields["meta"].annotation.__args__[0]
    return kind(**carried) if hasattr(kind, "model_fields") else dict(carried)


def depart(arguments: Arguments, carried: Mapping[str, str]) -> Arguments:
    """A client's request with the context in its `_meta`, unless the program put one there."""
    request = arguments.get("request", 0)
    inner = getattr(request, "root", request)  # a union around it in mcp 1
    params = inner.params
    meta = getattr(params, "meta", None)
    if params is None or text(meta, "traceparent") is not None:
        return arguments
    sent = inner.model_copy(update={"params": params.model_copy(update={"meta": _joined(params, meta, carried)})})
    whole = sent if inner is request else request.model_copy(update={"root": sent})
    if "request" in arguments.kwargs:
        return arguments._replace(kwargs={**arguments.kwargs, "request": whole})
    return arguments._replace(args=(whole, *arguments.args[1:]))
