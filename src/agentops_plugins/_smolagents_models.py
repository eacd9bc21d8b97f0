"""The models of smolagents: messages in OpenAI's shape, each class with its own `generate` and `generate_stream`."""

from typing import Any, Final

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import Operation, Request, Response
from agentops.instrumentation.target import Arguments, Reader, Target
from agentops_plugins._openai_chat import CHAT

_CLASSES: Final = (
    "AmazonBedrockModel",
    "AmazonBedrockServerModel",
    "InferenceClientModel",
    "LiteLLMModel",
    "MLXModel",
    "OpenAIModel",
    "OpenAIServerModel",
    "TransformersModel",
    "VLLMModel",
)


def _message(value: Any) -> dict[str, Any]:
    """A message as OpenAI writes it."""
    return {key: at(value, key) for key in ("role", "content", "tool_calls")}


def _asked(arguments: Arguments) -> Request:
    model, messages = arguments.instance, objects(arguments.get("messages", 0))
    tools = [
        {"name": at(each, "name"), "description": at(each, "description"), "parameters": at(each, "inputs")}
        for each in objects(arguments.get("tools_to_call_from", 3))
    ]
    content = CHAT.read_content({"messages": list(map(_message, messages)), "tools": tools}, None)
    return Request(
        operation=Operation.CHAT,
        provider=type(model).__name__.removesuffix("Model").lower(),
        model=text(model, "model_id"),
        messages=content.messages,
        tools=content.tools,
    )


def _model(arguments: Arguments) -> Reader:
    """Tokens are in the message; up to 1.16 the model keeps those of its last call instead."""
    model = arguments.instance

    def said(message: Any) -> Response:
        last = {f"{way}_tokens": at(model, f"last_{way}_token_count") for way in ("input", "output")}
        return CHAT.read_response(
            {"choices": [{"message": _message(message)}], "usage": at(message, "token_usage") or last}
        )

    return Reader(
        read_request=_asked,
        read_response=said,
        fold=_fold,
        has_content=lambda delta: bool(text(delta, "content")),
    )


def _fold(so_far: dict[str, Any] | None, delta: Any) -> dict[str, Any]:
    """The text so far, and what was counted."""
    heard = so_far or {"role": "assistant", "content": "", "token_usage": None}
    heard["content"] += text(delta, "content") or ""
    heard["token_usage"] = at(delta, "token_usage") or heard["token_usage"]
    return heard


MODELS: Final = tuple(
    Target(path=f"smolagents.models:{name}.{generate}", reader=_model, fallback=True)
    for name in _CLASSES
    for generate in ("generate", "generate_stream")
)
