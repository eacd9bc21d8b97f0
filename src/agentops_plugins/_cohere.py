"""What Cohere is asked and what it answers: chats, of versions 1 and 2 of its API, and what is no conversation.

https://docs.cohere.com/reference/chat, https://docs.cohere.com/v1/reference/chat. Tokens are what `tokens` says;
`billed_units` are what the price is of, and leave out what the model was told beside the messages.
"""

from dataclasses import replace
from typing import Any, Final

from agentops.domain.foreign import at, count, objects, plain, text
from agentops.domain.genai import Message, Operation, Other, Part, Response, Text, Tool, ToolCall, ToolResult, Usage
from agentops_plugins._content import arguments, counted, extent, media, slot
from agentops_plugins._endpoints import Content, Endpoint, input_of
from agentops_plugins._openai_chat import CHAT as OPENAI_CHAT
from agentops_plugins._openai_oneshot import TRANSCRIPTION as OPENAI_TRANSCRIPTION
from agentops_plugins._openai_parts import parts_of

_ROLES: Final = {"USER": "user", "CHATBOT": "assistant", "SYSTEM": "system", "TOOL": "tool"}


def usage_of(value: Any) -> Usage | None:
    """Tokens of an answer's `usage` or `meta`; input counts cached tokens in."""
    usage = Usage.inclusive(
        input=count(value, "tokens", "input_tokens"),
        cache_read=count(value, "cached_tokens"),
        output=count(value, "tokens", "output_tokens"),
    )
    return counted(usage)


def _read_content(body: Any, files: Any) -> Content:
    """Messages are OpenAI's, and may have a plan for the tools that they ask for."""
    content = OPENAI_CHAT.read_content(body, files)
    for value, message in zip(objects(body, "messages"), content.messages, strict=True):
        message.parts[:0] = _plan(value)
    return content


def _plan(message: Any) -> list[Part]:
    plan = text(message, "tool_plan")
    return [Other("tool_plan", plan)] if plan else []


def _read_response(answer: Any) -> Response:
    said, citations = at(answer, "message"), objects(answer, "message", "citations")
    choice = {"message": said, "finish_reason": text(answer, "finish_reason")}
    response = OPENAI_CHAT.read_response({"id": text(answer, "id"), "choices": [choice]})
    parts = response.messages[0].parts
    parts[:0] = _plan(said)
    parts += [Other("citations", plain(citations))] if citations else []
    response.usage = usage_of(at(answer, "usage"))
    response.error = text(answer, "error")
    return response


def _fold(so_far: Any, event: Any) -> dict[str, Any]:
    whole: dict[str, Any] = (
        {"message": {"content": [], "tool_calls": [], "citations": []}} if so_far is None else so_far
    )
    said, message, index = whole["message"], at(event, "delta", "message"), count(event, "index") or 0
    match text(event, "type"):
        case "message-start":
            whole["id"] = text(event, "id")
        case "content-start" | "content-delta":
            part, news = slot(said["content"], index), at(message, "content")
            part["type"] = text(news, "type") or part.get("type") or "text"
            for key in ("text", "thinking"):
                part[key] = part.get(key, "") + (text(news, key) or "")
        case "tool-plan-delta":
            said["tool_plan"] = said.get("tool_plan", "") + (text(message, "tool_plan") or "")
        case "tool-call-start" | "tool-call-delta":
            call, news = slot(said["tool_calls"], index), at(message, "tool_calls")
            function = call.setdefault("function", {"name": text(news, "function", "name"), "arguments": ""})
            call["id"] = call.get("id") or text(news, "id")
            function["arguments"] += text(news, "function", "arguments") or ""
        case "citation-start":
            said["citations"].append(at(message, "citations"))
        case "message-end":
            whole.update({key: at(event, "delta", key) for key in ("finish_reason", "usage", "error")})
        case _:
            pass
    return whole


CHAT: Final = Endpoint(
    operation=Operation.CHAT,
    content=frozenset({"messages", "tools"}),
    read_content=_read_content,
    read_response=_read_response,
    fold=_fold,
    has_content=lambda event: text(event, "type") in {"content-delta", "tool-plan-delta", "tool-call-start"},
)


def _read_old_content(body: Any, _files: Any) -> Content:
    preamble, asked, given = text(body, "preamble"), text(body, "message"), objects(body, "tool_results")
    return Content(
        [
            *([Message("system", [Text(preamble)])] if preamble else []),
            *[_old_message(value) for value in objects(body, "chat_history")],
            *([Message("user", [Text(asked)])] if asked else []),
            *([Message("tool", _results(given))] if given else []),
        ],
        [_old_tool(value) for value in objects(body, "tools")],
    )


def _old_message(value: Any) -> Message:
    said = text(value, "message")
    role = text(plain(at(value, "role"))) or ""
    parts = [*([Text(said)] if said else []), *_old_calls(value), *_results(objects(value, "tool_results"))]
    return Message(_ROLES.get(role.upper(), role.lower()), parts)


def _old_calls(value: Any) -> list[Part]:
    return [
        ToolCall(text(call, "name") or "", arguments(at(call, "parameters"))) for call in objects(value, "tool_calls")
    ]


def _results(values: list[Any]) -> list[Part]:
    return [ToolResult(plain(at(value, "outputs")), name=text(value, "call", "name")) for value in values]


def _old_tool(value: Any) -> Tool:
    return Tool(
        text(value, "name") or "", text(value, "description"), parameters=plain(at(value, "parameter_definitions"))
    )


def _read_old_response(answer: Any) -> Response:
    """An answer of `chat`, or of `generate`, which may say several things."""
    reason = text(plain(at(answer, "finish_reason")))
    said = objects(answer, "generations") or [answer]
    return Response(
        id=text(answer, "generation_id") or text(answer, "id"),
        messages=[_answered(each, text(each, "finish_reason") or reason) for each in said],
        finish_reasons=[found for each in said if (found := text(each, "finish_reason") or reason)],
        usage=usage_of(at(answer, "meta")),
    )


def _answered(value: Any, reason: str | None) -> Message:
    said = text(value, "text")
    return Message("assistant", [*([Text(said)] if said else []), *_old_calls(value)], finish_reason=reason)


def _fold_old(so_far: Any, event: Any) -> Any:
    """Texts go on until the last event, which brings the whole answer."""
    whole: dict[str, Any] = {"text": ""} if so_far is None else so_far
    match text(event, "event_type"):
        case "stream-start":
            whole["generation_id"] = text(event, "generation_id")
        case "text-generation":
            whole["text"] += text(event, "text") or ""
        case "tool-calls-generation":
            whole["tool_calls"] = objects(event, "tool_calls")
        case "stream-end":
            answer = at(event, "response")
            kept = {key: value for key in _ENDS if (value := at(answer, key))}
            whole.update({"finish_reason": text(plain(at(event, "finish_reason"))), **kept})
        case _:
            pass
    return whole


_ENDS: Final = ("generation_id", "id", "finish_reason", "tool_calls", "generations", "meta")

OLD_CHAT: Final = Endpoint(
    operation=Operation.CHAT,
    content=frozenset({"message", "chat_history", "preamble", "tools", "tool_results"}),
    read_content=_read_old_content,
    read_response=_read_old_response,
    fold=_fold_old,
    has_content=lambda event: text(event, "event_type") in {"text-generation", "tool-calls-generation"},
)
GENERATE: Final = Endpoint(
    operation=Operation.TEXT_COMPLETION,
    content=frozenset({"prompt"}),
    read_content=input_of("prompt"),
    read_response=_read_old_response,
    fold=_fold_old,
    has_content=OLD_CHAT.has_content,
)


def _read_embedded(body: Any, _files: Any) -> Content:
    """Texts; pictures; or parts of both, as chats have them."""
    pictures: list[Part] = [media("image", plain(value)) for value in objects(body, "images")]
    mixed = [Message("user", parts_of(at(value, "content"))) for value in objects(body, "inputs")]
    return Content([*mixed, *([Message("user", pictures)] if pictures else [])], input=plain(at(body, "texts")))


def _read_embeddings(answer: Any) -> Response:
    held = at(answer, "embeddings")
    lists = [objects(held), *(objects(held, kind) for kind in _NUMBERS)]
    vectors = max(lists, key=len)
    return Response(
        id=text(answer, "id"),
        usage=usage_of(at(answer, "meta")),
        output=extent(vectors),
    )


_NUMBERS: Final = ("float_", "float", "int8", "uint8", "binary", "ubinary", "base64")
EMBED: Final = Endpoint(
    operation=Operation.EMBEDDINGS,
    content=frozenset({"texts", "inputs", "images"}),
    read_content=_read_embedded,
    read_response=_read_embeddings,
)


def _read_audio(body: Any, _files: Any) -> Content:
    return OPENAI_TRANSCRIPTION.read_content(body, [("file", at(body, "file"))])


TRANSCRIPTION: Final = replace(
    OPENAI_TRANSCRIPTION, content=frozenset({"file"}), read_content=_read_audio, fold=None, has_content=None
)
