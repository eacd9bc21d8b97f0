"""What Replicate's models are asked and what they give: https://replicate.com/docs/reference/http."""

import mimetypes
from typing import Any, Final
from urllib.parse import urlsplit

from agentops.domain.foreign import at, count, loaded, objects, plain, text
from agentops.domain.genai import Message, Operation, Part, Request, Response, Text, Usage
from agentops_plugins._content import counted, fields, media, settings

_PROMPTS: Final = (("system_prompt", "system"), ("prompt", "user"))


def request_of(client: Any, model: str | None, given: Any, *, stream: bool) -> Request:
    """What a model, named with or without a version, is asked; files that are sent with it are described."""
    name, _, version = (model or "").partition(":")
    inline: list[Part] = []
    left: dict[str, Any] = {"version": version} if version else {}
    for key, value in fields(given).items():
        if isinstance(value, str) and value.startswith("data:"):
            inline.append(media(value.removeprefix("data:").partition("/")[0], value))
        elif key not in {"prompt", "system_prompt"}:
            left[key] = value
    said = {role: [Text(words)] for key, role in _PROMPTS if (words := text(given, key))}
    user: list[Part] = [*inline, *said.get("user", [])]
    host = text(client, "_Client__client", "base_url", "host") or text(
        client, "_Client__async_client", "base_url", "host"
    )
    return Request(
        operation=Operation.GENERATE_CONTENT,
        provider="replicate",
        model=name or version or None,
        messages=[
            *([Message("system", [*said["system"]])] if "system" in said else []),
            *([Message("user", user)] if user else []),
        ],
        parameters=settings(left, ()),
        stream=stream,
        server_address=host or urlsplit(text(client, "_base_url") or "").hostname,
    )


def name_of(ref: Any) -> str | None:
    """A name with or without a version, or an object for one of these."""
    owner, name, version = text(ref, "owner"), text(ref, "name"), text(ref, "version")
    if owner and name:
        return f"{owner}/{name}:{version}" if version else f"{owner}/{name}"
    return text(ref) or (f":{found}" if (found := text(ref, "id")) else None)


def _parts(output: Any) -> list[Part]:
    """Texts, joined, and files by their addresses."""
    parts: list[Part] = []
    for piece in objects(output) or [output]:
        words, address = text(piece), text(piece, "url") if not isinstance(piece, str) else None
        if words is not None and words.startswith(("https://", "data:")):
            words, address = None, words
        if address is not None:
            kind = address if address.startswith("data:") else mimetypes.guess_type(urlsplit(address).path)[0] or ""
            modality = kind.removeprefix("data:").partition("/")[0]
            parts.append(media(modality if modality in {"image", "audio", "video"} else "file", address))
        elif words and parts and isinstance(last := parts[-1], Text):
            parts[-1] = Text(last.content + words)
        elif words:
            parts.append(Text(words))
    return parts


def read_output(output: Any) -> Response:
    """What a model gave, whole or as `fold` put it together."""
    parts = _parts(output)
    return Response(messages=[Message("assistant", parts)] if parts else [], output=None if parts else plain(output))


def fold(so_far: Any, chunk: Any) -> list[Any]:
    """The outputs of a model that gives several, or the events of a stream that bring output."""
    whole: list[Any] = [] if so_far is None else so_far
    piece = _piece(chunk)
    whole.extend([] if piece is None else [piece])
    return whole


def _piece(chunk: Any) -> Any:
    kind = text(plain(at(chunk, "event")))
    return chunk if kind is None else at(chunk, "data") if kind == "output" else None


def has_content(chunk: Any) -> bool:
    """Whether it brings output."""
    return bool(_piece(chunk))


def read_prediction(answer: Any) -> Response:
    """A prediction as the answer to its making has it."""
    made = loaded(text(answer, "text"))
    status, usage = (
        text(made, "status"),
        Usage(count(made, "metrics", "input_token_count"), output=count(made, "metrics", "output_token_count")),
    )
    parts = _parts(at(made, "output"))
    return Response(
        id=text(made, "id"),
        model=text(made, "model"),
        messages=[Message("assistant", parts)] if parts else [],
        finish_reasons=[status] if status in {"succeeded", "failed", "canceled"} else [],
        usage=counted(usage),
        error=text(made, "error"),
    )
