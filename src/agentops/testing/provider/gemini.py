"""Google's Gemini API, as it and Vertex AI speak it: https://ai.google.dev/api/generate-content.

Streams are server-sent events where `alt=sse` asks for them, else the items of one JSON array
(https://cloud.google.com/apis/docs/system-parameters).
"""

import json
from collections.abc import Iterator
from typing import Any

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import Json, Usage
from agentops.testing.provider.embeddings import vector_of
from agentops.testing.provider.exchange import Event, Exchange, Face, known, server_sent
from agentops.testing.provider.request import text_of

_FINISH_REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}
_STATUSES = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "models/unknown is not found for API version v1beta"),
    429: ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    503: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
}
_DIMENSIONS = 768
_PIXEL = "iVBORw0KGgo="


def answer(exchange: Exchange) -> Json:
    """The whole `GenerateContentResponse`."""
    candidates = [
        {
            "content": {"parts": _parts(exchange, said), "role": "model"},
            "finishReason": _reason(exchange),
            "index": index,
        }
        for index, said in enumerate(_texts(exchange))
    ]
    return {"candidates": candidates, "usageMetadata": usage_of(exchange.usage), **_envelope(exchange)}


def events(exchange: Exchange) -> Iterator[Event]:
    """A response for each piece; the counts grow, and the last ones hold."""
    usage = usage_of(exchange.usage)
    so_far = {key: usage[key] for key in ("promptTokenCount", "cachedContentTokenCount") if key in usage}
    opened = False
    for piece, content in _pieces(exchange):
        last = "finishReason" in piece
        item = {"candidates": [piece], "usageMetadata": usage if last else so_far, **_envelope(exchange)}
        yield Event(_framed(exchange, item, opened=opened), content=content)
        opened = True
    if not _is_sse(exchange):
        yield Event(b"]")


def count(exchange: Exchange) -> Json:
    """The answer of `countTokens`."""
    return {"totalTokens": exchange.usage.input_total or 0}


def embeddings(exchange: Exchange) -> Json:
    """A vector for each content of a batch."""
    contents = [text_of(at(asked, "content", "parts")) for asked in objects(exchange.request.body, "requests")]
    return {"embeddings": [{"values": vector_of(content, _DIMENSIONS)} for content in contents]}


def predict(exchange: Exchange) -> Json:
    """Vertex AI's older endpoint: vectors for texts, pictures for prompts."""
    instances = objects(exchange.request.body, "instances")
    if text(instances[0], "prompt") is not None:
        return {"predictions": [{"mimeType": "image/png", "bytesBase64Encoded": _PIXEL}]}
    tokens = exchange.usage.input_total or 0
    contents = [text(instance, "content") or "" for instance in instances]
    return {
        "predictions": [
            {
                "embeddings": {
                    "values": vector_of(content, _DIMENSIONS),
                    "statistics": {"token_count": tokens // len(contents), "truncated": False},
                }
            }
            for content in contents
        ]
    }


def interact(exchange: Exchange) -> Json:
    """A whole interaction: https://ai.google.dev/api/interactions-api."""
    return {**_interaction(exchange), "steps": _steps(exchange), "usage": _interaction_usage(exchange)}


def interaction_events(exchange: Exchange) -> Iterator[Event]:
    """The steps of an interaction, each opened and filled, and the interaction as it ended."""
    yield _named("interaction.created", interaction={**_interaction(exchange), "status": "in_progress"})
    for index, step in enumerate(_steps(exchange)):
        opened = {key: held for key, held in step.items() if key not in {"content", "summary"}}
        yield _named("step.start", index=index, step=opened)
        texts: list[Any] = step.get("content") or step.get("summary") or []
        for piece in exchange.pieces("".join(content["text"] for content in texts)):
            said = {"type": "text", "text": piece}
            delta = said if "content" in step else {"type": "thought_summary", "content": said}
            yield _named("step.delta", content=True, index=index, delta=delta)
        yield _named("step.stop", index=index)
    yield _named("interaction.completed", interaction={**_interaction(exchange), "usage": _interaction_usage(exchange)})


def refusal(status: int, message: str | None) -> Json:
    """An error's JSON: https://google.aip.dev/193."""
    name, words = _STATUSES.get(status, ("INTERNAL", "An internal error has occurred."))
    return {"error": {"code": status, "message": message or words, "status": name}}


def usage_of(usage: Usage) -> dict[str, int]:
    """Tokens as Gemini says them: the prompt counts cached tokens in, candidates are without thoughts."""
    return known(
        promptTokenCount=usage.input_total,
        cachedContentTokenCount=usage.cache_read,
        candidatesTokenCount=usage.output,
        thoughtsTokenCount=usage.reasoning,
        totalTokenCount=usage.total,
    )


def _interaction(exchange: Exchange) -> dict[str, Any]:
    status = "requires_action" if exchange.turn.tool_calls else "completed"
    return {"id": exchange.identifier("v1_"), "model": exchange.model, "object": "interaction", "status": status}


def _steps(exchange: Exchange) -> list[dict[str, Any]]:
    turn = exchange.turn
    return [
        *([{"type": "thought", "summary": [{"type": "text", "text": turn.reasoning}]}] if turn.reasoning else []),
        *([{"type": "model_output", "content": [{"type": "text", "text": turn.text}]}] if turn.text else []),
        *(
            {"type": "function_call", "id": call.id, "name": call.name, "arguments": call.arguments or {}}
            for call in exchange.tool_calls
        ),
    ]


def _interaction_usage(exchange: Exchange) -> dict[str, int]:
    usage = exchange.usage
    return known(
        total_input_tokens=usage.input_total,
        total_cached_tokens=usage.cache_read,
        total_output_tokens=usage.output,
        total_thought_tokens=usage.reasoning,
        total_tokens=usage.total,
    )


def _named(kind: str, *, content: bool = False, **fields: Json) -> Event:
    return Event(server_sent({"event_type": kind, **fields}, event=kind), content=content)


def _envelope(exchange: Exchange) -> dict[str, Any]:
    return {"modelVersion": exchange.model, "responseId": exchange.identifier("")}


def _texts(exchange: Exchange) -> list[str]:
    wanted = int(at(exchange.request.body, "generationConfig", "candidateCount") or 1)
    spoken = [exchange.turn.text or exchange.turn.refusal, *exchange.turn.alternatives][:wanted]
    return spoken + [exchange.turn.text] * (wanted - len(spoken))


def _reason(exchange: Exchange) -> str:
    turn = exchange.turn
    reason = turn.finish_reason or ("content_filter" if turn.refusal else "stop")
    return _FINISH_REASONS.get(reason, reason)


def _parts(exchange: Exchange, said: str) -> list[dict[str, Any]]:
    thoughts = exchange.turn.reasoning
    return [
        *([{"text": thoughts, "thought": True}] if thoughts else []),
        *([{"text": said}] if said else []),
        *_calls(exchange),
    ]


def _calls(exchange: Exchange) -> list[dict[str, Any]]:
    return [
        {"functionCall": {"id": call.id, "name": call.name, "args": call.arguments or {}}}
        for call in exchange.tool_calls
    ]


def _pieces(exchange: Exchange) -> Iterator[tuple[dict[str, Any], bool]]:
    """What each response of a stream brings, and whether it is content."""
    for index, said in enumerate(_texts(exchange)):
        for piece in exchange.pieces(exchange.turn.reasoning):
            yield _piece(index, {"text": piece, "thought": True}), True
        for piece in exchange.pieces(said):
            yield _piece(index, {"text": piece}), True
        for call in _calls(exchange):
            yield _piece(index, call), True
        yield {**_piece(index, {"text": ""}), "finishReason": _reason(exchange)}, False


def _piece(index: int, part: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"parts": [part], "role": "model"}, "index": index}


def _is_sse(exchange: Exchange) -> bool:
    return exchange.request.query.get("alt") == "sse"


def _framed(exchange: Exchange, item: Json, *, opened: bool) -> bytes:
    if _is_sse(exchange):
        return server_sent(item)
    return (b",\n" if opened else b"[") + json.dumps(item, ensure_ascii=False).encode()


FACE = Face(
    {
        ":generateContent": (answer, None),
        ":streamGenerateContent": (answer, events),
        ":countTokens": (count, None),
        ":batchEmbedContents": (embeddings, None),
        ":predict": (predict, None),
        "/interactions": (interact, interaction_events),
    },
    refusal,
)
