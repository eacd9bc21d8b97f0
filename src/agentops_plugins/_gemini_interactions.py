"""Gemini's interactions, which are made of steps: https://ai.google.dev/api/interactions-api."""

from typing import Any, Final
from urllib.parse import urlsplit

from agentops.domain.foreign import at, count, flag, objects, plain, text
from agentops.domain.genai import (
    Media,
    Message,
    Operation,
    Other,
    Part,
    Reasoning,
    Request,
    Response,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._content import arguments as arguments_of
from agentops_plugins._content import fields, inline_size, nth, settings
from agentops_plugins._hosts import provider_of
from agentops_plugins._openai_parts import parts_of, tools_of
from agentops_plugins._speakeasy import read_error, wired

_MEDIA: Final = frozenset({"image", "audio", "video", "document"})
_CONTENT: Final = frozenset({"input", "system_instruction", "tools", "model", "stream"})
_BESIDE: Final = frozenset({"request", "api_version", "extra_headers", "extra_query", "extra_body", "timeout"})


def _read_request(arguments: Arguments) -> Request:
    given = wired(arguments.kwargs)
    body = at(given, "request", "body") or at(given, "request") or given
    body = {**fields(body), **fields(at(given, "extra_body"))}
    host = urlsplit(text(arguments.instance, "sdk_configuration", "server_url") or "").hostname
    system, rest = text(body, "system_instruction"), settings(body, _CONTENT | _BESIDE)
    return Request(
        operation=Operation.GENERATE_CONTENT,
        provider=provider_of("", host) or "gcp.gemini",
        model=text(body, "model"),
        messages=[*([Message("system", [Text(system)])] if system else []), *_messages(body.get("input"))],
        tools=tools_of(body),
        parameters={**fields(rest.pop("generation_config", None)), **rest},
        stream=flag(body, "stream"),
        server_address=host,
    )


def _messages(said: Any) -> list[Message]:
    """A text, parts of one message, or the steps of a conversation."""
    if isinstance(said, str):
        return [Message("user", [Text(said)])]
    steps = objects(said) or ([said] if said else [])
    found: list[Message] = []
    for step in steps:
        kind = text(step, "type")
        if kind in {"user_input", "model_output"}:
            found.append(Message("user" if kind == "user_input" else "assistant", _contents(at(step, "content"))))
        elif kind == "text" or kind in _MEDIA:
            parts = _contents([step])
            if found and found[-1].role == "user":
                found[-1].parts.extend(parts)
            else:
                found.append(Message("user", parts))
        else:
            parts = _parts(step)
            found.append(Message("tool" if isinstance(parts[0], ToolResult) else "assistant", parts))
    return found


def _parts(step: Any) -> list[Part]:
    """The parts that a step stands for."""
    kind = text(step, "type") or "unknown"
    match kind:
        case "model_output" | "user_input":
            return _contents(at(step, "content"))
        case "thought":
            said = "".join(text(item, "text") or "" for item in objects(step, "summary"))
            return [Reasoning(said or None, text(step, "signature"))]
        case _ if kind.endswith("_call"):
            name = text(step, "name") or kind.removesuffix("_call")
            given, call_id = arguments_of(at(step, "arguments")), text(step, "id")
            return [ToolCall(name, given, call_id, server=kind != "function_call")]
        case _ if kind.endswith("_result"):
            name = text(step, "name") or (None if kind == "function_result" else kind.removesuffix("_result"))
            failed = flag(step, "is_error")
            return [ToolResult(plain(at(step, "result")), text(step, "call_id"), name, is_error=failed)]
        case _:
            return [Other(kind, plain(step))]


def _contents(contents: Any) -> list[Part]:
    found: list[Part] = []
    for content in objects(contents):
        kind = text(content, "type") or ""
        if kind in _MEDIA:
            modality, size = "file" if kind == "document" else kind, inline_size(at(content, "data"))
            found.append(Media(modality, text(content, "mime_type"), text(content, "uri"), size=size))
        else:
            found.extend(parts_of([content]))
    return found


def _read_response(answer: Any) -> Response:
    whole = wired(answer)
    parts = [part for step in objects(whole, "steps") for part in _parts(step)]
    status, failed = text(whole, "status"), text(whole, "error", "message")
    return Response(
        id=text(whole, "id") or None,
        model=text(whole, "model"),
        messages=[Message("assistant", parts, finish_reason=status)] if parts else [],
        finish_reasons=[status] if status else [],
        usage=_usage(at(whole, "usage")),
        error=failed or (status if status == "failed" else None),
    )


def _usage(value: Any) -> Usage | None:
    """As in Gemini's other API, thoughts are beside the output unless the total says otherwise."""
    if not value:
        return None
    asked, of_tools = count(value, "total_input_tokens"), count(value, "total_tool_use_tokens") or 0
    cached, thought = count(value, "total_cached_tokens"), count(value, "total_thought_tokens")
    output = count(value, "total_output_tokens")
    if thought and output is not None and count(value, "total_tokens") != (asked or 0) + of_tools + output:
        output += thought
    input_ = None if asked is None else asked + of_tools
    return Usage.inclusive(input=input_, cache_read=cached, output=output, reasoning=thought)


def _fold(so_far: Any, event: Any) -> dict[str, Any]:
    """https://ai.google.dev/gemini-api/docs/interactions#streaming: steps by their index, each with its deltas."""
    whole: dict[str, Any] = {"steps": []} if so_far is None else so_far
    told = wired(event)
    match text(told, "event_type"):
        case "interaction.created" | "interaction.completed":
            said = {key: held for key, held in fields(at(told, "interaction")).items() if key != "steps" or held}
            whole.update(said)
        case "step.start":
            nth(whole["steps"], count(told, "index") or 0).update(fields(at(told, "step")))
        case "step.delta":
            _extend(nth(whole["steps"], count(told, "index") or 0), at(told, "delta"))
        case "error":
            whole["error"] = at(told, "error")
        case _:
            pass
    return whole


def _extend(step: dict[str, Any], delta: Any) -> None:
    match text(delta, "type"):
        case "text":
            content: list[Any] = step.setdefault("content", [])
            if content and text(content[-1], "type") == "text":
                content[-1]["text"] += text(delta, "text") or ""
            else:
                content.append({"type": "text", "text": text(delta, "text") or ""})
        case "arguments" | "arguments_delta":
            held = text(step, "arguments") or ""
            step["arguments"] = held + (text(delta, "arguments") or "")
        case "thought_summary":
            step.setdefault("summary", []).append(at(delta, "content"))
        case "thought_signature":
            step["signature"] = text(delta, "signature")
        case kind if kind in _MEDIA:
            step.setdefault("content", []).append(delta)
        case _:
            step.update({key: held for key, held in fields(delta).items() if key != "type"})


INTERACTION: Final = Reader(
    read_request=_read_request,
    read_response=_read_response,
    fold=_fold,
    has_content=lambda event: text(event, "event_type") == "step.delta",
    iterator="generator",
    connection="response",
    read_error=read_error,
)
