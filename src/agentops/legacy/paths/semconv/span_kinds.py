"""The kinds of spans in AgentOps 0.4."""

from enum import Enum

from agentops.domain.spans import SpanKind

__all__ = ["AgentOpsSpanKindValues", "SpanKind"]


class AgentOpsSpanKindValues(Enum):
    """Values of `SpanAttributes.AGENTOPS_SPAN_KIND`."""

    WORKFLOW = "workflow"
    SESSION = "session"
    TASK = "task"
    OPERATION = "operation"
    AGENT = "agent"
    TOOL = "tool"
    LLM = "llm"
    CHAIN = "chain"
    TEXT = "text"
    GUARDRAIL = "guardrail"
    HTTP = "http"
    UNKNOWN = "unknown"
