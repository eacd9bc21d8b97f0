"""The logger: the package of AgentOps 0.4."""

from agentops.recording.guard import logger

__all__ = ["logger"]
