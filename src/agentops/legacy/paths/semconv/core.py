"""The names of what AgentOps 0.4 notes of any span."""


class CoreAttributes:
    """Attributes of errors, tags and ids."""

    ERROR_TYPE = "error.type"
    ERROR_MESSAGE = "error.message"
    TAGS = "agentops.tags"
    TRACE_ID = "trace.id"
    SPAN_ID = "span.id"
    PARENT_ID = "parent.id"
    GROUP_ID = "group.id"
