"""What was only a name in AgentOps 0.3 and 0.4, for the programs that were written for them.

Those modules of theirs that have no place of their own here stand in `paths`, which is part of `agentops.__path__`:
`import agentops.event` finds `agentops/legacy/paths/event.py` (docs/adr/0008). This package is one of them itself: 0.4
had in `agentops.legacy` what it took over from 0.3.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentops import (
        ActionEvent,
        ErrorEvent,
        LLMEvent,
        Session,
        ToolEvent,
        TraceContext,
        deprecated,
        end_all_sessions,
        end_session,
        start_session,
        tracer,
        track_agent,
        track_tool,
    )
    from agentops.recording.guard import logger

__all__ = [
    "ActionEvent",
    "ErrorEvent",
    "LLMEvent",
    "Session",
    "ToolEvent",
    "TraceContext",
    "deprecated",
    "end_all_sessions",
    "end_session",
    "logger",
    "start_session",
    "tracer",
    "track_agent",
    "track_tool",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import agentops  # noqa: PLC0415 - imported before this package, and complete when a name is asked for

    return getattr(agentops, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
