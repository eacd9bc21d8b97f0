"""Amazon Bedrock's runtime: Converse, InvokeModel for Claude and Titan, guardrails and token counts.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html; streams are
frames of https://smithy.io/2.0/aws/amazon-eventstream.html, which botocore reads and cannot write.
"""

import json
import struct
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from zlib import crc32

from agentops.domain.foreign import at, text
from agentops.domain.genai import Json, Usage
from agentops.testing.provider import messages
from agentops.testing.provider.embeddings import vector_of
from agentops.testing.provider.exchange import Event, Exchange, Face, arguments_text, known

_STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "guardrail_intervened",
}
_ERRORS = {
    400: ("ValidationException", "The provided model identifier is invalid."),
    403: ("AccessDeniedException", "You don't have access to the model with the specified model ID."),
    404: ("ResourceNotFoundException", "The provided model is not found."),
    429: ("ThrottlingException", "Too many requests, please wait before trying again."),
    503: ("ServiceUnavailableException", "The service isn't currently available."),
}
_STRING = 7
"""The type of a header whose value is a string."""
_DIMENSIONS = 1024


def converse(exchange: Exchange) -> Json:
    """The whole answer of Converse."""
    return {
        "output": {"message": {"role": "assistant", "content": _blocks(exchange)}},
        "stopReason": _stop_reason(exchange),
        "usage": usage_of(exchange.usage),
        "metrics": {"latencyMs": 1},
    }


def converse_events(exchange: Exchange) -> Iterator[Event]:
    """The stream, from `messageStart` to the counts after `messageStop`."""
    yield _event("messageStart", {"role": "assistant"})
    for index, block in enumerate(_blocks(exchange)):
        where = {"contentBlockIndex": index}
        if "toolUse" in block:
            use = block["toolUse"]
            start = {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}
            yield _event("contentBlockStart", {"start": start, **where})
        for delta, is_content in _deltas(exchange, block):
            yield _event("contentBlockDelta", {"delta": delta, **where}, content=is_content)
        yield _event("contentBlockStop", where)
    yield _event("messageStop", {"stopReason": _stop_reason(exchange)})
    yield _event("metadata", {"usage": usage_of(exchange.usage), "metrics": {"latencyMs": 1}})


def invoke(exchange: Exchange) -> Json:
    """The body that the model's maker gave it."""
    body = exchange.request.body
    if at(body, "anthropic_version") is not None:
        return messages.answer(exchange)
    asked = text(body, "inputText")
    if asked is not None and "embed" in exchange.model:
        return {"embedding": vector_of(asked, _DIMENSIONS), "inputTextTokenCount": exchange.usage.input_total}
    result = {"tokenCount": exchange.usage.output, "outputText": exchange.turn.text, "completionReason": "FINISH"}
    return {"inputTextTokenCount": exchange.usage.input_total, "results": [result]}


def invoke_events(exchange: Exchange) -> Iterator[Event]:
    """The maker's chunks, and the counts that Bedrock adds to the last."""
    chunks = list(_claude(exchange) if at(exchange.request.body, "anthropic_version") is not None else _titan(exchange))
    last, _ = chunks[-1]
    last["amazon-bedrock-invocationMetrics"] = {
        **known(inputTokenCount=exchange.usage.input, outputTokenCount=exchange.usage.output_total),
        "invocationLatency": 1,
        "firstByteLatency": 1,
    }
    for chunk, is_content in chunks:
        data = b64encode(json.dumps(chunk).encode()).decode()
        yield _event("chunk", {"bytes": data}, content=is_content)


def count(exchange: Exchange) -> Json:
    """The answer of CountTokens."""
    return {"inputTokens": exchange.usage.input_total or 0}


def check(exchange: Exchange) -> Json:
    """The answer of ApplyGuardrail, which intervenes where the turn is a refusal."""
    refusal = exchange.turn.refusal
    return {
        "action": "GUARDRAIL_INTERVENED" if refusal else "NONE",
        "outputs": [{"text": refusal}] if refusal else [],
        "assessments": [],
        "usage": {},
    }


def refusal(status: int, message: str | None) -> Json:
    """An error's JSON."""
    name, words = _ERRORS.get(status, ("InternalServerException", "An internal server error occurred."))
    return {"__type": name, "message": message or words}


def interruption(_status: int, message: str | None) -> bytes:
    """An exception among the events."""
    return frame(
        {":message-type": "exception", ":exception-type": "modelStreamErrorException"},
        {"message": message or "The model stream failed."},
    )


def frame(headers: dict[str, str], body: Json) -> bytes:
    """A message of an event stream: lengths, headers and payload, each with its checksum."""
    head = b"".join(
        struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", _STRING, len(value)) + value.encode()
        for name, value in {**headers, ":content-type": "application/json"}.items()
    )
    payload = json.dumps(body).encode()
    lengths = struct.pack(">II", len(head) + len(payload) + 16, len(head))
    whole = lengths + struct.pack(">I", crc32(lengths)) + head + payload
    return whole + struct.pack(">I", crc32(whole))


def usage_of(usage: Usage) -> dict[str, int]:
    """Tokens as Bedrock says them: input without what the cache served or took."""
    return known(
        inputTokens=usage.input,
        outputTokens=usage.output_total,
        totalTokens=usage.total,
        cacheReadInputTokens=usage.cache_read,
        cacheWriteInputTokens=usage.cache_write,
    )


def _event(kind: str, body: Json, *, content: bool = False) -> Event:
    return Event(frame({":message-type": "event", ":event-type": kind}, body), content=content)


def _stop_reason(exchange: Exchange) -> str:
    turn = exchange.turn
    inferred = "tool_calls" if turn.tool_calls else "content_filter" if turn.refusal else "stop"
    reason = turn.finish_reason or inferred
    return _STOP_REASONS.get(reason, reason)


def _blocks(exchange: Exchange) -> list[dict[str, Any]]:
    turn = exchange.turn
    said = turn.text or turn.refusal
    thought = {"reasoningText": {"text": turn.reasoning, "signature": "bG9vcGJhY2s="}}
    return [
        *([{"reasoningContent": thought}] if turn.reasoning else []),
        *([{"text": said}] if said else []),
        *(
            {"toolUse": {"toolUseId": call.id, "name": call.name, "input": call.arguments or {}}}
            for call in exchange.tool_calls
        ),
    ]


def _deltas(exchange: Exchange, block: dict[str, Any]) -> list[tuple[dict[str, Any], bool]]:
    """What fills a block, and whether it is content."""
    if "text" in block:
        return [({"text": piece}, True) for piece in exchange.pieces(block["text"])]
    if "toolUse" in block:
        call = next(call for call in exchange.tool_calls if call.id == block["toolUse"]["toolUseId"])
        return [({"toolUse": {"input": piece}}, True) for piece in exchange.pieces(arguments_text(call))]
    thought = block["reasoningContent"]["reasoningText"]
    pieces = [({"reasoningContent": {"text": piece}}, True) for piece in exchange.pieces(thought["text"])]
    return [*pieces, ({"reasoningContent": {"signature": thought["signature"]}}, False)]


def _claude(exchange: Exchange) -> Iterator[tuple[dict[str, Any], bool]]:
    for event in messages.events(exchange):
        yield json.loads(event.data.partition(b"data: ")[2]), event.content


def _titan(exchange: Exchange) -> Iterator[tuple[dict[str, Any], bool]]:
    pieces = exchange.pieces(exchange.turn.text)
    usage = exchange.usage
    for number, piece in enumerate(pieces, 1):
        is_last = number == len(pieces)
        yield (
            {
                "outputText": piece,
                "index": 0,
                "totalOutputTextTokenCount": usage.output if is_last else None,
                "completionReason": "FINISH" if is_last else None,
                "inputTextTokenCount": usage.input_total if number == 1 else None,
            },
            True,
        )


FACE = Face(
    {
        "/converse": (converse, None),
        "/converse-stream": (converse, converse_events),
        "/invoke": (invoke, None),
        "/invoke-with-response-stream": (invoke, invoke_events),
        "/count-tokens": (count, None),
        "/apply": (check, None),
    },
    refusal,
    interruption,
    request_id="x-amzn-requestid",
)
