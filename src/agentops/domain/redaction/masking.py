"""JSON values without their content: what they are made of stays, what they say does not."""

import re
from typing import Any, Final, cast

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_$*?][\w.$-]{0,63}")
_STRUCTURE: Final = frozenset(
    {"role", "type", "name", "id", "finish_reason", "kind", "modality", "mime_type", "server", "is_error", "size"}
)
"""What stays of a message, of each of its parts and of a tool: who and what, and not what was said."""


def mask(value: Any) -> Any:
    """A JSON value whose texts and numbers are gone; keys that are names, lengths and types stay."""
    kind = cast("Any", type(value))
    if kind is str:
        return value if value.startswith("[REDACTED:") else f"[REDACTED:{len(value)} characters]"
    if kind is dict:
        return {
            key if _PLAIN_KEY.fullmatch(key) else f"[REDACTED:key {place}]": (item if key == "$type" else mask(item))
            for place, (key, item) in enumerate(cast("dict[str, Any]", value).items(), 1)
        }
    if kind is list:
        return [mask(item) for item in cast("list[Any]", value)]
    return "[REDACTED:number]" if kind is int or kind is float else value


def mask_request(request: dict[str, Any]) -> dict[str, Any]:
    """A `Request` as JSON: its messages, tools and input masked; of its settings, numbers and switches stay."""
    masked = _mask_turns(request)
    if "tools" in request:
        masked["tools"] = [_mask_part(tool) for tool in request["tools"]]
    if "parameters" in request:
        parameters = cast("dict[str, Any]", request["parameters"])
        masked["parameters"] = {
            key: item if isinstance(item, (int, float)) else mask(item) for key, item in parameters.items()
        }
    if "input" in request:
        masked["input"] = mask(request["input"])
    return masked


def mask_response(response: dict[str, Any]) -> dict[str, Any]:
    """A `Response` as JSON: its messages and output masked; model, usage, cost and ids stay."""
    masked = _mask_turns(response)
    if "output" in response:
        masked["output"] = mask(response["output"])
    return masked


def _mask_turns(exchange: dict[str, Any]) -> dict[str, Any]:
    masked = dict(exchange)
    if "messages" in exchange:
        masked["messages"] = [
            {**_mask_part(turn), "parts": [_mask_part(part) for part in turn.get("parts", ())]}
            for turn in exchange["messages"]
        ]
    return masked


def _mask_part(part: dict[str, Any]) -> dict[str, Any]:
    return {key: item if key in _STRUCTURE else mask(item) for key, item in part.items()}
