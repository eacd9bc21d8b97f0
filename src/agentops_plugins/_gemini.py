"""Gemini's answers as JSON, whole and streamed: https://ai.google.dev/api/generate-content."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final, cast

from msgspec.structs import replace

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import Message, Other, Part, Reasoning, Response, Text, ToolCall, Usage
from agentops_plugins._content import fields
from agentops_plugins._gemini_parts import parts_of

_SAID_ONCE: Final = ("modelVersion", "responseId", "promptFeedback", "usageMetadata", "error")
"""What of a chunk is read beside its candidates; counts are running totals, the last ones hold."""


class Streamed(dict[str, Any]):
    """An answer as far as it was streamed, in the shape of one that was not, but that texts are in pieces."""


def read_response(answer: Any) -> Response:
    """What a `GenerateContentResponse` says."""
    messages = [_candidate(value, streamed=isinstance(answer, Streamed)) for value in objects(answer, "candidates")]
    blocked = text(answer, "promptFeedback", "blockReason")
    reasons = [message.finish_reason for message in messages if message.finish_reason]
    usage = at(answer, "usageMetadata")
    return Response(
        id=text(answer, "responseId"),
        model=text(answer, "modelVersion"),
        messages=messages,
        finish_reasons=reasons or ([blocked] if blocked else []),
        usage=usage_of(usage),
        service_tier=text(usage, "serviceTier"),
        error=text(answer, "error", "message"),  # in a stream, where the client does not raise it
    )


def _candidate(value: Any, *, streamed: bool) -> Message:
    parts = parts_of(at(value, "content"))
    if streamed:
        parts = _joined(parts)
    grounds = at(value, "groundingMetadata")
    if grounds is not None:
        kept = {key: plain(at(grounds, key)) for key in ("webSearchQueries", "groundingChunks")}
        parts.append(Other("grounding", kept))
    return Message("assistant", parts, finish_reason=text(value, "finishReason"))


def usage_of(value: Any) -> Usage | None:
    """The prompt counts cached tokens in and those of tools' results out; candidates are without thoughts.

    https://ai.google.dev/api/generate-content#UsageMetadata
    """
    if not value:
        return None
    prompt, of_tools = count(value, "promptTokenCount"), count(value, "toolUsePromptTokenCount")
    asked = Usage.inclusive(
        input=None if prompt is None else prompt + (of_tools or 0), cache_read=count(value, "cachedContentTokenCount")
    )
    return replace(asked, output=count(value, "candidatesTokenCount"), reasoning=count(value, "thoughtsTokenCount"))


def fold(so_far: Any, chunk: Any) -> Streamed:
    """What has come so far: the parts of all chunks, in their order."""
    whole = Streamed(candidates=[]) if so_far is None else so_far
    for key in _SAID_ONCE:
        value = at(chunk, key)
        if value is not None:
            whole[key] = {**fields(whole.get(key)), **fields(value)} if key == "usageMetadata" else value
    for said in objects(chunk, "candidates"):
        place = _place_of(whole["candidates"], count(said, "index") or 0)
        place["content"]["parts"].extend(objects(said, "content", "parts"))
        place.update({key: held for key, held in fields(said).items() if key != "content"})
    return whole


def _place_of(candidates: list[dict[str, Any]], index: int) -> dict[str, Any]:
    for candidate in candidates:
        if candidate["index"] == index:
            return candidate
    fresh: dict[str, Any] = {"index": index, "content": {"parts": []}}
    candidates.append(fresh)
    candidates.sort(key=lambda candidate: candidate["index"])
    return fresh


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Texts that follow each other as one, thoughts likewise, and calls with the arguments that came after them."""
    whole: list[Part] = []
    for kind, group in groupby(parts, key=type):
        if kind is Text:
            whole.append(Text("".join(part.content for part in cast("Iterable[Text]", group))))
        elif kind is Reasoning:
            thoughts = list(cast("Iterable[Reasoning]", group))
            signature = next((part.signature for part in thoughts if part.signature), None)
            whole.append(Reasoning("".join(part.content or "" for part in thoughts), signature))
        elif kind is ToolCall:
            whole.extend(_calls(cast("Iterable[ToolCall]", group)))
        else:
            whole.extend(group)
    return whole


def _calls(group: Iterable[ToolCall]) -> list[ToolCall]:
    """A call without a name goes on with the arguments of the one before it."""
    calls: list[ToolCall] = []
    for call in group:
        if call.name or not calls:
            calls.append(call)
            continue
        given = dict(fields(calls[-1].arguments))
        for key, more in fields(call.arguments).items():
            held = given.get(key)
            given[key] = held + more if isinstance(held, str) and isinstance(more, str) else more
        calls[-1] = replace(calls[-1], arguments=given)
    return calls


def has_content(chunk: Any) -> bool:
    """Whether a chunk brings a part that is not an empty text."""
    said = (part for candidate in objects(chunk, "candidates") for part in objects(candidate, "content", "parts"))
    return any(at(part, "text") != "" for part in said)
