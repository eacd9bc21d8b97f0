"""Contents, parts and tools as Gemini writes them: https://ai.google.dev/api/caching#Content."""

from functools import lru_cache
from typing import Any, Final

from agentops.domain.foreign import at, flag, objects, plain, text
from agentops.domain.genai import Json, Media, Message, Other, Part, Reasoning, Text, Tool, ToolCall, ToolResult
from agentops_plugins._content import fields, inline_size, settings

_CONTENT: Final = frozenset({"contents", "systemInstruction", "tools", "config", "model"})
_ROLES: Final = {"model": "assistant", "function": "tool"}
_CODE: Final = "code_execution"
_MODALITIES: Final = frozenset({"image", "audio", "video"})


def read_content(body: Any) -> dict[str, Any]:
    """What the model was told, the system instruction first; what it was offered; what else was set."""
    system, contents = at(body, "systemInstruction"), objects(body, "contents")
    told = [Message("system", parts_of(system))] if system is not None else []
    return {"messages": [*told, *map(_message, contents)], "tools": _tools(body), "parameters": _parameters(body)}


def _message(content: Any) -> Message:
    parts, role = parts_of(content), text(content, "role") or "user"
    if parts and all(isinstance(part, ToolResult) for part in parts):
        role = "tool"
    return Message(_ROLES.get(role, role), parts)


def _tools(body: Any) -> list[Tool]:
    """The functions offered, and the tools that the provider runs itself."""
    found: list[Tool] = []
    for offered in objects(body, "tools"):
        for kind, held in _named(offered).items():
            if kind == "functionDeclarations":
                found.extend(map(_function, objects(held)))
            else:
                found.append(Tool(kind, parameters=plain(held) or None, kind=kind))
    return found


def _function(value: Any) -> Tool:
    declared = _named(value)
    schema = at(declared, "parameters") or at(declared, "parametersJsonSchema")
    return Tool(text(declared, "name") or "", text(declared, "description"), plain(schema))


def _parameters(body: Any) -> dict[str, Any]:
    """What else was set, with the generation's own settings beside the others."""
    found = settings({key: value for key, value in fields(body).items() if not key.startswith("_")}, _CONTENT)
    return {**fields(found.pop("generationConfig", None)), **found}


def parts_of(content: Any) -> list[Part]:
    """The parts of a content; empty texts, which only carry a signature, are none."""
    if isinstance(content, str):
        return [Text(content)]
    return [_part(part) for part in objects(content, "parts") if at(part, "text") != ""]


def _part(value: Any) -> Part:
    held = _named(value)
    kind = next((key for key in _READERS if key in held), None)
    if kind is None:
        return Other(next(iter(held), "unknown"), plain(value))
    said = held[kind]
    return _READERS[kind](_named(said) if isinstance(said, dict) else said, held)


def _named(value: Any) -> dict[str, Any]:
    """The fields under the names of the API, which takes them in snake case as well, and is sent some so."""
    return {_camel(key): held for key, held in fields(value).items()}


@lru_cache(maxsize=256)
def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _text(said: Any, part: dict[str, Any]) -> Part:
    if flag(part, "thought"):
        return Reasoning(text(said), text(part, "thoughtSignature"))
    return Text(text(said) or "")


def _call(value: Any, _part: Any) -> ToolCall:
    pieces = objects(value, "partialArgs")
    given = {_place(piece): _piece(piece) for piece in pieces} if pieces else plain(at(value, "args"))
    return ToolCall(text(value, "name") or "", given, text(value, "id"))


def _place(piece: Any) -> str:
    return (text(piece, "jsonPath") or "").removeprefix("$.")


def _piece(piece: Any) -> Json:
    return next((plain(held) for key, held in fields(piece).items() if key.endswith("Value")), None)


def _result(value: Any, _part: Any) -> ToolResult:
    answer = plain(at(value, "response"))
    return ToolResult(answer, text(value, "id"), text(value, "name"), is_error=[*fields(answer)] == ["error"])


def _inline(value: Any, _part: Any) -> Media:
    kind = text(value, "mimeType")
    return Media(_modality(kind), kind, size=inline_size(at(value, "data")))


def _file(value: Any, _part: Any) -> Media:
    kind = text(value, "mimeType")
    return Media(_modality(kind), kind, text(value, "fileUri"))


def _modality(mime_type: str | None) -> str:
    major = (mime_type or "").partition("/")[0]
    return major if major in _MODALITIES else "file"


def _code(value: Any, _part: Any) -> ToolCall:
    return ToolCall(_CODE, {key: text(value, key) for key in ("language", "code")}, text(value, "id"), server=True)


def _code_result(value: Any, _part: Any) -> ToolResult:
    failed = text(value, "outcome") != "OUTCOME_OK"
    return ToolResult(text(value, "output"), text(value, "id"), _CODE, is_error=failed)


_READERS: Final = {
    "text": _text,
    "functionCall": _call,
    "functionResponse": _result,
    "inlineData": _inline,
    "fileData": _file,
    "executableCode": _code,
    "codeExecutionResult": _code_result,
}
