"""Message parts, tools and usage as OpenAI writes them, in Chat Completions and in Responses."""

from decimal import Decimal
from typing import Any, Final

from agentops.domain.foreign import at, count, flag, number, objects, plain, text
from agentops.domain.genai import Media, Other, Part, Reasoning, Refusal, Text, Tool, Usage
from agentops_plugins._content import fields, given, inline_size, media, price, settings

_TICK: Final = -10
"""Ten to this power is a tick."""


def parts_of(content: Any) -> list[Part]:
    """The parts of a message's content: a text, or a list of typed parts."""
    if isinstance(content, str):
        return [Text(content)] if content else []
    return [Text(value) if isinstance(value, str) else _part(value) for value in objects(content)]


def _part(value: Any) -> Part:  # noqa: PLR0911 - one return for each kind
    kind = text(value, "type") or "unknown"
    match kind:
        case "text" | "input_text" | "output_text" | "summary_text" | "reasoning_text":
            return Text(text(value, "text") or "")
        case "refusal":
            return Refusal(text(value, "refusal") or "")
        case "thinking":
            said = text(value, "thinking") or "".join(text(bit, "text") or "" for bit in objects(value, "thinking"))
            return Reasoning(said or None, text(value, "signature"))
        case "image_url" | "video_url" | "audio_url":
            return media(kind.removesuffix("_url"), text(value, kind, "url") or text(value, kind))
        case "document_url":
            return media("file", text(value, kind))
        case "input_image":
            return media("image", text(value, "image_url"), text(value, "file_id"))
        case "input_audio":
            form = text(value, kind, "format")
            return Media("audio", f"audio/{form}" if form else None, size=inline_size(at(value, kind, "data")))
        case "file" | "input_file":
            return _file(at(value, kind) or value)
        case _:
            return Other(kind, plain(value))


def _file(value: Any) -> Media:
    address, file_id = text(value, "file_url"), text(value, "file_id")
    data = text(value, "file_data")
    if data is None or data.startswith("data:"):
        return media("file", data or address, file_id)
    return Media("file", uri=address, file_id=file_id, size=inline_size(data))


def tools_of(body: Any) -> list[Tool]:
    """The tools offered, the older `functions` included."""
    return [_tool(value) for key in ("tools", "functions") for value in objects(body, key)]


def _tool(value: Any) -> Tool:
    kind = text(value, "type") or "function"
    if kind not in {"function", "custom"}:
        rest = settings(value, {"type", "name", "server_label"})
        return Tool(text(value, "server_label") or text(value, "name") or kind, parameters=rest or None, kind=kind)
    spec = at(value, kind) or value
    return Tool(
        name=text(spec, "name") or "",
        description=text(spec, "description"),
        parameters=plain(at(spec, "parameters") or at(spec, "format")),
        kind=kind,
    )


def usage_of(value: Any) -> Usage | None:
    """Tokens, under the names of Chat Completions or of Responses; input counts cached tokens in.

    Output counts reasoning in, unless the total says otherwise (xAI adds reasoning to it:
    https://docs.x.ai/docs/guides/reasoning).
    """
    held = given(value)
    if not held:
        return None
    read = _details(held, "prompt_tokens_details", "input_tokens_details")
    written = _details(held, "completion_tokens_details", "output_tokens_details")
    input_, output = _first(held, "prompt_tokens", "input_tokens"), _first(held, "completion_tokens", "output_tokens")
    reasoning = count((written or held).get("reasoning_tokens"))  # Perplexity says it outside
    if reasoning and output is not None and held.get("total_tokens") == (input_ or 0) + output + reasoning:
        output += reasoning
    return Usage.inclusive(
        input=input_,
        # DeepSeek: https://api-docs.deepseek.com/guides/kv_cache; Moonshot and Together say `cached_tokens` outside
        cache_read=_first({**held, **read} if read else held, "cached_tokens", "prompt_cache_hit_tokens"),
        cache_write=count(read.get("cache_write_tokens")),
        output=output,
        reasoning=reasoning,
    )


def cost_of(usage: Any) -> str | None:
    """USD, where the provider says what it charges.

    OpenRouter adds what the owner of a key pays elsewhere (https://openrouter.ai/docs/use-cases/usage-accounting),
    Perplexity gives a sum of its own, xAI counts ticks of 1e-10 USD (https://docs.x.ai/developers/cost-tracking).
    """
    held = fields(usage)
    cost, ticks = held.get("cost"), count(held.get("cost_in_usd_ticks"))
    if ticks is not None:
        return format(Decimal(ticks).scaleb(_TICK).normalize(), "f")
    if cost is None:
        return None
    elsewhere = number(held, "cost_details", "upstream_inference_cost") if flag(held, "is_byok") else None
    charged = price(cost)
    if charged is None or not elsewhere:
        return charged or price(at(cost, "total_cost"))
    return format(Decimal(charged) + Decimal(repr(elsewhere)), "f")


def _details(held: dict[str, Any], name: str, other: str) -> dict[str, Any]:
    found = held.get(name) or held.get(other)
    return given(found) if found else {}


def _first(held: dict[str, Any], name: str, other: str) -> int | None:
    found = count(held.get(name))
    return count(held.get(other)) if found is None else found
