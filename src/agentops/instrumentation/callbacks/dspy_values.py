"""What DSPy's callbacks hand over about a model call, as our values; nothing of it is imported."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import msgspec

from agentops.domain.foreign import at, objects, plain, text
from agentops.domain.genai import Message, Operation, Request, Response, Text
from agentops.domain.handmade import usage_of
from agentops.domain.messages import message_of, messages_of
from agentops.domain.prices import amount_of


def request_of(instance: Any, inputs: dict[str, Any]) -> Request:
    """What a model is asked; DSPy names models `provider/model`."""
    provider, _, model = (text(instance, "model") or "").rpartition("/")
    asked = inputs.get("messages") or at(inputs.get("request"), "messages") or inputs.get("prompt")
    settings: dict[str, Any] = {**(at(instance, "kwargs") or {}), **(inputs.get("kwargs") or {})}
    is_chat = text(instance, "model_type") != "text"
    return Request(
        operation=Operation.CHAT if is_chat else Operation.TEXT_COMPLETION,
        provider=provider.partition("/")[0],
        model=model or None,
        messages=messages_of(plain(asked), "user") if not isinstance(asked, str) else [Message("user", [Text(asked)])],
        parameters={name: plain(value) for name, value in settings.items() if value is not None and name != "api_key"},
    )


def entry_of(instance: Any, outputs: Any) -> dict[str, Any]:
    """What DSPy noted in a model's history about the call that gave these outputs; the latest such entry."""
    with suppress(RuntimeError):  # another thread notes something meanwhile
        for entry in reversed(objects(instance, "history")):
            if isinstance(entry, dict) and at(entry, "outputs") is outputs:
                return cast("dict[str, Any]", entry)
        for entry in reversed(objects(instance, "history")):
            if isinstance(entry, dict) and at(entry, "outputs") == outputs:
                return cast("dict[str, Any]", entry)
    return {}


def response_of(outputs: Any, entry: dict[str, Any]) -> Response:
    """What a model answered, with the tokens and the cost that DSPy noted."""
    cost = amount_of(entry.get("cost"))
    answers = [_answer(each) for each in outputs] if isinstance(outputs, list) else []  # pyright: ignore[reportUnknownVariableType] - whatever it gave
    return Response(
        id=text(entry.get("response"), "id"),
        model=text(entry, "response_model"),
        messages=answers,
        usage=usage_of(plain(entry.get("usage"))) if entry.get("usage") else None,
        output=None if answers or outputs is None else msgspec.to_builtins(plain(outputs)),
        cost=None if cost is None else f"{cost:f}",
    )


def _answer(output: Any) -> Message:
    if isinstance(output, str):
        return Message("assistant", [Text(output)])
    said = plain(output)
    if isinstance(said, dict) and "text" in said:
        written = cast("dict[str, Any]", said)
        return message_of({**written, "role": "assistant", "content": written["text"]}, "assistant")
    return message_of(said, "assistant")
