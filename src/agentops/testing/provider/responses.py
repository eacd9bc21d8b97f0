"""OpenAI's responses: https://platform.openai.com/docs/api-reference/responses and .../responses-streaming."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from agentops.domain.genai import Usage
from agentops.testing.provider.exchange import Event, Exchange, arguments_text, known, server_sent

_ECHOED: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
_INCOMPLETE = {
    "length": "max_output_tokens",
    "max_output_tokens": "max_output_tokens",
    "content_filter": "content_filter",
}
_FAILURE = {"code": "server_error", "message": "The server had an error while processing your request."}


def answer(exchange: Exchange) -> dict[str, Any]:
    """The whole `response` object: completed, incomplete for want of tokens or by the filter, or failed."""
    reason = exchange.turn.finish_reason or ""
    return {
        **_envelope(exchange),
        "status": _status(exchange),
        "error": _FAILURE if reason == "failed" else None,
        "incomplete_details": {"reason": _INCOMPLETE[reason]} if reason in _INCOMPLETE else None,
        "output": _items(exchange),
        "service_tier": "default",
        "usage": usage_of(exchange.usage) or None,
    }


def events(exchange: Exchange) -> Iterator[Event]:
    """The stream, from `response.created` to the event that says how it ended."""
    numbers = count()
    for kind, fields, content in _unnumbered(exchange):
        data = {"type": kind, **fields, "sequence_number": next(numbers)}
        yield Event(server_sent(data, event=kind), content=content)


def usage_of(usage: Usage) -> dict[str, Any]:
    """Tokens as the responses API says them: input with the cached ones, output with the reasoning."""
    cached = known(cached_tokens=usage.cache_read, cache_write_tokens=usage.cache_write)
    reasoning = known(reasoning_tokens=usage.reasoning)
    return {
        **known(input_tokens=usage.input_total, output_tokens=usage.output_total, total_tokens=usage.total),
        **({"input_tokens_details": cached} if cached else {}),
        **({"output_tokens_details": reasoning} if reasoning else {}),
    }


def _status(exchange: Exchange) -> str:
    reason = exchange.turn.finish_reason or ""
    return "incomplete" if reason in _INCOMPLETE else "failed" if reason == "failed" else "completed"


def _envelope(exchange: Exchange) -> dict[str, Any]:
    echoed = {name: exchange.request.get(name, default) for name, default in _ECHOED.items()}
    return {
        "id": exchange.identifier("resp_"),
        "object": "response",
        "created_at": exchange.created,
        "model": exchange.model,
        "background": False,
        **echoed,
    }


def _items(exchange: Exchange) -> list[dict[str, Any]]:
    turn = exchange.turn
    items: list[dict[str, Any]] = []
    if turn.reasoning:
        summary = [{"type": "summary_text", "text": turn.reasoning}]
        items.append({"id": exchange.identifier("rs_"), "type": "reasoning", "summary": summary})
    if turn.text or turn.refusal or not turn.tool_calls:
        items.append(
            {
                "id": exchange.identifier("msg_"),
                "type": "message",
                "status": "completed",
                "role": "assistant",
                "content": [_part(exchange)],
            }
        )
    items.extend(
        {
            "id": exchange.identifier("fc_", index),
            "type": "function_call",
            "status": "completed",
            "arguments": arguments_text(call),
            "call_id": call.id,
            "name": call.name,
        }
        for index, call in enumerate(exchange.tool_calls, 1)
    )
    return items


def _part(exchange: Exchange) -> dict[str, Any]:
    turn = exchange.turn
    if turn.refusal:
        return {"type": "refusal", "refusal": turn.refusal}
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": turn.text}


_Unnumbered = Iterator[tuple[str, dict[str, Any], bool]]


def _unnumbered(exchange: Exchange) -> _Unnumbered:
    started = {**_envelope(exchange), "status": "in_progress", "error": None, "incomplete_details": None}
    opening: dict[str, Any] = {"response": {**started, "output": [], "usage": None}}
    yield "response.created", opening, False
    yield "response.in_progress", opening, False
    for index, item in enumerate(_items(exchange)):
        yield from _item_events(exchange, index, item)
    yield f"response.{_status(exchange)}", {"response": answer(exchange)}, False


def _item_events(exchange: Exchange, index: int, item: dict[str, Any]) -> _Unnumbered:
    place = {"item_id": item["id"], "output_index": index}
    opened = dict(item)
    match item["type"]:
        case "reasoning":
            opened["summary"] = []
            inner = _reasoning_events(exchange, place, item)
        case "message":
            opened.update(status="in_progress", content=[])
            inner = _message_events(exchange, place, item)
        case _:
            opened.update(status="in_progress", arguments="")
            inner = _function_events(exchange, place, item)
    yield "response.output_item.added", {"output_index": index, "item": opened}, False
    yield from inner
    yield "response.output_item.done", {"output_index": index, "item": item}, False


def _reasoning_events(exchange: Exchange, place: dict[str, Any], item: dict[str, Any]) -> _Unnumbered:
    (part,) = item["summary"]
    at = {**place, "summary_index": 0}
    yield "response.reasoning_summary_part.added", {**at, "part": {**part, "text": ""}}, False
    for piece in exchange.pieces(part["text"]):
        yield "response.reasoning_summary_text.delta", {**at, "delta": piece}, True
    yield "response.reasoning_summary_text.done", {**at, "text": part["text"]}, False
    yield "response.reasoning_summary_part.done", {**at, "part": part}, False


def _message_events(exchange: Exchange, place: dict[str, Any], item: dict[str, Any]) -> _Unnumbered:
    (part,) = item["content"]
    at = {**place, "content_index": 0}
    field = "text" if part["type"] == "output_text" else "refusal"
    yield "response.content_part.added", {**at, "part": {**part, field: ""}}, False
    extra: dict[str, Any] = {"logprobs": []} if field == "text" else {}
    for piece in exchange.pieces(part[field]):
        yield f"response.{part['type']}.delta", {**at, "delta": piece, **extra}, True
    yield f"response.{part['type']}.done", {**at, field: part[field], **extra}, False
    yield "response.content_part.done", {**at, "part": part}, False


def _function_events(exchange: Exchange, place: dict[str, Any], item: dict[str, Any]) -> _Unnumbered:
    for piece in exchange.pieces(item["arguments"]):
        yield "response.function_call_arguments.delta", {**place, "delta": piece}, True
    done = {**place, "name": item["name"], "arguments": item["arguments"]}
    yield "response.function_call_arguments.done", done, False
