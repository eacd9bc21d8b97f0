"""Observes `groq`, which speaks OpenAI's API: https://console.groq.com/docs/api-reference."""

from typing import Final

from agentops.instrumentation.target import Instrumentation
from agentops.plugins import hookimpl
from agentops_plugins._openai_chat import CHAT
from agentops_plugins._openai_oneshot import EMBEDDINGS, SPEECH, TRANSCRIPTION
from agentops_plugins._stainless import stainless

INSTRUMENTATION: Final = stainless(
    "groq",
    {
        "/chat/completions": CHAT,
        "/embeddings": EMBEDDINGS,
        "/audio/speech": SPEECH,
        "/audio/transcriptions": TRANSCRIPTION,
        "/audio/translations": TRANSCRIPTION,
    },
    versions=">=0.30,<2",
    captures="chat, streams, tools, embeddings, audio",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `groq`."""
    return INSTRUMENTATION
