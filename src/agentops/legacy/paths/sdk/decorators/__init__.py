"""Decorators, where AgentOps 0.4 has them."""

from agentops.decorators import agent, guardrail, operation, session, task, tool, trace, workflow
from agentops.domain.spans import SpanKind
from agentops.legacy.endpoints import track_endpoint
from agentops.legacy.paths.helpers.deprecation import deprecated

operation_decorator = operation
"""Another name of `operation`."""

__all__ = [
    "SpanKind",
    "agent",
    "deprecated",
    "guardrail",
    "operation",
    "operation_decorator",
    "session",
    "task",
    "tool",
    "trace",
    "track_endpoint",
    "workflow",
]
