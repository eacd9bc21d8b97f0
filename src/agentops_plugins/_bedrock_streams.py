"""The chunks of Bedrock's InvokeModelWithResponseStream, each maker's in its own shape, as one answer.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from typing import Any

from agentops.domain.foreign import at, count, objects, text
from agentops_plugins._bedrock_bodies import METRICS, answers_of
from agentops_plugins._content import fields, given, slot
from agentops_plugins._converse import CONVERSE, is_event
from agentops_plugins._messages import MESSAGES
from agentops_plugins._openai_chat import CHAT


def fold(so_far: Any, chunk: Any) -> dict[str, Any]:
    """The answer as far as it was streamed: `folded` by its shape, and the counts that Bedrock adds to it."""
    whole: dict[str, Any] = {} if so_far is None else so_far
    held = fields(chunk)
    if held.get(METRICS) is not None:
        whole[METRICS] = held[METRICS]
    if text(held, "type") is not None:
        whole["folded"] = {"type": "message", **(MESSAGES.fold or _fold)(whole.get("folded"), held)}
    elif is_event(held):
        whole["folded"] = (CONVERSE.fold or _fold)(whole.get("folded"), held)
    elif at(held, "choices", 0, "delta") is not None or at(held, "choices", 0, "message") is not None:
        whole["folded"] = (CHAT.fold or _fold)(whole.get("folded"), _as_chunk(held))
    else:
        whole["folded"] = _fold(whole.get("folded"), held)
    return whole


def _as_chunk(chunk: dict[str, Any]) -> dict[str, Any]:
    """Mistral's chunks have `message` where OpenAI's have `delta`."""
    choices = [
        {
            "index": count(choice, "index") or 0,
            "delta": at(choice, "delta") or at(choice, "message"),
            "finish_reason": text(choice, "finish_reason") or text(choice, "stop_reason"),
        }
        for choice in objects(chunk, "choices")
    ]
    return {**chunk, "choices": choices}


def _fold(so_far: Any, chunk: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"outputs": []} if so_far is None else so_far
    rest = {
        key: value
        for key, value in given(chunk).items()
        if type(value) is int or key in {"generation_id", "tool_calls"}
    }
    whole.update(rest)
    for index, (words, reason) in enumerate(answers_of(chunk)):
        place = slot(whole["outputs"], index)
        place["text"] = place.get("text", "") + words
        place["stop_reason"] = reason or place.get("stop_reason")
    reason = text(chunk, "finish_reason")
    if reason:  # Cohere's last chunk has no text
        slot(whole["outputs"], 0)["stop_reason"] = reason
    return whole


def has_content(chunk: Any) -> bool:
    """Whether a chunk brings what the program waits for."""
    held = fields(chunk)
    return (
        any(words for words, _ in answers_of(held))
        or any(endpoint.has_content is not None and endpoint.has_content(held) for endpoint in (MESSAGES, CONVERSE))
        or (CHAT.has_content is not None and CHAT.has_content(_as_chunk(held)))
    )
