"""OpenAI's embeddings: https://platform.openai.com/docs/api-reference/embeddings."""

import base64
import hashlib
import json
import struct

from agentops.domain.foreign import objects
from agentops.domain.genai import Json
from agentops.testing.provider.exchange import Exchange
from agentops.testing.provider.request import count_tokens

_DIMENSIONS = 1536


def answer(exchange: Exchange) -> Json:
    """A vector per input: equal texts have equal vectors, and every vector has length one."""
    request = exchange.request
    inputs = _inputs(request.get("input"))
    dimensions = int(request.get("dimensions") or _DIMENSIONS)
    encode = _base64 if request.get("encoding_format") == "base64" else list[float]
    scripted = exchange.turn.usage.input_total if exchange.turn.usage else None
    tokens = sum(map(_tokens_of, inputs)) if scripted is None else scripted
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": encode(vector_of(given, dimensions))}
            for index, given in enumerate(inputs)
        ],
        "model": exchange.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def vector_of(given: Json, dimensions: int) -> list[float]:
    """The vector of a text or of a list of token numbers."""
    text = given if isinstance(given, str) else json.dumps(given)
    digest = hashlib.shake_256(text.encode()).digest(2 * dimensions)
    raw = struct.unpack(f"<{dimensions}h", digest)
    length = sum(number * number for number in raw) ** 0.5 or 1.0
    return [number / length for number in raw]


def _inputs(given: Json) -> list[Json]:
    items = objects(given)
    return [given or ""] if not items or isinstance(items[0], int) else items


def _tokens_of(given: Json) -> int:
    return len(objects(given)) or count_tokens(str(given))


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
