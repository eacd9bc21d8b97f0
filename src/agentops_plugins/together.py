"""Observes `together`, which speaks OpenAI's API: https://docs.together.ai/reference."""

from typing import Final

from agentops.instrumentation.target import Instrumentation
from agentops.plugins import hookimpl
from agentops_plugins._openai_chat import CHAT
from agentops_plugins._openai_oneshot import COMPLETION, EMBEDDINGS, IMAGES, RERANK, SPEECH, TRANSCRIPTION
from agentops_plugins._stainless import stainless

INSTRUMENTATION: Final = stainless(
    "together",
    {
        "/chat/completions": CHAT,
        "/completions": COMPLETION,
        "/embeddings": EMBEDDINGS,
        "/images/generations": IMAGES,
        "/rerank": RERANK,
        "/audio/speech": SPEECH,
        "/audio/transcriptions": TRANSCRIPTION,
        "/audio/translations": TRANSCRIPTION,
    },
    versions=">=2,<4",
    captures="chat, streams, tools, embeddings, images, audio, reranking",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `together`."""
    return INSTRUMENTATION
