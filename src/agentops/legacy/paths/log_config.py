"""The logger: the module of AgentOps 0.3."""

from agentops.recording.guard import logger

__all__ = ["logger"]
