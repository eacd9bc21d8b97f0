"""Anthropic's Messages API, which others speak too: https://docs.claude.com/en/api/messages."""

from typing import Any, Final

from msgspec.structs import replace

from agentops.domain.foreign import at, count, flag, objects, plain, text
from agentops.domain.genai import (
    Media,
    Message,
    Operation,
    Other,
    Part,
    Reasoning,
    Response,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from agentops_plugins._content import arguments, fields, given, inline_size, media, nth, outcome, settings
from agentops_plugins._endpoints import Content, Endpoint, read_count

_CONTINUED: Final = {"text_delta": "text", "thinking_delta": "thinking", "compaction_delta": "content"}
"""Kinds of delta, and the field of the block that each one continues."""
_AWAITED: Final = ("text", "thinking", "partial_json")
"""What of a delta the program waits for."""


def _read_content(body: Any, _files: Any) -> Content:
    system = _parts(at(body, "system"))
    messages = [
        Message(text(value, "role") or "user", _parts(at(value, "content"))) for value in objects(body, "messages")
    ]
    return Content([Message("system", system), *messages] if system else messages, _tools(body))


def _tools(body: Any) -> list[Tool]:
    return [_tool(value) for value in objects(body, "tools")]


def _tool(value: Any) -> Tool:
    kind, schema = text(value, "type") or "custom", at(value, "input_schema")
    rest = settings(value, {"type", "name", "description", "input_schema", "cache_control"})
    return Tool(
        name=text(value, "name") or kind,
        description=text(value, "description"),
        parameters=plain(schema) if schema is not None else rest or None,
        kind="function" if kind == "custom" else kind,
    )


def _parts(content: Any) -> list[Part]:
    if isinstance(content, str):
        return [Text(content)] if content else []
    return [Text(block) if isinstance(block, str) else _part(block) for block in objects(content)]


def _part(block: Any) -> Part:  # noqa: PLR0911 - one return for each kind
    block = given(block)
    kind = text(block, "type") or "unknown"
    match kind:
        case "text":
            return Text(text(block, "text") or "")
        case "thinking":
            return Reasoning(text(block, "thinking"), text(block, "signature"))
        case "redacted_thinking":
            return Reasoning(None, text(block, "data"))
        case "tool_use" | "server_tool_use" | "mcp_tool_use":
            name = text(block, "name") or ""
            return ToolCall(name, arguments(at(block, "input")), text(block, "id"), server=kind != "tool_use")
        case "image" | "document":
            return _medium(kind, at(block, "source"))
        case "container_upload":
            return Media("file", file_id=text(block, "file_id"))
        case _ if kind.endswith("tool_result"):
            return _result(kind, block)
        case _:
            return Other(kind, plain(block))


def _medium(kind: str, source: Any) -> Part:
    modality = "image" if kind == "image" else "file"
    data = text(source, "data")
    match text(source, "type"):
        case "base64":
            return Media(modality, text(source, "media_type"), size=inline_size(data))
        case "url" | "file":
            return media(modality, text(source, "url"), text(source, "file_id"))
        case "text":
            return Media(modality, text(source, "media_type"), size=len((data or "").encode()))
        case _:
            return Other(kind, plain(source))


def _result(kind: str, block: Any) -> ToolResult:
    content, call_id = at(block, "content"), text(block, "tool_use_id")
    failed = flag(block, "is_error") or text(content, "error_code") is not None
    if kind in {"tool_result", "mcp_tool_result"}:
        return ToolResult(outcome(_parts(content)), call_id, is_error=failed)
    return ToolResult(plain(content), call_id, kind.removesuffix("_tool_result"), is_error=failed)


def _read_response(answer: Any) -> Response:
    held = given(answer)
    reason, parts, usage = text(held, "stop_reason"), _parts(held.get("content")), given(held.get("usage"))
    return Response(
        id=text(held, "id"),
        model=text(held, "model"),
        messages=[Message(text(held, "role") or "assistant", parts, finish_reason=reason)] if parts else [],
        finish_reasons=[reason] if reason else [],
        usage=_usage(usage),
        service_tier=text(usage, "service_tier"),
    )


def _usage(value: dict[str, Any]) -> Usage | None:
    """Input comes without cached tokens, output with those of thinking."""
    if not value:
        return None
    written = Usage.inclusive(
        output=count(value, "output_tokens"), reasoning=count(value, "output_tokens_details", "thinking_tokens")
    )
    return replace(
        written,
        input=count(value, "input_tokens"),
        cache_read=count(value, "cache_read_input_tokens"),
        cache_write=count(value, "cache_creation_input_tokens"),
    )


def _fold(so_far: Any, event: Any) -> dict[str, Any]:
    """https://docs.claude.com/en/docs/build-with-claude/streaming: counts are running totals, the last one holds."""
    whole: dict[str, Any] = {"content": [], "usage": None} if so_far is None else so_far
    match text(event, "type"):
        case "message_start":
            started = at(event, "message")
            whole.update({key: at(started, key) for key in ("id", "model", "role")})
            whole["content"] = [fields(plain(block)) for block in objects(started, "content")]
            _update_usage(whole, at(started, "usage"))
        case "content_block_start":
            nth(whole["content"], count(event, "index") or 0).update(fields(plain(at(event, "content_block"))))
        case "content_block_delta":
            _extend(nth(whole["content"], count(event, "index") or 0), at(event, "delta"))
        case "message_delta":
            whole["stop_reason"] = text(event, "delta", "stop_reason") or whole.get("stop_reason")
            _update_usage(whole, at(event, "usage"))
        case _:
            pass
    return whole


def _update_usage(whole: dict[str, Any], usage: Any) -> None:
    if usage is not None:
        whole["usage"] = {**(whole["usage"] or {}), **given(usage)}


def _extend(block: dict[str, Any], delta: Any) -> None:
    kind = text(delta, "type") or ""
    name = _CONTINUED.get(kind)
    if name is not None:
        block[name] = (text(block, name) or "") + (text(delta, name) or "")
    elif kind == "input_json_delta":
        block["input"] = (text(block, "input") or "") + (text(delta, "partial_json") or "")
    elif kind == "signature_delta":
        block["signature"] = text(delta, "signature")


def _has_content(event: Any) -> bool:
    delta = at(event, "delta")
    return text(event, "type") == "content_block_delta" and any(text(delta, name) for name in _AWAITED)


_CONTENT: Final = frozenset({"messages", "system", "tools"})

MESSAGES: Final = Endpoint(
    operation=Operation.CHAT,
    content=_CONTENT,
    read_content=_read_content,
    read_response=_read_response,
    fold=_fold,
    has_content=_has_content,
)
COUNT_TOKENS: Final = Endpoint(
    operation=Operation.TOKEN_COUNT, content=_CONTENT, read_content=_read_content, read_response=read_count
)
