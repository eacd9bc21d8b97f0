"""Traces, where AgentOps 0.4 has them."""

from agentops.client.traces import ActiveTraces as TracingCore
from agentops.client.traces import TraceContext, tracer

__all__ = ["TraceContext", "TracingCore", "tracer"]
