"""Ollama's API, which streams JSON lines: https://github.com/ollama/ollama/blob/main/docs/api.md."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from agentops.domain.genai import Json
from agentops.testing.provider.embeddings import answer as embeddings_of
from agentops.testing.provider.exchange import Event, Exchange, Face, known


def _chat(exchange: Exchange) -> Json:
    turn = exchange.turn
    message: dict[str, Any] = {"role": "assistant", "content": turn.text}
    if turn.reasoning:
        message["thinking"] = turn.reasoning
    if turn.tool_calls:
        message["tool_calls"] = _calls(exchange)
    return {**_envelope(exchange), "message": message, **_end(exchange)}


def _chat_events(exchange: Exchange) -> Iterator[Event]:
    envelope = _envelope(exchange)
    said = [
        *({"content": "", "thinking": piece} for piece in exchange.pieces(exchange.turn.reasoning)),
        *({"content": piece} for piece in exchange.pieces(exchange.turn.text)),
        *({"content": "", "tool_calls": [call]} for call in _calls(exchange)),
    ]
    for message in said:
        part = {**envelope, "message": {"role": "assistant", **message}, "done": False}
        yield Event(_line(part), content=True)
    yield Event(_line({**envelope, "message": {"role": "assistant", "content": ""}, **_end(exchange)}))


def _generate(exchange: Exchange) -> Json:
    thinking = {"thinking": exchange.turn.reasoning} if exchange.turn.reasoning else {}
    return {**_envelope(exchange), "response": exchange.turn.text, **thinking, **_end(exchange), "context": [1, 2, 3]}


def _generate_events(exchange: Exchange) -> Iterator[Event]:
    envelope = _envelope(exchange)
    for piece in exchange.pieces(exchange.turn.reasoning):
        yield Event(_line({**envelope, "response": "", "thinking": piece, "done": False}), content=True)
    for piece in exchange.pieces(exchange.turn.text):
        yield Event(_line({**envelope, "response": piece, "done": False}), content=True)
    yield Event(_line({**envelope, "response": "", **_end(exchange), "context": [1, 2, 3]}))


def _embed(exchange: Exchange) -> Json:
    answer = embeddings_of(exchange)
    return {
        "model": exchange.model,
        "embeddings": [found["embedding"] for found in answer["data"]],
        "total_duration": 14143917,
        "load_duration": 1019500,
        "prompt_eval_count": answer["usage"]["prompt_tokens"],
    }


def _envelope(exchange: Exchange) -> dict[str, Any]:
    return {"model": exchange.model, "created_at": datetime.fromtimestamp(exchange.created, UTC).isoformat()}


def _end(exchange: Exchange) -> dict[str, Any]:
    """What only the last part says; a prompt that is cached is not counted."""
    usage = exchange.usage
    return {
        "done": True,
        "done_reason": exchange.turn.finish_reason or "stop",
        "total_duration": 4883583458,
        "load_duration": 1334875,
        **known(prompt_eval_count=usage.input, eval_count=usage.output_total),
        "eval_duration": 4535599000,
    }


def _calls(exchange: Exchange) -> list[dict[str, Any]]:
    return [{"function": {"name": call.name, "arguments": call.arguments or {}}} for call in exchange.turn.tool_calls]


def _line(data: Json) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode() + b"\n"


def _refusal(_status: int, message: str | None) -> Json:
    return {"error": message or "the model runner has stopped"}


def _interruption(status: int, message: str | None) -> bytes:
    return _line(_refusal(status, message))


FACE = Face(
    {"/api/chat": (_chat, _chat_events), "/api/generate": (_generate, _generate_events), "/api/embed": (_embed, None)},
    _refusal,
    interruption=_interruption,
)
