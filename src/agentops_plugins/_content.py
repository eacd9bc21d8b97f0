"""What the providers' messages have in common: inline data, tool arguments, settings without secrets."""

import json
from collections.abc import Container
from decimal import Decimal
from typing import Any, Final, cast

import msgspec

from agentops.domain.foreign import count, objects, plain
from agentops.domain.genai import Json, Media, Part, Text, Usage

_SECRETS: Final = frozenset({"authorization", "authorization_token", "headers", "api_key", "password"})
"""Settings that carry credentials: those of remote MCP servers are part of the request's body
(https://platform.openai.com/docs/guides/tools-remote-mcp, https://docs.claude.com/en/docs/agents-and-tools/mcp-connector)."""


def fields(value: Any) -> dict[str, Any]:
    """The fields of a JSON object or of an SDK model, undeclared ones included; empty for anything else."""
    if value is None:
        return {}
    if isinstance(value, dict):
        return value  # pyright: ignore[reportUnknownVariableType] - a cast costs a call
    declared: Any = getattr(value, "__dict__", None)
    extra: Any = getattr(value, "__pydantic_extra__", None)
    if type(declared) is not dict:
        return {}
    return {**declared, **extra} if extra else declared  # pyright: ignore[reportUnknownVariableType] - as above


def given(value: Any) -> dict[str, Any]:
    """The fields that hold something: a model has all it may have, and looking once is cheaper than asking for each."""
    return {key: held for key, held in fields(value).items() if held is not None}


def settings(body: Any, without: Container[str]) -> dict[str, Any]:
    """What was set beside the keys `without`, secrets masked; what an SDK marks as not given is left out."""
    found: dict[str, Any] = plain({key: value for key, value in fields(body).items() if key not in without})
    _mask(found)
    return found


def _mask(value: dict[str, Json] | list[Json]) -> None:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if key in _SECRETS:
            value[key] = "[redacted]"
        elif type(inner) is dict or type(inner) is list:
            _mask(cast("dict[str, Json]", inner))


def arguments(value: Any) -> Json:
    """A tool call's arguments as JSON; text that is not JSON stays text."""
    if not isinstance(value, str):
        return plain(value)
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def inline_size(data: Any) -> int | None:
    """How many bytes a base64 text stands for."""
    if not isinstance(data, str):
        return None
    return len(data) * 3 // 4 - data[-2:].count("=")


def media(modality: str, address: Any, file_id: str | None = None) -> Media:
    """A medium by its address; of a `data:` URL only type and size are kept."""
    if not isinstance(address, str):
        return Media(modality, file_id=file_id)
    if not address.startswith("data:"):
        return Media(modality, uri=address, file_id=file_id)
    head, _, data = address.removeprefix("data:").partition(",")
    return Media(modality, mime_type=head.partition(";")[0] or None, size=inline_size(data), file_id=file_id)


def outcome(parts: list[Part]) -> Json:
    """The parts of a tool's result as JSON: one text where all is text."""
    if all(isinstance(part, Text) for part in parts):
        return "".join(part.content for part in parts if isinstance(part, Text))
    return msgspec.to_builtins(parts)


def price(value: Any) -> str | None:
    """An amount of USD as a decimal string."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return format(Decimal(repr(value)), "f")


def counted(usage: Usage) -> Usage | None:
    """Tokens, None where nothing was said of any."""
    return None if usage == Usage() else usage


def extent(vectors: list[Any], *path: str) -> dict[str, Json]:
    """How many vectors there are, and how long each is; `path` leads to the numbers of one."""
    return {"count": len(vectors), "dimensions": len(objects(vectors, 0, *path)) or None}


def slot(entries: list[Any], index: int, key: str | None = None) -> dict[str, Any]:
    """The entry of a streamed list to which a delta of this index belongs; made, and put in order, where it is new.

    `key` is the delta's own id: Gemini's OpenAI surface gives index 0 to each of several calls.
    """
    for entry in entries:
        if type(entry) is dict:
            held = cast("dict[str, Any]", entry)
            if held.get("index") == index and (not key or held.get("id") in {None, key}):
                return held
    fresh: dict[str, Any] = {"index": index}
    entries.append(fresh)
    if len(entries) > 1:
        entries.sort(key=lambda entry: count(entry, "index") or 0)
    return fresh


def nth(entries: list[dict[str, Any]], index: int) -> dict[str, Any]:
    """The entry at a position; those up to it that have not come are made empty."""
    entries.extend({} for _ in range(index + 1 - len(entries)))
    return entries[index]
