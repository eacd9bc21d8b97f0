"""A model provider on this machine, for tests and for trying things without an account.

It speaks OpenAI's chat completions, responses and embeddings and Anthropic's messages over HTTP, event by event,
with scripted turns, latency and faults; `python -m agentops.testing.provider --help` runs it alone.
"""

from agentops.domain.genai import ToolCall, Usage
from agentops.testing.provider.request import ReceivedRequest, count_tokens
from agentops.testing.provider.server import Provider
from agentops.testing.provider.turn import Fault, FaultKind, Page, Script, Turn

__all__ = [
    "Fault",
    "FaultKind",
    "Page",
    "Provider",
    "ReceivedRequest",
    "Script",
    "ToolCall",
    "Turn",
    "Usage",
    "count_tokens",
]
