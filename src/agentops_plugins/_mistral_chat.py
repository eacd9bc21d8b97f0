"""Mistral's chats and completions, which are OpenAI's but for their thoughts: https://docs.mistral.ai/api."""

from dataclasses import replace
from typing import Any, Final

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import Operation
from agentops_plugins import _openai_chat, _openai_oneshot
from agentops_plugins._content import fields
from agentops_plugins._endpoints import Content, input_of

_GIVEN: Final = "__pydantic_fields_set__"


def is_text(chunk: Any) -> bool:
    """Whether a chunk of a chat is one that goes on with a text, which is read without looking at all it may have."""
    choice = at(chunk, "choices", 0)
    told = at(chunk, "usage") is None and at(choice, "finish_reason") is None and len(objects(chunk, "choices")) == 1
    return told and type(at(choice, "delta", "content")) is str and at(choice, "delta", _GIVEN) == {"content"}


def _fold(so_far: Any, chunk: Any) -> Any:
    """Thoughts are parts of the content; among texts they are folded as OpenAI's other dialects say them."""
    for choice in () if is_text(chunk) else objects(chunk, "choices"):
        delta = fields(at(choice, "delta"))
        parts = objects(delta, "content")
        if parts:
            thoughts = [bit for part in parts for bit in objects(part, "thinking")]
            delta["reasoning_content"] = "".join(text(bit, "text") or "" for bit in thoughts)
            delta["content"] = "".join(text(part, "text") or "" for part in parts)
    return _openai_chat.CHAT.fold and _openai_chat.CHAT.fold(so_far, chunk)


def _read_prompt(body: Any, _files: Any) -> Content:
    return Content(input={key: text(body, key) for key in ("prompt", "suffix") if text(body, key) is not None})


CHAT: Final = replace(_openai_chat.CHAT, fold=_fold)
FILL: Final = replace(
    CHAT,
    operation=Operation.TEXT_COMPLETION,
    content=frozenset({"prompt", "suffix"}),
    read_content=_read_prompt,
)
EMBEDDINGS: Final = replace(_openai_oneshot.EMBEDDINGS, content=frozenset({"inputs"}), read_content=input_of("inputs"))
MODERATION: Final = replace(_openai_oneshot.MODERATION, content=frozenset({"inputs"}), read_content=input_of("inputs"))
