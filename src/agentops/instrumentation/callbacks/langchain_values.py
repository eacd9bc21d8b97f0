"""What LangChain's callbacks hand over, as our values.

Shapes: https://reference.langchain.com/python/langchain_core (`messages`, `outputs`, `callbacks`). Nothing is imported:
values are read by their attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agentops.domain import semconv
from agentops.domain.foreign import at, count, loaded, objects, plain, text
from agentops.domain.genai import (
    Message,
    Operation,
    Request,
    Response,
    Text,
    ToolCall,
    ToolRequest,
    ToolResponse,
    Usage,
)
from agentops.domain.handmade import usage_of as usage_of_provider
from agentops.domain.messages import message_of, tools_of
from agentops.domain.prices import amount_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ROLES: Final = {"human": "user", "ai": "assistant", "function": "tool"}
_PROVIDERS: Final = {"google_genai": "google", "google_vertexai": "google", "mistralai": "mistral"}
"""LangChain's names of providers (`ls_provider`) that differ from those of the price table."""

_NOT_PARAMETERS: Final = frozenset(
    {"model", "model_name", "_type", "tools", "functions", "messages", "stream", "stream_options", "n_messages"}
)
_FINISH: Final = ("finish_reason", "stop_reason", "done_reason")
_OWN_IDS: Final = ("run-", "run--", "lc_run-")
"""How ids of messages begin that LangChain made, where the provider sent none."""


def request_of(
    asked: Iterable[Any], serialized: Any, metadata: Mapping[str, Any] | None, kwargs: Mapping[str, Any], *, chat: bool
) -> Request:
    """What a model is asked, from the arguments of `on_chat_model_start` or `on_llm_start`.

    Args:
        asked: the messages, or the texts of a completion.
        serialized: the model as LangChain serialises it.
        metadata: of the run; names with `ls_` are LangSmith's description of the model.
        kwargs: the callback's other arguments, `invocation_params` among them.
        chat: whether it is a chat model.
    """
    known = metadata or {}
    parameters: dict[str, Any] = dict(kwargs.get("invocation_params") or {})
    provider = text(known, "ls_provider") or text(parameters, "_type") or ""
    model = (
        text(known, "ls_model_name")
        or text(parameters, "model")
        or text(parameters, "model_name")
        or text(serialized, "kwargs", "model")
        or text(serialized, "kwargs", "model_name")
    )
    rest = {name: plain(value) for name, value in parameters.items() if name not in _NOT_PARAMETERS}
    return Request(
        operation=Operation.CHAT if chat else Operation.TEXT_COMPLETION,
        provider=_PROVIDERS.get(provider, provider),
        model=model,
        messages=[message_read(each) for each in asked],
        tools=tools_of(plain(parameters.get("tools") or parameters.get("functions"))),
        parameters={name: value for name, value in rest.items() if value not in (None, {}, [])},
        stream=at(parameters, "stream") is True or at(kwargs.get("options"), "stream") is True,
    )


def message_read(value: Any) -> Message:
    """One message of LangChain, or a bare text of the user."""
    if isinstance(value, str):
        return Message("user", [Text(value)])
    kind = text(value, "type") or "user"
    role = text(value, "role") if kind == "chat" else _ROLES.get(kind, kind)
    role = (role or "user").removesuffix("MessageChunk")
    role = "assistant" if role == "AI" else role
    written = {
        "role": role,
        "content": plain(at(value, "content")),
        "name": text(value, "name"),
        "tool_call_id": text(value, "tool_call_id"),
    }
    message = message_of({name: found for name, found in written.items() if found is not None}, role)
    known = {part.id for part in message.parts if isinstance(part, ToolCall)}
    for call in objects(value, "tool_calls"):
        if text(call, "id") not in known or not known:
            message.parts.append(ToolCall(text(call, "name") or "", plain(at(call, "args")), text(call, "id")))
    message.finish_reason = _finish_reason(value)
    return message


def _finish_reason(value: Any) -> str | None:
    told = at(value, "response_metadata")
    return next((found for name in _FINISH if (found := text(told, name))), None)


def response_of(result: Any) -> Response:
    """What a model answered, from the `LLMResult` of `on_llm_end`."""
    generations = objects(result, "generations", 0)
    messages = [_generated(each) for each in generations]
    first = at(generations[0], "message") if generations else None
    told, output = at(first, "response_metadata"), at(result, "llm_output")
    identity = text(told, "id") or text(first, "id") or ""
    cost = amount_of(at(first, "usage_metadata", "total_cost"))
    models = (text(held, name) for held in (told, output) for name in ("model_name", "model"))
    return Response(
        id=None if not identity or identity.startswith(_OWN_IDS) else identity,
        model=next((model for model in models if model), None),
        messages=messages,
        finish_reasons=[message.finish_reason for message in messages if message.finish_reason],
        usage=usage_of(at(first, "usage_metadata")) or _usage_told(told, output),
        service_tier=text(told, "service_tier"),
        cost=None if cost is None else f"{cost:f}",
    )


def _generated(generation: Any) -> Message:
    said = at(generation, "message")
    message = Message("assistant", [Text(text(generation, "text") or "")]) if said is None else message_read(said)
    info = at(generation, "generation_info")
    message.finish_reason = message.finish_reason or next((text(info, n) for n in _FINISH if text(info, n)), None)
    return message


def usage_of(metadata: Any) -> Usage | None:
    """The tokens of a message's `usage_metadata`: its totals count cached and reasoning tokens in."""
    usage = Usage.inclusive(
        input=count(metadata, "input_tokens"),
        cache_read=count(metadata, "input_token_details", "cache_read"),
        cache_write=count(metadata, "input_token_details", "cache_creation"),
        output=count(metadata, "output_tokens"),
        reasoning=count(metadata, "output_token_details", "reasoning"),
    )
    return None if usage == Usage() else usage


def _usage_told(*held: Any) -> Usage | None:
    """The tokens as the provider wrote them, where LangChain did not read them."""
    found = (at(each, name) for each in held for name in ("token_usage", "usage"))
    return next((usage for each in found if each is not None and (usage := usage_of_provider(each))), None)


def tool_request_of(serialized: Any, written: str, kwargs: Mapping[str, Any]) -> ToolRequest:
    """A tool being called, from the arguments of `on_tool_start`."""
    inputs = kwargs.get("inputs")
    return ToolRequest(
        name=text(serialized, "name") or text(kwargs, "name") or "tool",
        arguments=plain(inputs) if inputs is not None else loaded(written),
        call_id=text(kwargs, "tool_call_id"),
    )


def tool_response_of(output: Any) -> ToolResponse:
    """What a tool gave back; a message of it is read for its content."""
    if text(output, "type") != "tool":
        return ToolResponse(result=plain(output))
    content = plain(at(output, "content"))
    failed = text(output, "status") == "error"
    return ToolResponse(result=content, error=str(content) if failed else None)


def name_of(serialized: Any, kwargs: Mapping[str, Any], default: str) -> str:
    """What a run is called: as the program named it, or as its class."""
    path = at(serialized, "id")
    last = text(path, -1) if isinstance(path, list) else None
    return text(kwargs, "name") or text(serialized, "name") or last or default


def described(tags: Iterable[str] | None, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the program said of a run, without what LangChain says of itself."""
    kept = {name: plain(value) for name, value in (metadata or {}).items() if not name.startswith(("ls_", "lc_"))}
    said = {semconv.RUN_TAGS: list(tags or ()), semconv.RUN_METADATA: kept}
    return {name: value for name, value in said.items() if value}
