"""The names of what AgentOps 0.4 notes of tools."""


class ToolAttributes:
    """Attributes of a tool call."""

    TOOL_ID = "tool.id"
    TOOL_NAME = "tool.name"
    TOOL_DESCRIPTION = "tool.description"
    TOOL_PARAMETERS = "tool.parameters"
    TOOL_RESULT = "tool.result"
    TOOL_STATUS = "tool.status"
