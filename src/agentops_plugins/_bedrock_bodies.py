"""The bodies of Bedrock's InvokeModel: each maker of models has a shape of its own, told by its keys.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from typing import Any, Final, NamedTuple

from agentops.domain.foreign import at, count, number, objects, plain, text
from agentops.domain.genai import Media, Message, Operation, Part, Response, Text, ToolCall, Usage
from agentops_plugins._content import fields, inline_size, media
from agentops_plugins._converse import CONVERSE
from agentops_plugins._endpoints import Content, Endpoint
from agentops_plugins._messages import MESSAGES
from agentops_plugins._openai_chat import CHAT

METRICS: Final = "amazon-bedrock-invocationMetrics"
"""What the last chunk of every stream says of its tokens."""


class _Said(NamedTuple):
    """Where an answer keeps what was said.

    Attributes:
        within: the list of answers; empty where there is one, and in chunks of streams.
        text: the path to the text of each.
        reason: the path to why it ended.
    """

    within: str
    text: tuple[str, ...]
    reason: tuple[str, ...]


_SHAPES: Final = (
    _Said("results", ("outputText",), ("completionReason",)),  # Titan
    _Said("", ("outputText",), ("completionReason",)),
    _Said("", ("generation",), ("stop_reason",)),  # Llama
    _Said("outputs", ("text",), ("stop_reason",)),  # Mistral
    _Said("choices", ("text",), ("stop_reason",)),  # DeepSeek
    _Said("generations", ("text",), ("finish_reason",)),  # Cohere
    _Said("", ("text",), ("finish_reason",)),
    _Said("completions", ("data", "text"), ("finishReason", "reason")),  # AI21
    _Said("", ("completion",), ("stop_reason",)),  # Anthropic, before messages
)
_COUNTS: Final = {
    "input": ("inputTextTokenCount", "prompt_token_count", "inputTokenCount"),
    "output": ("totalOutputTextTokenCount", "generation_token_count", "outputTokenCount"),
    "cache_read": ("cacheReadInputTokenCount",),
    "cache_write": ("cacheWriteInputTokenCount",),
}


def operation_of(model: str, body: Any) -> Operation:
    """What a model is asked to do."""
    asked = fields(body)
    if "messages" in asked or "message" in asked:
        return Operation.CHAT
    if "rerank" in model or {"query", "documents"} <= asked.keys():
        return Operation.RERANK
    if "embed" in model or "texts" in asked or "input_type" in asked:
        return Operation.EMBEDDINGS
    if "text_prompts" in asked or "taskType" in asked or "stability" in model:
        return Operation.IMAGE_GENERATION
    return Operation.TEXT_COMPLETION


def endpoint_of(body: Any) -> Endpoint:
    """How the body of a request is read."""
    if at(body, "anthropic_version") is not None and at(body, "messages") is not None:
        return MESSAGES
    if at(body, "messages") is not None:
        is_converse = type(at(body, "messages", 0, "content")) is list and "type" not in fields(
            at(body, "messages", 0, "content", 0)
        )
        return CONVERSE if is_converse else CHAT
    return _PLAIN


def _read_content(body: Any, _files: Any) -> Content:
    said = text(body, "message")
    if said is None:
        return Content(input=plain(_asked(body)))
    earlier = [
        Message(
            (text(turn, "role") or "user").lower().replace("chatbot", "assistant"), [Text(text(turn, "message") or "")]
        )
        for turn in objects(body, "chat_history")
    ]
    return Content([*earlier, Message("user", [Text(said)])])


def _asked(body: Any) -> Any:
    if at(body, "query") is not None:
        return {"query": at(body, "query"), "documents": at(body, "documents")}
    for path in (("prompt",), ("inputText",), ("texts",), ("textToImageParams", "text"), ("text_prompts",)):
        if at(body, *path) is not None:
            return at(body, *path)
    return None


def read_answer(answer: Any) -> Response:
    """What a body says, or what `fold` made of its chunks."""
    kept = fields(answer)
    metrics = kept.get(METRICS)
    response = _read(kept.get("folded", kept))
    if response.usage is None:
        response.usage = _usage(metrics)
    return response


def _read(answer: Any) -> Response:
    held = fields(answer)
    if text(held, "type") == "message":
        return MESSAGES.read_response(held)
    if at(held, "output", "message") is not None or "stopReason" in held:
        return CONVERSE.read_response(held)
    if at(held, "choices", 0, "message") is not None:
        return _read_chat(held)
    return _read_output(held) or _read_plain(held)


def _read_output(held: dict[str, Any]) -> Response | None:
    """What is no conversation: vectors, a ranking, images."""
    embedded, images = _embedded(held), _images(held)
    if embedded is not None:
        return Response(id=text(held, "id"), output=embedded, usage=_usage(held))
    if at(held, "results", 0, "relevance_score") is not None:
        return Response(output=[_rank(found) for found in objects(held, "results")])
    return Response(messages=[Message("assistant", images)]) if images else None


def _read_chat(answer: dict[str, Any]) -> Response:
    """Mistral says `stop_reason` where OpenAI, AI21 and others say `finish_reason`."""
    choices = [
        {**fields(choice), "finish_reason": text(choice, "finish_reason") or text(choice, "stop_reason")}
        for choice in objects(answer, "choices")
    ]
    return CHAT.read_response({**answer, "choices": choices})


def _embedded(answer: dict[str, Any]) -> dict[str, Any] | None:
    """How many vectors of how many dimensions: Titan gives one, Cohere a list of them, by type if types were asked."""
    found = answer.get("embeddings")
    one = answer.get("embedding")
    if isinstance(one, list):
        return {"count": 1, "dimensions": len(objects(one))}
    if isinstance(found, dict):
        found = next(iter(fields(found).values()), None)
    vectors = objects(found)
    if not vectors:
        return None
    first = at(vectors, 0, "embedding") or at(vectors, 0)
    return {"count": len(vectors), "dimensions": len(objects(first))}


def _rank(found: Any) -> dict[str, Any]:
    return {"index": count(found, "index"), "score": number(found, "relevance_score")}


def _images(answer: dict[str, Any]) -> list[Part]:
    data = [*objects(answer, "images"), *(at(image, "base64") for image in objects(answer, "artifacts"))]
    return [
        media("image", image) if image.startswith("http") else Media("image", size=inline_size(image))
        for image in data
        if isinstance(image, str)
    ]


def _read_plain(answer: dict[str, Any]) -> Response:
    said = answers_of(answer)
    calls: list[Part] = [
        ToolCall(text(call, "name") or "", plain(at(call, "parameters"))) for call in objects(answer, "tool_calls")
    ]
    messages = [Message("assistant", [Text(words)] if words else [], finish_reason=reason) for words, reason in said]
    if calls:
        messages = messages or [Message("assistant")]
        messages[0].parts = [*messages[0].parts, *calls]
    return Response(
        id=text(answer, "generation_id") or text(answer, "id"),
        messages=messages,
        finish_reasons=[reason for _, reason in said if reason],
        usage=_usage(answer),
    )


def answers_of(answer: Any) -> list[tuple[str, str | None]]:
    """Each text of an answer or chunk, and why it ended."""
    for shape in _SHAPES:
        found = objects(answer, shape.within) if shape.within else [answer]
        if found and text(found[0], *shape.text) is not None:
            return [(text(one, *shape.text) or "", text(one, *shape.reason)) for one in found]
    return []


def _usage(answer: Any) -> Usage | None:
    counts = {
        bucket: next((found for name in names if (found := count(answer, name)) is not None), None)
        for bucket, names in _COUNTS.items()
    }
    written = [count(result, "tokenCount") for result in objects(answer, "results")]
    if any(written):
        counts["output"] = sum(found or 0 for found in written)
    return Usage(**counts) if any(found is not None for found in counts.values()) else None


_PLAIN: Final = Endpoint(
    operation=Operation.TEXT_COMPLETION,
    content=frozenset(
        {
            "prompt",
            "inputText",
            "texts",
            "message",
            "chat_history",
            "query",
            "documents",
            "tools",
            "textToImageParams",
            "text_prompts",
        }
    ),
    read_content=_read_content,
    read_response=read_answer,
)
