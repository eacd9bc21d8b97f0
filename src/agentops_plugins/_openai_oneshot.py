"""Calls of OpenAI's API that are no conversation: embeddings, images, sound, moderation, ranking, plain completion.

https://platform.openai.com/docs/api-reference
"""

from collections.abc import Callable
from typing import Any, Final

from agentops.domain.foreign import at, count, number, objects, plain, text
from agentops.domain.genai import Json, Media, Message, Operation, Part, Response, Text
from agentops_plugins._content import inline_size, media, slot
from agentops_plugins._endpoints import Content, Endpoint, input_of
from agentops_plugins._openai_parts import cost_of, usage_of

_FLOAT_BYTES: Final = 4


def _prompt_and_files(modality: str) -> Callable[[Any, Any], Content]:
    def read(body: Any, files: Any) -> Content:
        parts: list[Part] = [_sent(modality, file) for file in files or ()]
        prompt = text(body, "prompt")
        return Content([Message("user", [*parts, *([Text(prompt)] if prompt else [])])])

    return read


def _sent(modality: str, file: Any) -> Media:
    """A file of a multipart request: `(field, file)`, the file being content or `(name, content, type)`."""
    held = at(file, 1)
    content = at(held, 1) if isinstance(held, tuple) else held
    return Media(modality, mime_type=text(held, 2), size=len(content) if isinstance(content, bytes) else None)


def _read_embeddings(answer: Any) -> Response:
    data = objects(answer, "data")
    return _plain_response(answer, {"count": len(data), "dimensions": _dimensions(at(data, 0, "embedding"))})


def _dimensions(vector: Any) -> int | None:
    """How long a vector is; as base64 it is 32-bit floats."""
    size = inline_size(vector)
    return len(objects(vector)) or None if size is None else size // _FLOAT_BYTES


def _plain_response(answer: Any, output: Json, messages: list[Message] | None = None) -> Response:
    return Response(
        id=text(answer, "id"),
        model=text(answer, "model"),
        messages=messages or [],
        usage=usage_of(at(answer, "usage")),
        cost=cost_of(at(answer, "usage")),
        output=output,
    )


def _read_images(answer: Any) -> Response:
    images = objects(answer, "data") or ([answer] if text(answer, "b64_json") else [])
    form = text(answer, "output_format")
    parts: list[Part] = [_image(image, f"image/{form}" if form else None) for image in images]
    return _plain_response(answer, None, [Message("assistant", parts)] if parts else [])


def _image(image: Any, mime_type: str | None) -> Media:
    address, data = text(image, "url"), text(image, "b64_json")
    return media("image", address) if data is None else Media("image", mime_type, address, size=inline_size(data))


def _last_event(_so_far: Any, event: Any) -> Any:
    """Image streams send ever better pictures; the last event is the picture."""
    return event


def _read_speech(answer: Any) -> Response:
    """What the headers say of the sound; the sound itself is read by the program alone."""
    headers = at(answer, "response", "headers") or at(answer, "headers")
    length = text(headers, "content-length")
    size = int(length) if length and length.isdecimal() else None
    return Response(messages=[Message("assistant", [Media("audio", text(headers, "content-type"), size=size)])])


def _read_transcript(answer: Any) -> Response:
    said = answer if isinstance(answer, str) else text(answer, "text")
    seconds = number(answer, "usage", "seconds") or number(answer, "duration")
    response = _plain_response(
        answer, None if seconds is None else {"seconds": seconds}, [Message("assistant", [Text(said)])] if said else []
    )
    if text(answer, "usage", "type") == "duration":
        response.usage = None
    return response


def _fold_transcript(so_far: Any, event: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {} if so_far is None else so_far
    if text(event, "type") == "transcript.text.done":
        return {"text": text(event, "text"), "usage": at(event, "usage")}
    whole["text"] = (whole.get("text") or "") + (text(event, "delta") or "")
    return whole


def _read_moderation(answer: Any) -> Response:
    return _plain_response(answer, plain(at(answer, "results")))


def _read_rank(answer: Any) -> Response:
    ranked = [
        {"index": count(found, "index"), "score": number(found, "relevance_score")}
        for found in objects(answer, "results")
    ]
    return _plain_response(answer, ranked)


def _rank(body: Any, _files: Any) -> Content:
    return Content(input={"query": plain(at(body, "query")), "documents": plain(at(body, "documents"))})


def _read_completion(answer: Any) -> Response:
    choices = objects(answer, "choices")
    response = _plain_response(
        answer,
        None,
        [
            Message("assistant", [Text(text(choice, "text") or "")], finish_reason=text(choice, "finish_reason"))
            for choice in choices
        ],
    )
    response.finish_reasons = [reason for choice in choices if (reason := text(choice, "finish_reason"))]
    return response


def _fold_completion(so_far: Any, chunk: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"choices": []} if so_far is None else so_far
    for key in ("id", "model", "usage"):
        whole[key] = at(chunk, key) or whole.get(key)
    for choice in objects(chunk, "choices"):
        place = slot(whole["choices"], count(choice, "index") or 0)
        place["text"] = place.get("text", "") + (text(choice, "text") or text(choice, "delta", "content") or "")
        place["finish_reason"] = text(choice, "finish_reason") or place.get("finish_reason")
    return whole


def _completes(chunk: Any) -> bool:
    return any(text(choice, "text") or text(choice, "delta", "content") for choice in objects(chunk, "choices"))


EMBEDDINGS: Final = Endpoint(
    operation=Operation.EMBEDDINGS,
    content=frozenset({"input"}),
    read_content=input_of("input"),
    read_response=_read_embeddings,
)
IMAGES: Final = Endpoint(
    operation=Operation.IMAGE_GENERATION,
    content=frozenset({"prompt", "image", "mask"}),
    read_content=_prompt_and_files("image"),
    read_response=_read_images,
    fold=_last_event,
    has_content=lambda event: text(event, "b64_json") is not None,
)
SPEECH: Final = Endpoint(
    operation=Operation.SPEECH, content=frozenset({"input"}), read_content=input_of("input"), read_response=_read_speech
)
TRANSCRIPTION: Final = Endpoint(
    operation=Operation.TRANSCRIPTION,
    content=frozenset({"prompt", "file"}),
    read_content=_prompt_and_files("audio"),
    read_response=_read_transcript,
    fold=_fold_transcript,
    has_content=lambda event: bool(text(event, "delta")),
)
MODERATION: Final = Endpoint(
    operation=Operation.MODERATION,
    content=frozenset({"input"}),
    read_content=input_of("input"),
    read_response=_read_moderation,
)
RERANK: Final = Endpoint(
    operation=Operation.RERANK, content=frozenset({"query", "documents"}), read_content=_rank, read_response=_read_rank
)
COMPLETION: Final = Endpoint(
    operation=Operation.TEXT_COMPLETION,
    content=frozenset({"prompt"}),
    read_content=input_of("prompt"),
    read_response=_read_completion,
    fold=_fold_completion,
    has_content=_completes,
)
