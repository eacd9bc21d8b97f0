"""What Hugging Face's inference clients do, and how they give it back.

https://huggingface.co/docs/huggingface_hub/package_reference/inference_client
"""

from dataclasses import replace
from functools import partial
from typing import Any, Final

from agentops.domain.foreign import at, count, flag, objects, text
from agentops.domain.genai import Media, Message, Operation, Part, Response, Text, Usage
from agentops_plugins._content import counted
from agentops_plugins._endpoints import Content, Endpoint, input_of
from agentops_plugins._openai_chat import CHAT
from agentops_plugins._openai_oneshot import COMPLETION, IMAGES, SPEECH, TRANSCRIPTION


def _read_completion(answer: Any) -> Response:
    """A text, or one with details; of a stream what `_fold_completion` made."""
    said, details = text(answer) or text(answer, "generated_text") or "", at(answer, "details")
    reason = text(details, "finish_reason")
    read = count(details, "input_length") or len(objects(details, "prefill")) or None
    usage = Usage(input=read, output=count(details, "generated_tokens"))
    return Response(
        messages=[Message("assistant", [Text(said)] if said else [], finish_reason=reason)],
        finish_reasons=[reason] if reason else [],
        usage=counted(usage),
    )


def _fold_completion(so_far: Any, piece: Any) -> dict[str, Any]:
    """Pieces are texts, or tokens of which the last has the details; special ones are none of the text."""
    said, details = (text(so_far, "generated_text") or ""), at(piece, "details") or at(so_far, "details")
    return {"generated_text": said + (_said(piece) or ""), "details": details}


def _said(piece: Any) -> str | None:
    return text(piece) or (None if flag(piece, "token", "special") else text(piece, "token", "text"))


def _has_text(piece: Any) -> bool:
    return bool(_said(piece))


def _read_vectors(answer: Any) -> Response:
    """An array of numpy: one vector, one for each text, or one for each token of each text."""
    *most, last = objects(at(answer, "shape")) or [None]
    return Response(output={"count": most[0] if most else 1, "dimensions": last})


def _read_media(modality: str, answer: Any) -> Response:
    """Bytes, or a picture of Pillow."""
    form = text(answer, "format")
    part = Media(
        modality,
        f"{modality}/{form.lower()}" if form else None,
        size=len(answer) if isinstance(answer, bytes) else None,
    )
    return Response(messages=[Message("assistant", [part])])


def _read_audio(body: Any, _files: Any) -> Content:
    audio = at(body, "audio")
    parts: list[Part] = [Media("audio", size=len(audio) if isinstance(audio, bytes) else None)]
    return Content([Message("user", parts)])


_EMBEDDINGS: Final = Endpoint(
    operation=Operation.EMBEDDINGS,
    content=frozenset({"text"}),
    read_content=input_of("text"),
    read_response=_read_vectors,
)
METHODS: Final[dict[str, tuple[str, Endpoint]]] = {
    "chat_completion": ("messages", CHAT),
    "text_generation": (
        "prompt",
        replace(
            COMPLETION,
            read_response=_read_completion,
            fold=_fold_completion,
            has_content=_has_text,
        ),
    ),
    "feature_extraction": ("text", _EMBEDDINGS),
    "text_to_image": ("prompt", replace(IMAGES, read_response=partial(_read_media, "image"))),
    "text_to_speech": (
        "text",
        replace(
            SPEECH,
            content=_EMBEDDINGS.content,
            read_content=_EMBEDDINGS.read_content,
            read_response=partial(_read_media, "audio"),
        ),
    ),
    "automatic_speech_recognition": (
        "audio",
        replace(TRANSCRIPTION, content=frozenset({"audio"}), read_content=_read_audio),
    ),
}
"""What each method is called with in the first place, and what it does."""
