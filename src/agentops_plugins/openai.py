"""Observes `openai`, its Azure clients and all that is reached through its `base_url` included."""

from dataclasses import replace
from typing import Final

from agentops.domain.genai import Operation
from agentops.instrumentation.target import Instrumentation
from agentops.plugins import hookimpl
from agentops_plugins._endpoints import read_count
from agentops_plugins._openai_chat import CHAT
from agentops_plugins._openai_oneshot import COMPLETION, EMBEDDINGS, IMAGES, MODERATION, SPEECH, TRANSCRIPTION
from agentops_plugins._openai_responses import RESPONSES
from agentops_plugins._stainless import stainless

_COUNT: Final = replace(RESPONSES, operation=Operation.TOKEN_COUNT, read_response=read_count)

INSTRUMENTATION: Final = stainless(
    "openai",
    {
        "/chat/completions": CHAT,
        "/responses": RESPONSES,
        "/responses/compact": RESPONSES,
        "/responses/input_tokens": _COUNT,
        "/embeddings": EMBEDDINGS,
        "/images/generations": IMAGES,
        "/images/edits": IMAGES,
        "/images/variations": IMAGES,
        "/audio/speech": SPEECH,
        "/audio/transcriptions": TRANSCRIPTION,
        "/audio/translations": TRANSCRIPTION,
        "/moderations": MODERATION,
        "/completions": COMPLETION,
    },
    versions=">=2,<4",
    captures="chat, responses, streams, tools, embeddings, images, audio, moderation",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `openai`."""
    return INSTRUMENTATION
