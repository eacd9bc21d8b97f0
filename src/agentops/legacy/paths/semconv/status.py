"""How a tool call stands in AgentOps 0.4."""

from enum import Enum


class ToolStatus(Enum):
    """Values of `ToolAttributes.TOOL_STATUS`."""

    EXECUTING = "executing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
