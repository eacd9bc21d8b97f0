"""Observes `litellm`: what it asks by HTTP itself, where no client library below it is seen.

Its functions are observed by name, where the answer is whole and priced; and once more inside the wrappers that its
decorator `client` makes, which reaches `from litellm import completion` done before. https://docs.litellm.ai/docs
"""

from collections.abc import Mapping
from typing import Final

from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._endpoints import Endpoint
from agentops_plugins._litellm import MESSAGES_READER, reader_of
from agentops_plugins._openai_chat import CHAT
from agentops_plugins._openai_oneshot import COMPLETION, EMBEDDINGS, IMAGES, MODERATION, RERANK, SPEECH, TRANSCRIPTION
from agentops_plugins._openai_responses import RESPONSES

_FUNCTIONS: Final[Mapping[str, tuple[str, Endpoint, tuple[str, ...]]]] = {
    "completion": ("litellm.main", CHAT, ("model", "messages")),
    "text_completion": ("litellm.main", COMPLETION, ("prompt", "model")),
    "responses": ("litellm.responses.main", RESPONSES, ("input", "model")),
    "embedding": ("litellm.main", EMBEDDINGS, ("model", "input")),
    "image_generation": ("litellm.images.main", IMAGES, ("prompt", "model")),
    "speech": ("litellm.main", SPEECH, ("model", "input")),
    "transcription": ("litellm.main", TRANSCRIPTION, ("model", "file")),
    "moderation": ("litellm.main", MODERATION, ("input", "model")),
    "rerank": ("litellm.rerank_api.main", RERANK, ("model", "query", "documents")),
}
"""Where each function is made, what it asks, and its first parameters; each has an async twin `a...`."""
_MESSAGES: Final = "litellm.llms.anthropic.{}pass_through.messages.handler:anthropic_messages.original_function"
INSTRUMENTATION: Final = Instrumentation(
    library="litellm",
    targets=[
        *(
            Target(path=path, reader=reader, fallback=True)
            for name, (module, endpoint, names) in _FUNCTIONS.items()
            for reader in (reader_of(endpoint, names),)
            for function in (name, f"a{name}")
            for path in (f"litellm:{function}", f"{module}:{function}.original_function")
        ),
        *(Target(path=_MESSAGES.format(age), reader=MESSAGES_READER, fallback=True) for age in ("", "experimental_")),
    ],
    versions=">=1.80,<2",
    captures="chat, messages, streams, tools, responses, embeddings, images, sound, ranking, costs",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `litellm`."""
    return INSTRUMENTATION
