"""Bedrock's Converse API, which Amazon Nova speaks in InvokeModel too.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from typing import Any, Final

from agentops.domain.foreign import at, count, objects, plain, text
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
from agentops_plugins._content import arguments, fields, inline_size, nth, outcome
from agentops_plugins._endpoints import Content, Endpoint

_MEDIA: Final = {"image": "image", "video": "video", "audio": "audio", "document": "file"}
_EVENTS: Final = frozenset(
    {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}
)


def _read_content(body: Any, _files: Any) -> Content:
    system = _parts(at(body, "system"))
    messages = [
        Message(text(value, "role") or "user", _parts(at(value, "content"))) for value in objects(body, "messages")
    ]
    return Content(
        [Message("system", system), *messages] if system else messages,
        [_tool(value) for value in objects(body, "toolConfig", "tools") if at(value, "cachePoint") is None],
    )


def _tool(value: Any) -> Tool:
    spec = at(value, "toolSpec")
    if spec is None:
        return Tool(text(value, "systemTool", "name") or "", kind="system")
    return Tool(
        name=text(spec, "name") or "",
        description=text(spec, "description"),
        parameters=plain(at(spec, "inputSchema", "json")),
    )


def _parts(content: Any) -> list[Part]:
    if isinstance(content, str):
        return [Text(content)] if content else []
    return [_part(block) for block in objects(content) if at(block, "cachePoint") is None]


def _part(block: Any) -> Part:  # noqa: PLR0911 - one return for each kind
    kind, value = _member_of(block)
    match kind:
        case "text":
            return Text(text(value) or "")
        case "toolUse":
            server = text(value, "type") == "server_tool_use"
            name = text(value, "name") or ""
            return ToolCall(name, arguments(at(value, "input")), text(value, "toolUseId"), server=server)
        case "toolResult":
            failed = text(value, "status") == "error"
            return ToolResult(_result(at(value, "content")), text(value, "toolUseId"), is_error=failed)
        case "reasoningContent":
            said = at(value, "reasoningText")
            return Reasoning(text(said, "text"), text(said, "signature"))
        case "citationsContent":
            return Text("".join(text(part, "text") or "" for part in objects(value, "content")))
        case "guardContent":
            inner = text(value, "text", "text")
            return _medium("image", at(value, "image")) if inner is None else Text(inner)
        case "image" | "video" | "audio" | "document":
            return _medium(kind, value)
        case _:
            return Other(kind, plain(value))


def _member_of(block: Any) -> tuple[str, Any]:
    """Which member of a union is set: its only key."""
    return next(((key, value) for key, value in fields(block).items() if value is not None), ("unknown", None))


def _result(content: Any) -> Any:
    blocks = objects(content)
    if len(blocks) == 1 and at(blocks, 0, "json") is not None:
        return plain(at(blocks, 0, "json"))
    return outcome(_parts(content))


def _medium(kind: str, value: Any) -> Media:
    source, form = at(value, "source"), text(value, "format")
    data = at(source, "bytes")
    return Media(
        _MEDIA[kind],
        mime_type=form and (f"{kind}/{form}" if kind != "document" else f"application/{form}"),
        uri=text(source, "s3Location", "uri"),
        size=len(data) if isinstance(data, bytes) else inline_size(data),
    )


def _read_response(answer: Any) -> Response:
    reason, said = text(answer, "stopReason"), at(answer, "output", "message")
    parts = _parts(at(said, "content"))
    return Response(
        model=text(answer, "trace", "promptRouter", "invokedModelId"),
        messages=[Message(text(said, "role") or "assistant", parts, finish_reason=reason)] if parts else [],
        finish_reasons=[reason] if reason else [],
        usage=_usage(at(answer, "usage")),
        request_id=text(answer, "ResponseMetadata", "RequestId"),
        service_tier=text(answer, "serviceTier", "type"),
    )


def _usage(value: Any) -> Usage | None:
    """Input comes without cached tokens: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html."""
    if value is None:
        return None
    return Usage(
        input=count(value, "inputTokens"),
        # Nova's InvokeModel has `...TokenCount`
        cache_read=_either(value, "cacheReadInputTokens", "cacheReadInputTokenCount"),
        cache_write=_either(value, "cacheWriteInputTokens", "cacheWriteInputTokenCount"),
        output=count(value, "outputTokens"),
    )


def _either(value: Any, name: str, other: str) -> int | None:
    found = count(value, name)
    return count(value, other) if found is None else found


def _fold(so_far: Any, event: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html."""
    whole: dict[str, Any] = {"output": {"message": {"content": []}}} if so_far is None else so_far
    message = whole["output"]["message"]
    kind, value = next(((key, at(event, key)) for key in _EVENTS if at(event, key) is not None), ("", None))
    match kind:
        case "messageStart":
            message["role"] = text(value, "role")
        case "contentBlockStart":
            block = nth(message["content"], count(value, "contentBlockIndex") or 0)
            block.update({key: dict(fields(held)) for key, held in fields(at(value, "start")).items()})
        case "contentBlockDelta":
            _extend(nth(message["content"], count(value, "contentBlockIndex") or 0), at(value, "delta"))
        case "messageStop":
            whole["stopReason"] = text(value, "stopReason")
        case "metadata":
            whole.update(fields(value))
        case _:
            pass
    return whole


def _extend(block: dict[str, Any], delta: Any) -> None:
    kind, value = _member_of(delta)
    match kind:
        case "text":
            block["text"] = block.get("text", "") + (text(value) or "")
        case "toolUse":
            use = block.setdefault("toolUse", {})
            use["input"] = use.get("input", "") + (text(value, "input") or "")
        case "toolResult":
            block.setdefault("toolResult", {}).setdefault("content", []).extend(objects(value))
        case "reasoningContent":
            said = block.setdefault("reasoningContent", {}).setdefault("reasoningText", {})
            for name in ("text", "signature"):
                piece = text(value, name)
                if piece is not None:
                    said[name] = said.get(name, "") + piece
        case "image":
            block["image"] = value
        case _:
            pass


def _has_content(event: Any) -> bool:
    kind, value = _member_of(at(event, "contentBlockDelta", "delta"))
    return bool(value) and kind != "citation"


def is_event(event: Any) -> bool:
    """Whether this is an event of ConverseStream."""
    return not _EVENTS.isdisjoint(fields(event))


CONVERSE: Final = Endpoint(
    operation=Operation.CHAT,
    content=frozenset({"messages", "system"}),
    read_content=_read_content,
    read_response=_read_response,
    fold=_fold,
    has_content=_has_content,
)
