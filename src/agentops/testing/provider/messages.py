"""Anthropic's messages: https://docs.anthropic.com/en/api/messages and .../messages-streaming."""

from collections.abc import Iterator
from typing import Any

from agentops.domain.genai import Json, ToolCall, Usage
from agentops.testing.provider.exchange import Event, Exchange, arguments_text, known, server_sent

_STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
_SIGNATURE = "bG9vcGJhY2s="


def answer(exchange: Exchange) -> Json:
    """The whole `message` object."""
    return {
        **_envelope(exchange),
        "content": _blocks(exchange),
        "stop_reason": _stop_reason(exchange),
        "stop_sequence": None,
        "usage": usage_of(exchange.usage),
    }


def events(exchange: Exchange) -> Iterator[Event]:
    """The stream, from `message_start` to `message_stop`."""
    usage = usage_of(exchange.usage)
    start: dict[str, Any] = {
        **_envelope(exchange),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, **({"output_tokens": 1} if "output_tokens" in usage else {})},
    }
    start["usage"].pop("output_tokens_details", None)
    yield _event("message_start", message=start)
    for index, block in enumerate(_blocks(exchange)):
        yield from _block_events(exchange, index, block)
    end = {"stop_reason": _stop_reason(exchange), "stop_sequence": None}
    yield _event("message_delta", delta=end, usage=usage)
    yield _event("message_stop")


def count(exchange: Exchange) -> Json:
    """The answer of `count_tokens`."""
    return {"input_tokens": exchange.usage.input_total or 0}


def usage_of(usage: Usage) -> dict[str, Any]:
    """Tokens as Anthropic says them: input without what the cache served or took, output with the thinking."""
    thinking = known(thinking_tokens=usage.reasoning)
    return {
        **known(
            input_tokens=usage.input,
            cache_creation_input_tokens=usage.cache_write,
            cache_read_input_tokens=usage.cache_read,
            output_tokens=usage.output_total,
        ),
        **({"output_tokens_details": thinking} if thinking else {}),
    }


def _envelope(exchange: Exchange) -> dict[str, Any]:
    return {
        "id": exchange.identifier("msg_"),
        "type": "message",
        "role": "assistant",
        "model": exchange.model,
    }


def _stop_reason(exchange: Exchange) -> str:
    turn = exchange.turn
    inferred = "tool_calls" if turn.tool_calls else "content_filter" if turn.refusal else "stop"
    reason = turn.finish_reason or inferred
    return _STOP_REASONS.get(reason, reason)


def _blocks(exchange: Exchange) -> list[dict[str, Any]]:
    turn = exchange.turn
    text = turn.text or turn.refusal
    blocks: list[dict[str, Any]] = []
    if turn.reasoning:
        blocks.append({"type": "thinking", "thinking": turn.reasoning, "signature": _SIGNATURE})
    if text:
        blocks.append({"type": "text", "text": text})
    blocks.extend(_tool_use(call) for call in exchange.tool_calls)
    return blocks


def _tool_use(call: ToolCall) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments or {}}


def _block_events(exchange: Exchange, index: int, block: dict[str, Any]) -> Iterator[Event]:
    opened, deltas = _deltas(exchange, block)
    yield _event("content_block_start", index=index, content_block=opened)
    if index == 0:
        yield _event("ping")
    for delta in deltas:
        said = delta["type"] != "signature_delta" and bool(delta.get("partial_json", "said"))
        yield _event("content_block_delta", content=said, index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _deltas(exchange: Exchange, block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The block as it opens, empty, and what fills it."""
    match block["type"]:
        case "thinking":
            pieces = [{"type": "thinking_delta", "thinking": piece} for piece in exchange.pieces(block["thinking"])]
            signature = {"type": "signature_delta", "signature": block["signature"]}
            return {**block, "thinking": "", "signature": ""}, [*pieces, signature]
        case "text":
            return {**block, "text": ""}, [
                {"type": "text_delta", "text": piece} for piece in exchange.pieces(block["text"])
            ]
        case _:
            call = next(call for call in exchange.tool_calls if call.id == block["id"])
            pieces = ["", *exchange.pieces(arguments_text(call))]
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]


def _event(kind: str, *, content: bool = False, **fields: Json) -> Event:
    return Event(server_sent({"type": kind, **fields}, event=kind), content=content)
