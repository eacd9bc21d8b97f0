"""The flight recorder for AI agents.

`agentops.init()`, or `agentops run my_agent.py`, and every LLM call, tool call and agent step is recorded: on this
machine, without an account, surviving `kill -9`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentops.client import (
        current_session,
        end_all_sessions,
        end_session,
        flush,
        init,
        record,
        shutdown,
        start_session,
    )
    from agentops.decorators import agent, guardrail, llm, operation, session, span, task, tool, workflow
    from agentops.domain.events import ActionEvent, ErrorEvent, Event, LLMEvent, ToolEvent
    from agentops.domain.spans import SpanKind
    from agentops.domain.states import EndState, SessionState
    from agentops.errors import AgentOpsError
    from agentops.services import extract, inject
    from agentops.session.session import Session

__path__.append(f"{__path__[0]}/legacy/paths")  # where modules of AgentOps 0.3 and 0.4 are found: docs/adr/0008

_PLACES = {
    "ActionEvent": "domain.events",
    "AgentOpsError": "errors",
    "EndState": "domain.states",
    "ErrorEvent": "domain.events",
    "Event": "domain.events",
    "LLMEvent": "domain.events",
    "Session": "session.session",
    "SessionState": "domain.states",
    "SpanKind": "domain.spans",
    "ToolEvent": "domain.events",
    "agent": "decorators",
    "current_session": "client",
    "end_all_sessions": "client",
    "end_session": "client",
    "extract": "services",
    "flush": "client",
    "guardrail": "decorators",
    "init": "client",
    "inject": "services",
    "llm": "decorators",
    "operation": "decorators",
    "record": "client",
    "shutdown": "client",
    "span": "decorators",
    "start_session": "client",
    "task": "decorators",
    "tool": "decorators",
    "workflow": "decorators",
}
"""Where each public name lives: nothing is imported before it is asked for."""

__all__ = [
    "ActionEvent",
    "AgentOpsError",
    "EndState",
    "ErrorEvent",
    "Event",
    "LLMEvent",
    "Session",
    "SessionState",
    "SpanKind",
    "ToolEvent",
    "agent",
    "current_session",
    "end_all_sessions",
    "end_session",
    "extract",
    "flush",
    "guardrail",
    "init",
    "inject",
    "llm",
    "operation",
    "record",
    "session",
    "shutdown",
    "span",
    "start_session",
    "task",
    "tool",
    "workflow",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        globals()[name] = _find_version()
        return globals()[name]
    if name == "session":
        return import_module("agentops.session")  # the package is the decorator as well
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found


def _find_version() -> str:
    """The version of the installed distribution.

    Its metadata are read as text: `importlib_metadata.version` imports a parser of e-mails for that, which takes 8 ms.
    """
    from importlib_metadata import distribution  # noqa: PLC0415 - 9 ms that `import agentops` does not pay

    lines = (distribution("agentops").read_text("METADATA") or "").splitlines()
    return next(line.removeprefix("Version: ") for line in lines if line.startswith("Version: "))


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
