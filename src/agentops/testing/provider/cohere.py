"""Cohere's API: version 2 streams server-sent events, version 1 JSON lines.

https://docs.cohere.com/reference/chat-stream, https://docs.cohere.com/v1/reference/chat-stream
"""

import json
from collections.abc import Iterator
from typing import Any

from agentops.domain.foreign import objects
from agentops.domain.genai import Json
from agentops.testing.provider.embeddings import vector_of
from agentops.testing.provider.exchange import Event, Exchange, Face, arguments_text, known, server_sent

_DIMENSIONS = 16
_REASONS = {"stop": "COMPLETE", "length": "MAX_TOKENS", "tool_calls": "TOOL_CALL", "content_filter": "ERROR"}


def _chat(exchange: Exchange) -> Json:
    turn = exchange.turn
    thought = [{"type": "thinking", "thinking": turn.reasoning}] if turn.reasoning else []
    said = [{"type": "text", "text": turn.text}] if turn.text else []
    message: dict[str, Any] = {"role": "assistant", "content": [*thought, *said]}
    if turn.tool_calls:
        message |= {"tool_plan": "I will look it up.", "tool_calls": _calls(exchange)}
    end = {"finish_reason": _reason(exchange), "usage": _usage(exchange)}
    return {"id": exchange.identifier("chat-"), "message": message, **end}


def _chat_events(exchange: Exchange) -> Iterator[Event]:
    turn = exchange.turn
    message: Json = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield _event("message-start", {"message": message}, id=exchange.identifier("chat-"))
    contents = [(kind, said) for kind, said in (("thinking", turn.reasoning), ("text", turn.text)) if said]
    for index, (kind, said) in enumerate(contents):
        yield _event("content-start", {"message": {"content": {"type": kind, kind: ""}}}, index=index)
        for piece in exchange.pieces(said):
            yield _event("content-delta", {"message": {"content": {kind: piece}}}, index=index, content=True)
        yield _event("content-end", index=index)
    for piece in exchange.pieces("I will look it up.") if turn.tool_calls else ():
        yield _event("tool-plan-delta", {"message": {"tool_plan": piece}})
    for index, call in enumerate(_calls(exchange)):
        opened = {**call, "function": {**call["function"], "arguments": ""}}
        yield _event("tool-call-start", {"message": {"tool_calls": opened}}, index=index)
        for piece in exchange.pieces(call["function"]["arguments"]):
            delta = {"message": {"tool_calls": {"function": {"arguments": piece}}}}
            yield _event("tool-call-delta", delta, index=index, content=True)
        yield _event("tool-call-end", index=index)
    end = {"finish_reason": _reason(exchange), "usage": _usage(exchange)}
    yield _event("message-end", {**end, **({"error": "Stopped."} if end["finish_reason"] == "ERROR" else {})})


def _event(kind: str, delta: Json = None, *, content: bool = False, **fields: Json) -> Event:
    beside = {} if delta is None else {"delta": delta}
    return Event(server_sent({"type": kind, **fields, **beside}, event=kind), content=content)


def _calls(exchange: Exchange) -> list[dict[str, Any]]:
    return [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments_text(call)}}
        for call in exchange.tool_calls
    ]


def _reason(exchange: Exchange) -> str:
    reason = exchange.turn.finish_reason or ("tool_calls" if exchange.turn.tool_calls else "stop")
    return _REASONS.get(reason, reason)


def _usage(exchange: Exchange) -> dict[str, Any]:
    """Tokens, cached ones among them; billed is the half."""
    usage = exchange.usage
    tokens = {
        name: float(count)
        for name, count in known(input_tokens=usage.input_total, output_tokens=usage.output_total).items()
    }
    billed = {name: count // 2 for name, count in tokens.items()}
    return {"billed_units": billed, "tokens": tokens, **known(cached_tokens=usage.cache_read)}


def _old_chat(exchange: Exchange) -> Json:
    turn = exchange.turn
    calls: list[Json] = [{"name": call.name, "parameters": call.arguments or {}} for call in turn.tool_calls]
    return {
        "response_id": exchange.identifier("response-"),
        "generation_id": exchange.identifier("chat-"),
        "text": turn.text,
        "finish_reason": "COMPLETE" if calls else _reason(exchange),
        "tool_calls": calls or None,
        "meta": {"api_version": {"version": "1"}, **_usage(exchange)},
    }


def _old_chat_events(exchange: Exchange) -> Iterator[Event]:
    answer = _old_chat(exchange)
    yield _line("stream-start", generation_id=answer["generation_id"])
    for piece in exchange.pieces(exchange.turn.text):
        yield _line("text-generation", content=True, text=piece)
    if answer["tool_calls"]:
        yield _line("tool-calls-generation", content=True, tool_calls=answer["tool_calls"])
    yield _line("stream-end", is_finished=True, finish_reason=answer["finish_reason"], response=answer)


def _generate(exchange: Exchange) -> Json:
    said = {"id": exchange.identifier("part-"), "text": exchange.turn.text, "finish_reason": _reason(exchange)}
    meta = {"api_version": {"version": "1"}, **_usage(exchange)}
    return {"id": exchange.identifier("generation-"), "generations": [said], "meta": meta}


def _generate_events(exchange: Exchange) -> Iterator[Event]:
    answer = _generate(exchange)
    for piece in exchange.pieces(exchange.turn.text):
        yield _line("text-generation", content=True, text=piece)
    reason = answer["generations"][0]["finish_reason"]
    yield _line("stream-end", is_finished=True, finish_reason=reason, response={**answer, "meta": answer["meta"]})


def _line(kind: str, *, content: bool = False, **fields: Json) -> Event:
    data = {"event_type": kind, "is_finished": False, **fields}
    return Event(json.dumps(data, ensure_ascii=False).encode() + b"\n", content=content)


def _embed(exchange: Exchange) -> Json:
    request = exchange.request
    vectors = [vector_of(given, _DIMENSIONS) for given in objects(request.get("texts"))]
    by_type = request.get("embedding_types") is not None
    return {
        "id": exchange.identifier("embed-"),
        "response_type": "embeddings_by_type" if by_type else "embeddings_floats",
        "texts": request.get("texts"),
        "embeddings": {"float": vectors} if by_type else vectors,
        "meta": {"api_version": {"version": "2" if by_type else "1"}, "billed_units": {"input_tokens": len(vectors)}},
    }


def _rerank(exchange: Exchange) -> Json:
    count = len(objects(exchange.request.get("documents")))
    ranked = [{"index": count - 1 - place, "relevance_score": 0.9 / (1 + place)} for place in range(count)]
    meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
    return {"id": exchange.identifier("rank-"), "results": ranked, "meta": meta}


def _refusal(status: int, message: str | None) -> Json:
    return {"id": "loopback", "message": message or f"status {status}"}


FACE = Face(
    {
        "/v1/chat": (_old_chat, _old_chat_events),
        "/v1/embed": (_embed, None),
        "/v1/generate": (_generate, _generate_events),
        "/v1/rerank": (_rerank, None),
        "/v2/chat": (_chat, _chat_events),
        "/v2/embed": (_embed, None),
        "/v2/rerank": (_rerank, None),
    },
    _refusal,
)
