"""The package under which AgentOps 0.4 has decorators and traces."""

from opentelemetry.trace.status import StatusCode

from agentops.decorators import agent, operation, session, task, workflow

from .types import TracingConfig

__all__ = ["StatusCode", "TracingConfig", "agent", "operation", "session", "task", "workflow"]
