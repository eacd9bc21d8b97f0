"""What Hugging Face serves beside OpenAI's chats: text generation and vectors of the model at an address.

https://huggingface.github.io/text-generation-inference/, https://huggingface.co/docs/inference-providers/tasks/feature-extraction
"""

from collections.abc import Iterator
from typing import Any

from agentops.domain.foreign import flag, objects
from agentops.domain.genai import Json
from agentops.testing.provider.embeddings import vector_of
from agentops.testing.provider.exchange import Event, Exchange, Face, known, server_sent

_DIMENSIONS = 16
_REASONS = {"stop": "eos_token"}


def _generate(exchange: Exchange) -> Json:
    wants_details = flag(exchange.request.body, "parameters", "details")
    details: dict[str, Json] = {"details": {**_end(exchange), "prefill": [], "tokens": []}} if wants_details else {}
    return [{"generated_text": exchange.turn.text, **details}]


def _generate_events(exchange: Exchange) -> Iterator[Event]:
    pieces = exchange.pieces(exchange.turn.text)
    for index, piece in enumerate(pieces):
        yield Event(
            server_sent({"index": index, **_token(piece), "generated_text": None, "details": None}), content=True
        )
    end = {**_end(exchange), **known(input_length=exchange.usage.input_total)}
    last = {**_token("</s>", special=True), "generated_text": exchange.turn.text, "details": end}
    yield Event(server_sent({"index": len(pieces), **last}))


def _token(text: str, *, special: bool = False) -> dict[str, Any]:
    return {"token": {"id": 1, "text": text, "logprob": -0.5, "special": special}}


def _end(exchange: Exchange) -> dict[str, Any]:
    reason = exchange.turn.finish_reason or "stop"
    tokens = known(generated_tokens=exchange.usage.output_total)
    return {"finish_reason": _REASONS.get(reason, reason), "seed": None, **tokens}


def _vectors(exchange: Exchange) -> Json:
    given = exchange.request.get("inputs")
    vectors = [vector_of(each, _DIMENSIONS) for each in objects(given) or [given]]
    return vectors if objects(given) else vectors[0]


def _refusal(_status: int, message: str | None) -> Json:
    return {"error": message or "Input validation error", "error_type": "validation"}


FACE = Face({"/feature-extraction": (_vectors, None), "/text-generation": (_generate, _generate_events)}, _refusal)
