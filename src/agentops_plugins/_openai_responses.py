"""The Responses API: https://platform.openai.com/docs/api-reference/responses."""

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
    ToolCall,
    ToolResult,
)
from agentops_plugins._content import arguments, fields, given, inline_size, nth, outcome
from agentops_plugins._endpoints import Content, Endpoint
from agentops_plugins._openai_parts import cost_of, parts_of, tools_of, usage_of

_ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})
_DELTAS: Final = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_summary_text.delta": "summary",
    "response.reasoning_text.delta": "reasoning",
    "response.function_call_arguments.delta": "arguments",
    "response.mcp_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "input",
    "response.code_interpreter_call_code.delta": "code",
}
"""Events that bring a piece of an item, and which text of the item goes on."""


def _read_content(body: Any, _files: Any) -> Content:
    messages: list[Message] = []
    instructions = at(body, "instructions")
    if instructions:
        messages.append(Message("system", parts_of(instructions)))
    given = at(body, "input")
    if isinstance(given, str):
        messages.append(Message("user", [Text(given)]))
    messages.extend(_message(item) for item in objects(given))
    return Content(messages, tools_of(body))


def _message(item: Any) -> Message:
    role = text(item, "role")
    if role is not None:
        return Message(role, parts_of(at(item, "content")))
    parts = _parts(item)
    results = all(isinstance(part, ToolResult) for part in parts)
    return Message("tool" if results else "assistant", parts)


def _parts(item: Any) -> list[Part]:  # noqa: PLR0911 - one return for each kind
    """The parts that one item of the input or the output stands for."""
    item = given(item)
    kind = text(item, "type") or "message"
    call_id = text(item, "call_id") or text(item, "id")
    match kind:
        case "message":
            return parts_of(at(item, "content"))
        case "reasoning":
            return _thoughts(item)
        case "function_call":
            return [ToolCall(text(item, "name") or "", arguments(at(item, "arguments")), call_id)]
        case "custom_tool_call":
            return [ToolCall(text(item, "name") or "", text(item, "input"), call_id)]
        case "computer_call" | "local_shell_call" | "shell_call" | "apply_patch_call":
            asked = at(item, "action") or at(item, "operation") or at(item, "actions")
            return [ToolCall(kind.removesuffix("_call"), plain(asked), call_id)]
        case "image_generation_call":
            return _image(item)
        case "web_search_call" | "file_search_call" | "code_interpreter_call" | "mcp_call" | "tool_search_call":
            return _run_by_provider(item, kind.removesuffix("_call"))
        case _ if kind.endswith("_output"):
            result = at(item, "output")
            return [ToolResult(outcome(parts_of(result)) if _is_content(result) else plain(result), call_id)]
        case _:
            return [Other(kind, plain(item))]


def _thoughts(item: Any) -> list[Part]:
    """Each thought that the provider shows; its encrypted form goes with the last one."""
    shown = objects(item, "summary") or objects(item, "content")
    thoughts = [Reasoning(text(part, "text")) for part in shown] or [Reasoning()]
    return [*thoughts[:-1], Reasoning(thoughts[-1].content, text(item, "encrypted_content"))]


def _is_content(result: Any) -> bool:
    return isinstance(result, str | list)


def _image(item: Any) -> list[Part]:
    call = ToolCall("image_generation", text(item, "revised_prompt"), text(item, "id"), server=True)
    data, form = text(item, "result"), text(item, "output_format")
    if data is None:
        return [call]
    return [call, Media("image", f"image/{form}" if form else None, size=inline_size(data))]


def _run_by_provider(item: Any, kind: str) -> list[Part]:
    call_id, name = text(item, "id"), text(item, "name") or kind
    given = {key: plain(at(item, key)) for key in ("action", "queries", "code") if at(item, key) is not None}
    asked = arguments(at(item, "arguments")) if at(item, "arguments") is not None else given or None
    call = ToolCall(name, asked, call_id, server=True)
    error = at(item, "error")
    result = next((found for key in ("output", "outputs", "results") if (found := at(item, key)) is not None), error)
    if result is None:
        return [call]
    return [call, ToolResult(plain(result), call_id, name, is_error=error is not None)]


def _read_response(answer: Any) -> Response:
    held = given(answer)
    parts = [part for item in objects(held, "output") for part in _parts(item)]
    reason = text(held, "incomplete_details", "reason") or text(held, "status")
    failed = text(held, "error", "message") or text(held, "error", "code")
    return Response(
        id=text(held, "id"),
        model=text(held, "model"),
        messages=[Message("assistant", parts, finish_reason=reason)] if parts else [],
        finish_reasons=[reason] if reason else [],
        usage=usage_of(held.get("usage")),
        cost=cost_of(held.get("usage")),
        service_tier=text(held, "service_tier"),
        error=failed,
    )


def _fold(so_far: Any, event: Any) -> dict[str, Any]:
    """What has come so far; the last event brings the whole answer itself."""
    kind = text(event, "type") or ""
    whole: dict[str, Any] = {"output": [], "status": None} if so_far is None else so_far
    if kind in _ENDS:
        return {key: at(event, "response", key) for key in _FIELDS}
    delta = _DELTAS.get(kind)
    if delta is not None:
        _extend(_item(whole, event), delta, event)
    elif kind == "response.created":
        whole.update(id=text(event, "response", "id"), model=text(event, "response", "model"))
    elif kind in {"response.output_item.added", "response.output_item.done"}:
        _item(whole, event).update(fields(plain(at(event, "item"))))
    elif kind == "error":
        whole["error"] = {"message": text(event, "message"), "code": text(event, "code")}
    return whole


_FIELDS: Final = ("id", "model", "output", "status", "incomplete_details", "usage", "service_tier", "error")


def _item(whole: dict[str, Any], event: Any) -> dict[str, Any]:
    return nth(whole["output"], count(event, "output_index") or 0)


def _extend(item: dict[str, Any], delta: str, event: Any) -> None:
    piece = text(event, "delta") or ""
    if delta in {"arguments", "input", "code"}:
        item[delta] = (text(item, delta) or "") + piece
        return
    held, position = ("summary", "summary_index") if delta == "summary" else ("content", "content_index")
    places = [fields(place) for place in objects(item, held)]
    place = nth(places, count(event, position) or 0)
    key = "refusal" if delta == "refusal" else "text"
    place.setdefault("type", "refusal" if key == "refusal" else "output_text")
    place[key] = (text(place, key) or "") + piece
    item[held] = places


def _has_content(event: Any) -> bool:
    return (text(event, "type") or "").endswith(".delta")


RESPONSES: Final = Endpoint(
    operation=Operation.CHAT,
    content=frozenset({"input", "instructions", "tools"}),
    read_content=_read_content,
    read_response=_read_response,
    fold=_fold,
    has_content=_has_content,
)
