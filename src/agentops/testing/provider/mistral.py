"""Mistral's API, under `/mistral`: https://docs.mistral.ai/api.

Chats are OpenAI's but for the thoughts, which are parts of the content, and for usage, which ends every stream.
"""

from collections.abc import Iterator
from typing import Any

from agentops.domain.genai import Json, Usage
from agentops.testing.provider import embeddings
from agentops.testing.provider.exchange import Event, Exchange, Face, arguments_text, known, server_sent

_ERRORS = {
    400: ("invalid_request_error", "1500", "Invalid request"),
    401: ("unauthorized", "1401", "Unauthorized"),
    404: ("invalid_model", "1500", "Invalid model"),
    429: ("rate_limited", "1300", "Rate limit exceeded"),
}


def answer(exchange: Exchange) -> Json:
    """The whole `chat.completion` object."""
    message = {"role": "assistant", "tool_calls": _calls(exchange) or None, "content": _content(exchange)}
    return {
        **_envelope(exchange, "chat.completion"),
        "usage": usage_of(exchange.usage),
        "choices": [{"index": 0, "finish_reason": _reason(exchange), "message": message}],
    }


def events(exchange: Exchange) -> Iterator[Event]:
    """The `chat.completion.chunk` events; the last one has the usage."""
    yield _event(exchange, {"role": "assistant", "content": ""})
    for piece in exchange.pieces(exchange.turn.reasoning):
        yield _event(exchange, {"content": [_thinking(piece)]}, content=True)
    for piece in exchange.pieces(exchange.turn.text or exchange.turn.refusal):
        yield _event(exchange, {"content": piece}, content=True)
    calls = _calls(exchange)
    last = {"content": "", **({"tool_calls": calls} if calls else {})}
    yield _event(exchange, last, content=bool(calls), finish_reason=_reason(exchange))
    yield Event(server_sent("[DONE]"))


def converse(exchange: Exchange) -> Json:
    """A `conversation.response`: https://docs.mistral.ai/api/endpoint/beta/conversations."""
    return {
        "object": "conversation.response",
        "conversation_id": exchange.identifier("conv_"),
        "outputs": [*_said(exchange), *_asked(exchange)],
        "usage": usage_of(exchange.usage),
    }


def conversation_events(exchange: Exchange) -> Iterator[Event]:
    """The events of a conversation, from `conversation.response.started` to `conversation.response.done`."""
    at = {"created_at": "2026-01-01T00:00:00Z"}
    started = {"conversation_id": exchange.identifier("conv_")}
    yield _named("conversation.response.started", {**started, **at})
    for index, entry in enumerate([*_said(exchange), *_asked(exchange)]):
        if entry["type"] == "function.call":
            kept = {key: entry[key] for key in ("id", "name", "tool_call_id", "arguments")}
            yield _named("function.call.delta", {**kept, **at, "output_index": index}, content=True)
            continue
        for piece in exchange.pieces(exchange.turn.text):
            told = {
                "id": entry["id"],
                "content": piece,
                "model": exchange.model,
                "role": "assistant",
                "content_index": 0,
            }
            yield _named("message.output.delta", {**told, **at, "output_index": index}, content=True)
    yield _named("conversation.response.done", {"usage": usage_of(exchange.usage), **at})


def embed(exchange: Exchange) -> Json:
    """The vectors, which have an id and cost no completion."""
    answered = embeddings.answer(exchange)
    return {"id": exchange.identifier(""), **answered, "usage": {**answered["usage"], "completion_tokens": 0}}


def refusal(status: int, message: str | None) -> Json:
    """An error's JSON."""
    kind, code, words = _ERRORS.get(status, ("internal_server_error", "3000", "Service unavailable."))
    return {"object": "error", "message": message or words, "type": kind, "param": None, "code": code}


def usage_of(usage: Usage) -> dict[str, Any]:
    """Tokens as Mistral says them, cached ones in a detail."""
    cached = known(cached_tokens=usage.cache_read)
    return {
        **known(prompt_tokens=usage.input_total, completion_tokens=usage.output_total, total_tokens=usage.total),
        **({"prompt_tokens_details": cached} if cached else {}),
    }


def _envelope(exchange: Exchange, kind: str) -> dict[str, Any]:
    return {"id": exchange.identifier(""), "object": kind, "created": exchange.created, "model": exchange.model}


def _reason(exchange: Exchange) -> str:
    return exchange.turn.finish_reason or ("tool_calls" if exchange.turn.tool_calls else "stop")


def _content(exchange: Exchange) -> Json:
    turn = exchange.turn
    said = turn.text or turn.refusal
    if not turn.reasoning:
        return said
    return [_thinking(turn.reasoning), {"type": "text", "text": said}]


def _thinking(thoughts: str) -> dict[str, Any]:
    """https://docs.mistral.ai/capabilities/reasoning."""
    return {"type": "thinking", "thinking": [{"type": "text", "text": thoughts}]}


def _calls(exchange: Exchange) -> list[dict[str, Any]]:
    return [
        {"id": call.id, "index": index, "function": {"name": call.name, "arguments": arguments_text(call)}}
        for index, call in enumerate(exchange.tool_calls)
    ]


def _event(exchange: Exchange, delta: Json, *, content: bool = False, finish_reason: str | None = None) -> Event:
    chunk = {
        **_envelope(exchange, "chat.completion.chunk"),
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        **({"usage": usage_of(exchange.usage)} if finish_reason else {}),
    }
    return Event(server_sent(chunk), content=content)


def _said(exchange: Exchange) -> list[dict[str, Any]]:
    entry = {
        "object": "entry",
        "type": "message.output",
        "id": exchange.identifier("msg_"),
        "model": exchange.model,
        "role": "assistant",
        "content": exchange.turn.text,
    }
    return [entry] if exchange.turn.text else []


def _asked(exchange: Exchange) -> list[dict[str, Any]]:
    return [
        {
            "object": "entry",
            "type": "function.call",
            "id": exchange.identifier("fc_", index),
            "tool_call_id": call.id,
            "name": call.name,
            "arguments": arguments_text(call),
        }
        for index, call in enumerate(exchange.tool_calls, 1)
    ]


def _named(kind: str, data: dict[str, Any], *, content: bool = False) -> Event:
    return Event(server_sent({"type": kind, **data}, event=kind), content=content)


FACE = Face(
    {
        "/mistral/v1/chat/completions": (answer, events),
        "/mistral/v1/fim/completions": (answer, events),
        "/mistral/v1/agents/completions": (answer, events),
        "/mistral/v1/conversations": (converse, conversation_events),
        "/mistral/v1/embeddings": (embed, None),
    },
    refusal,
)
