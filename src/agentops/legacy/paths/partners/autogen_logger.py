"""The logger for AutoGen and AG2: the module of AgentOps 0.3."""

from agentops.legacy.callbacks.autogen import AutogenLogger

__all__ = ["AutogenLogger"]
