"""The handler for the callbacks of DSPy, where AgentOps 0.4 has it."""

from agentops.legacy.callbacks.dspy import DSPyCallbackHandler

__all__ = ["DSPyCallbackHandler"]
