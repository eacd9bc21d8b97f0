"""IBM's watsonx.ai: https://cloud.ibm.com/apidocs/watsonx-ai.

Chats have the shape of Mistral's, but that streams end without a last word.
"""

from collections.abc import Iterator

from agentops.domain.foreign import objects
from agentops.domain.genai import Json
from agentops.testing.provider import mistral
from agentops.testing.provider.embeddings import vector_of
from agentops.testing.provider.exchange import Event, Exchange, Face, server_sent

_DIMENSIONS = 384


def answer(exchange: Exchange) -> Json:
    """The whole answer of a chat."""
    return {**mistral.answer(exchange), "model_id": exchange.model}


def events(exchange: Exchange) -> Iterator[Event]:
    """The events of a chat."""
    for event in mistral.events(exchange):
        if b"[DONE]" not in event.data:
            yield Event(b"event: message\n" + event.data, content=event.content)


def generate(exchange: Exchange) -> Json:
    """A text that goes on."""
    return _generated(exchange, exchange.turn.text, is_last=True)


def generate_events(exchange: Exchange) -> Iterator[Event]:
    """The pieces of such a text; the last one has the tokens."""
    for piece in exchange.pieces(exchange.turn.text):
        yield Event(server_sent(_generated(exchange, piece, is_last=False), event="message"), content=True)
    yield Event(server_sent(_generated(exchange, "", is_last=True), event="message"))


def embed(exchange: Exchange) -> Json:
    """A vector for each input."""
    inputs = [str(text) for text in objects(exchange.request.body, "inputs")]
    return {
        "model_id": exchange.model,
        "results": [{"embedding": vector_of(text, _DIMENSIONS)} for text in inputs],
        "input_token_count": exchange.usage.input_total or 0,
    }


def refusal(status: int, message: str | None) -> Json:
    """An error's JSON."""
    said = {"code": "invalid_request_entity", "message": message or "The request is not valid."}
    return {"errors": [said], "trace": "loopback", "status_code": status}


def _generated(exchange: Exchange, text: str, *, is_last: bool) -> Json:
    usage = exchange.usage
    result = {
        "generated_text": text,
        "generated_token_count": (usage.output_total or 0) if is_last else 0,
        "input_token_count": (usage.input_total or 0) if is_last else 0,
        "stop_reason": "eos_token" if is_last else "not_finished",
    }
    return {"model_id": exchange.model, "created_at": "2026-01-01T00:00:00.000Z", "results": [result]}


FACE = Face(
    {
        "/ml/v1/text/chat": (answer, None),
        "/ml/v1/text/chat_stream": (answer, events),
        "/ml/v1/text/generation": (generate, None),
        "/ml/v1/text/generation_stream": (generate, generate_events),
        "/ml/v1/text/embeddings": (embed, None),
    },
    refusal,
)
