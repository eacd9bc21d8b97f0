"""Model calls that programs make by their own means: what goes in and comes out, as far as it can be recognised.

Recognised are the shapes of the providers' own APIs, which such programs hand on: Chat Completions and Responses
(https://platform.openai.com/docs/api-reference), Messages (https://docs.claude.com/en/api/messages), Gemini
(https://ai.google.dev/api/generate-content) and Ollama (https://docs.ollama.com/api).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import Message, Operation, Request, Response, Text, Usage
from agentops.domain.messages import message_of, messages_of, tools_of
from agentops.domain.prices import amount_of

_ASKED: Final = ("messages", "prompt")
_SYSTEM: Final = ("system", "system_prompt")
_ANSWERS: Final = ("content", "text", "output_text", "completion", "response", "answer")
_USAGES: Final = ("usage", "usage_metadata", "usageMetadata")
_COSTS: Final = (("cost",), ("total_cost",), ("usage", "cost"))


def request_of(arguments: Mapping[str, Any], model: str | None = None) -> Request:
    """What was asked, from named arguments.

    Those called `messages`, `prompt`, `system`, `tools` and `model` mean what they say. Where one of the first two is
    there, the others are the call's settings; where none is, `messages` and `parameters` stay empty.

    Args:
        arguments: by name.
        model: which model is asked, where it is not among the arguments.
    """
    request = Request(operation=Operation.CHAT, provider="", model=text(arguments, "model") or model)
    asked = next((name for name in _ASKED if arguments.get(name)), None)
    if asked is None:
        return request
    system = next((name for name in _SYSTEM if arguments.get(name)), None)
    if system is not None:
        request.messages = messages_of(plain(arguments[system]), "system")
    request.messages += _messages(arguments[asked], "user")
    request.tools = tools_of(plain(arguments.get("tools")))
    rest = arguments.keys() - {asked, system, "tools", "model"}
    request.parameters = {name: plain(value) for name, value in arguments.items() if name in rest and value is not None}
    return request


def response_of(result: Any) -> Response | None:
    """What was answered; None where nothing in the result can be recognised as an answer or its usage."""
    if isinstance(result, str):
        return Response(messages=_messages(result, "assistant"))
    found = plain(result)
    if not isinstance(found, dict):
        return None
    messages, usage = _answers(found), usage_of(found)
    if not messages and usage is None:
        return None
    reasons = [message.finish_reason for message in messages if message.finish_reason]
    costs = (amount_of(at(found, *path)) for path in _COSTS)
    cost = next((cost for cost in costs if cost is not None), None)
    return Response(
        id=text(found, "id"),
        model=text(found, "model") or text(found, "modelVersion") or text(found, "model_version"),
        messages=messages,
        finish_reasons=reasons,
        usage=usage,
        cost=None if cost is None else f"{cost:f}",
    )


def response_of_items(items: Iterable[Any]) -> Response | None:
    """What was answered in pieces: texts, or the chunks of a provider's stream; None where these are none."""
    said: list[str] = []
    usage, model, reason = None, None, None
    for item in items:
        piece = item if isinstance(item, str) else _piece(item)
        usage = usage_of(item) or usage
        model = text(item, "model") or model
        reason = text(item, "choices", 0, "finish_reason") or text(item, "delta", "stop_reason") or reason
        if piece is not None:
            said.append(piece)
    if not said and usage is None:
        return None
    message = Message("assistant", [Text("".join(said))] if said else [], finish_reason=reason)
    return Response(model=model, messages=[message], finish_reasons=[reason] if reason else [], usage=usage)


def usage_of(found: Any) -> Usage | None:
    """The tokens that a result tells of, in itself or in its `usage`."""
    held = next((at(found, name) for name in _USAGES if at(found, name) is not None), found)
    read = at(held, "cache_read_input_tokens"), at(held, "cache_creation_input_tokens")
    if any(tokens is not None for tokens in read):
        usage = Usage(
            input=count(held, "input_tokens"),
            cache_read=count(read[0]),
            cache_write=count(read[1]),
            output=count(held, "output_tokens"),
        )
    else:
        usage = Usage.inclusive(
            input=_first(held, "prompt_tokens", "input_tokens", *_GEMINI_INPUT, "prompt_eval_count"),
            cache_read=_first(held, *_CACHED),
            output=_output_of(held),
            reasoning=_first(held, *_REASONING),
        )
    return None if usage == Usage() else usage


_GEMINI_INPUT: Final = ("prompt_token_count", "promptTokenCount")
_GEMINI_OUTPUT: Final = ("candidates_token_count", "candidatesTokenCount")
_GEMINI_THOUGHTS: Final = ("thoughts_token_count", "thoughtsTokenCount")
_CACHED: Final = (
    ("prompt_tokens_details", "cached_tokens"),
    ("input_tokens_details", "cached_tokens"),
    "cached_content_token_count",
    "cachedContentTokenCount",
)
_REASONING: Final = (
    ("completion_tokens_details", "reasoning_tokens"),
    ("output_tokens_details", "reasoning_tokens"),
    *_GEMINI_THOUGHTS,
)


def _output_of(held: Any) -> int | None:
    """All tokens that came out; Gemini counts thoughts apart (https://ai.google.dev/api/generate-content)."""
    answered = _first(held, *_GEMINI_OUTPUT)
    if answered is not None:
        return answered + (_first(held, *_GEMINI_THOUGHTS) or 0)
    return _first(held, "completion_tokens", "output_tokens", "eval_count")


def _first(held: Any, *paths: str | tuple[str, ...]) -> int | None:
    counts = (count(held, *((path,) if isinstance(path, str) else path)) for path in paths)
    return next((found for found in counts if found is not None), None)


def _messages(value: Any, role: str) -> list[Message]:
    """A text is what was said, also where it looks like JSON."""
    return [Message(role, [Text(str(plain(value)))])] if isinstance(value, str) else messages_of(plain(value), role)


def _answers(found: Any) -> list[Message]:
    choices = objects(found, "choices")
    if choices:
        return [_choice(choice) for choice in choices]
    for messages in (
        [at(candidate, "content") for candidate in objects(found, "candidates")],
        [item for item in objects(found, "output") if at(item, "content") is not None],
        [at(found, "message")] if isinstance(at(found, "message"), dict) else [],
    ):
        if messages:
            return [message_of(message, "assistant") for message in messages]
    for name in _ANSWERS:
        content = at(found, name)
        if isinstance(content, str) and content:
            return [Message("assistant", [Text(content)], finish_reason=text(found, "stop_reason"))]
        if isinstance(content, list) and content:
            message = message_of({"role": "assistant", "content": cast("list[Any]", content)}, "assistant")
            message.finish_reason = text(found, "stop_reason")
            return [message]
    return []


def _choice(choice: Any) -> Message:
    said = at(choice, "message")
    message = message_of({"content": text(choice, "text")} if said is None else said, "assistant")
    message.finish_reason = text(choice, "finish_reason")
    return message


def _piece(chunk: Any) -> str | None:
    """The text of a stream's chunk."""
    paths = (("choices", 0, "delta", "content"), ("choices", 0, "text"), ("delta", "text"), ("message", "content"))
    found = (text(chunk, *path) for path in (*paths, ("delta",), ("text",), ("content",), ("response",)))
    return next((piece for piece in found if piece is not None), None)
