"""Observes `fireworks` (package `fireworks-ai`), which speaks OpenAI's API and Anthropic's: https://docs.fireworks.ai."""

from typing import Final

from agentops.instrumentation.target import Instrumentation
from agentops.plugins import hookimpl
from agentops_plugins._messages import MESSAGES
from agentops_plugins._openai_chat import CHAT
from agentops_plugins._openai_oneshot import COMPLETION
from agentops_plugins._stainless import stainless

INSTRUMENTATION: Final = stainless(
    "fireworks",
    {"/chat/completions": CHAT, "/completions": COMPLETION, "/v1/messages": MESSAGES},
    distribution="fireworks-ai",
    versions=">=1,<2",
    captures="chat, messages, streams, tools",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `fireworks`."""
    return INSTRUMENTATION
