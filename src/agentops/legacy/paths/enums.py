"""How traces end: the module of AgentOps 0.4."""

from agentops.client.tracestate import ERROR, SUCCESS, UNSET, TraceState

__all__ = ["ERROR", "SUCCESS", "UNSET", "TraceState"]
