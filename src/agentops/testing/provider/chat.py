"""OpenAI's chat completions, and how Groq and Together speak them.

https://platform.openai.com/docs/api-reference/chat, https://console.groq.com/docs/api-reference,
https://docs.together.ai/reference/chat-completions-1
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from agentops.domain.foreign import flag
from agentops.domain.genai import Json, Usage
from agentops.testing.provider.exchange import Event, Exchange, arguments_text, known, server_sent


def answer(exchange: Exchange) -> Json:
    """The whole `chat.completion` object."""
    completion: dict[str, Any] = {
        **_envelope(exchange, "chat.completion"),
        "choices": [
            {
                "index": index,
                "message": _message(exchange, text),
                "logprobs": None,
                "finish_reason": _finish_reason(exchange),
            }
            for index, text in enumerate(_texts(exchange))
        ],
        "service_tier": "default",
    }
    usage = usage_of(exchange.usage)
    return {**completion, "usage": usage} if usage else completion


def events(exchange: Exchange) -> Iterator[Event]:
    """The `chat.completion.chunk` events; usage comes only where `stream_options.include_usage` asks for it."""
    wants_usage = flag(exchange.request.body, "stream_options", "include_usage")
    null_usage: dict[str, Any] = {"usage": None} if wants_usage else {}
    choices = [_choice_events(exchange, index, text) for index, text in enumerate(_texts(exchange))]
    usage = usage_of(exchange.usage)
    open_choices = len(choices)
    for chunk, content in _interleave(choices):
        open_choices -= chunk["finish_reason"] is not None
        envelope = {**_envelope(exchange, "chat.completion.chunk"), "choices": [chunk], **null_usage}
        last = {} if open_choices else _unasked_usage(exchange, usage)
        yield Event(server_sent({**envelope, **last}), content=content)
    if wants_usage and usage:
        envelope = _envelope(exchange, "chat.completion.chunk")
        yield Event(server_sent({**envelope, "choices": [], "usage": usage}))
    yield Event(server_sent("[DONE]"))


def usage_of(usage: Usage) -> Json:
    """Tokens as OpenAI says them: the prompt counts cached tokens in, the completion counts reasoning in."""
    prompt = known(cached_tokens=usage.cache_read, cache_write_tokens=usage.cache_write)
    completion = known(reasoning_tokens=usage.reasoning)
    return {
        **known(prompt_tokens=usage.input_total, completion_tokens=usage.output_total, total_tokens=usage.total),
        **({"prompt_tokens_details": prompt} if prompt else {}),
        **({"completion_tokens_details": completion} if completion else {}),
    }


def _unasked_usage(exchange: Exchange, usage: Json) -> dict[str, Any]:
    """What the last chunk of a stream says of usage without being asked: nothing with OpenAI itself."""
    if _is_groq(exchange):
        return {"x_groq": {"id": exchange.identifier("req_"), "usage": usage}}
    return {"usage": usage} if _is_together(exchange) else {}


def _is_groq(exchange: Exchange) -> bool:
    return exchange.request.path.startswith("/openai/v1/")


def _is_together(exchange: Exchange) -> bool:
    return exchange.request.path.startswith("/together/")


def _reasoning_field(exchange: Exchange) -> str:
    return "reasoning" if _is_groq(exchange) or _is_together(exchange) else "reasoning_content"


def _envelope(exchange: Exchange, kind: str) -> dict[str, Any]:
    return {
        "id": exchange.identifier("chatcmpl-"),
        "object": kind,
        "created": exchange.created,
        "model": exchange.model,
        "system_fingerprint": "fp_loopback",
    }


def _texts(exchange: Exchange) -> list[str]:
    count = int(exchange.request.get("n") or 1)
    spoken = [exchange.turn.text, *exchange.turn.alternatives][:count]
    return spoken + [exchange.turn.text] * (count - len(spoken))


def _finish_reason(exchange: Exchange) -> str:
    return exchange.turn.finish_reason or ("tool_calls" if exchange.turn.tool_calls else "stop")


def _message(exchange: Exchange, text: str) -> Json:
    turn = exchange.turn
    message: dict[str, Any] = {
        "role": "assistant",
        "content": text or (None if turn.tool_calls or turn.refusal else ""),
        "refusal": turn.refusal or None,
        "annotations": [],
    }
    if turn.reasoning:
        message[_reasoning_field(exchange)] = turn.reasoning
    if turn.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments_text(call)}}
            for call in exchange.tool_calls
        ]
    return message


def _choice_events(exchange: Exchange, index: int, text: str) -> Iterator[tuple[Json, bool]]:
    turn = exchange.turn
    first = {"role": "assistant", "content": None if turn.tool_calls and not text else "", "refusal": None}
    yield _chunk(index, first), False
    for piece in exchange.pieces(turn.reasoning):
        yield _chunk(index, {_reasoning_field(exchange): piece}), True
    for piece in exchange.pieces(text):
        yield _chunk(index, {"content": piece}), True
    for piece in exchange.pieces(turn.refusal):
        yield _chunk(index, {"refusal": piece}), True
    for position, call in enumerate(exchange.tool_calls):
        opening = {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        yield _chunk(index, {"tool_calls": [{"index": position, **opening}]}), True
        for piece in exchange.pieces(arguments_text(call)):
            yield _chunk(index, {"tool_calls": [{"index": position, "function": {"arguments": piece}}]}), True
    yield _chunk(index, {}, finish_reason=_finish_reason(exchange)), False


def _chunk(index: int, delta: Json, *, finish_reason: str | None = None) -> Json:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _interleave(choices: Iterable[Iterator[tuple[Json, bool]]]) -> Iterator[tuple[Json, bool]]:
    """Chunks of several choices come mixed, as the provider sends them."""
    for row in zip_longest(*choices):
        yield from (item for item in row if item is not None)
