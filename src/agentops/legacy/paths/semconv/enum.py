"""The types of model calls in AgentOps 0.4."""

from enum import Enum


class LLMRequestTypeValues(Enum):
    """Values of `SpanAttributes.LLM_REQUEST_TYPE`."""

    COMPLETION = "completion"
    CHAT = "chat"
    RERANK = "rerank"
    EMBEDDING = "embedding"
    UNKNOWN = "unknown"
