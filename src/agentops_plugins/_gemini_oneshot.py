"""What of Google's models is no conversation: embeddings, pictures, counts of tokens."""

from typing import Any

from msgspec import to_builtins

from agentops.domain.foreign import at, count, number, objects, plain, text
from agentops.domain.genai import Json, Media, Message, Part, Response, Text, Usage
from agentops_plugins._content import extent, fields, inline_size, settings
from agentops_plugins._gemini import usage_of
from agentops_plugins._gemini_parts import parts_of


def read_batch(body: Any) -> dict[str, Any]:
    """What is to be embedded: one content, a batch of them, or Vertex AI's instances."""
    asked = objects(body, "requests") or ([body] if at(body, "content") is not None else [])
    instances = objects(body, "instances")
    said = [_spoken(at(item, "content")) for item in asked] or [plain(at(item, "content")) for item in instances]
    rest = settings(asked[0] if asked else body, {"content", "instances", "model", "config", "_url", "_query"})
    return {"input": said, "parameters": {**fields(rest.pop("parameters", None)), **rest}}


def _spoken(content: Any) -> Json:
    """The texts of a content: one as it is, several as a list; media as what is kept of them."""
    said = [part.content if isinstance(part, Text) else to_builtins(part) for part in parts_of(content)]
    return said[0] if len(said) == 1 else said


def read_prompt(body: Any) -> dict[str, Any]:
    """What is to be drawn."""
    prompt = text(body, "instances", 0, "prompt")
    return {
        "messages": [Message("user", [Text(prompt)])] if prompt else [],
        "parameters": settings(at(body, "parameters"), ()),
    }


def read_embeddings(answer: Any) -> Response:
    """How many vectors of what length; Vertex AI's older endpoint counts tokens by text."""
    one = at(answer, "embedding")
    predicted = [at(item, "embeddings") for item in objects(answer, "predictions")]
    vectors = objects(answer, "embeddings") or predicted or ([one] if one is not None else [])
    counts = [number(vector, "statistics", "token_count") for vector in predicted]
    tokens = [int(found) for found in counts if found is not None]
    usage = at(answer, "usageMetadata")
    return Response(
        usage=usage_of(usage) or (Usage(input=sum(tokens)) if tokens else None),
        output=extent(vectors, "values"),
    )


def read_images(answer: Any) -> Response:
    """The pictures of a prediction: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api."""
    parts: list[Part] = [
        Media(
            "image", text(image, "mimeType"), text(image, "gcsUri"), size=inline_size(at(image, "bytesBase64Encoded"))
        )
        for image in objects(answer, "predictions")
    ]
    return Response(messages=[Message("assistant", parts)] if parts else [])


def read_count(answer: Any) -> Response:
    """How many tokens there are: https://ai.google.dev/api/tokens."""
    return Response(output={"input_tokens": count(answer, "totalTokens")})
