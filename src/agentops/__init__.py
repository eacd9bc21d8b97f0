"""The flight recorder for AI agents.

`agentops.init()`, or `agentops run my_agent.py`, and every LLM call, tool call and agent step is recorded: on this
machine, without an account, surviving `kill -9`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentops.client import (
        Client,
        add_tags,
        configure,
        create_agent,
        current_session,
        end_all_sessions,
        end_session,
        end_trace,
        flush,
        get_api_key,
        get_client,
        get_session,
        init,
        record,
        set_api_key,
        set_parent_key,
        set_tags,
        shutdown,
        start_session,
        start_trace,
        stop_instrumenting,
        tracer,
        update_trace_metadata,
    )
    from agentops.client.traces import TraceContext
    from agentops.client.tracestate import ERROR, SUCCESS, UNSET, TraceState
    from agentops.decorators import (
        agent,
        guardrail,
        llm,
        operation,
        session,
        span,
        task,
        tool,
        trace,
        track_tool,
        workflow,
    )
    from agentops.domain.events import ActionEvent, ErrorEvent, Event, EventType, LLMEvent, ToolEvent
    from agentops.domain.spans import SpanKind
    from agentops.domain.states import EndState, SessionState
    from agentops.errors import AgentOpsError
    from agentops.legacy.agents import track_agent
    from agentops.legacy.callbacks.langchain import AsyncLangchainCallbackHandler as AsyncLangchainCallbackHandler
    from agentops.legacy.callbacks.langchain import LangchainCallbackHandler as LangchainCallbackHandler
    from agentops.legacy.decorators import record_action, record_function, record_tool
    from agentops.legacy.endpoints import track_endpoint
    from agentops.legacy.paths.helpers import check_agentops_update as check_agentops_update
    from agentops.legacy.paths.helpers.deprecation import deprecated as deprecated
    from agentops.legacy.paths.helpers.deprecation import warn_deprecated_param as warn_deprecated_param
    from agentops.legacy.paths.semconv import AgentAttributes as AgentAttributes
    from agentops.legacy.paths.semconv import CoreAttributes as CoreAttributes
    from agentops.legacy.paths.semconv import SpanAttributes as SpanAttributes
    from agentops.legacy.paths.semconv import ToolAttributes as ToolAttributes
    from agentops.legacy.paths.semconv import WorkflowAttributes as WorkflowAttributes
    from agentops.legacy.validation import ValidationError, print_validation_summary, validate_trace_spans
    from agentops.measures import metrics
    from agentops.recording.guard import logger as logger
    from agentops.services import extract, inject
    from agentops.session.session import Session

__path__.append(f"{__path__[0]}/legacy/paths")  # where modules of AgentOps 0.3 and 0.4 are found: docs/adr/0008

_PLACES = {
    "ActionEvent": "domain.events",
    "AgentAttributes": "semconv",
    "AgentOpsError": "errors",
    "AsyncLangchainCallbackHandler": "legacy.callbacks.langchain",
    "Client": "client",
    "CoreAttributes": "semconv",
    "ERROR": "client.tracestate",
    "EndState": "domain.states",
    "ErrorEvent": "domain.events",
    "Event": "domain.events",
    "EventType": "domain.events",
    "LLMEvent": "domain.events",
    "LangchainCallbackHandler": "legacy.callbacks.langchain",
    "SUCCESS": "client.tracestate",
    "Session": "session.session",
    "SessionState": "domain.states",
    "SpanAttributes": "semconv",
    "SpanKind": "domain.spans",
    "ToolAttributes": "semconv",
    "ToolEvent": "domain.events",
    "TraceContext": "client.traces",
    "TraceState": "client.tracestate",
    "UNSET": "client.tracestate",
    "ValidationError": "legacy.validation",
    "WorkflowAttributes": "semconv",
    "add_tags": "client",
    "agent": "decorators",
    "check_agentops_update": "helpers",
    "configure": "client",
    "create_agent": "client",
    "current_session": "client",
    "deprecated": "helpers.deprecation",
    "end_all_sessions": "client",
    "end_session": "client",
    "end_trace": "client",
    "extract": "services",
    "flush": "client",
    "get_api_key": "client",
    "get_client": "client",
    "get_session": "client",
    "guardrail": "decorators",
    "init": "client",
    "inject": "services",
    "llm": "decorators",
    "logger": "recording.guard",
    "metrics": "measures",
    "operation": "decorators",
    "print_validation_summary": "legacy.validation",
    "record": "client",
    "record_action": "legacy.decorators",
    "record_function": "legacy.decorators",
    "record_tool": "legacy.decorators",
    "set_api_key": "client",
    "set_parent_key": "client",
    "set_tags": "client",
    "shutdown": "client",
    "span": "decorators",
    "start_session": "client",
    "start_trace": "client",
    "stop_instrumenting": "client",
    "task": "decorators",
    "tool": "decorators",
    "trace": "decorators",
    "tracer": "client",
    "track_agent": "legacy.agents",
    "track_endpoint": "legacy.endpoints",
    "track_tool": "decorators",
    "update_trace_metadata": "client",
    "validate_trace_spans": "legacy.validation",
    "warn_deprecated_param": "helpers.deprecation",
    "workflow": "decorators",
}
"""Where each public name lives: nothing is imported before it is asked for."""

_OPTIONAL = frozenset({"AsyncLangchainCallbackHandler", "LangchainCallbackHandler"})
"""Names that there are only where the library that they are for is installed."""

__all__ = [
    "ERROR",
    "SUCCESS",
    "UNSET",
    "ActionEvent",
    "AgentOpsError",
    "Client",
    "EndState",
    "ErrorEvent",
    "Event",
    "EventType",
    "LLMEvent",
    "Session",
    "SessionState",
    "SpanKind",
    "ToolEvent",
    "TraceContext",
    "TraceState",
    "ValidationError",
    "add_tags",
    "agent",
    "configure",
    "create_agent",
    "current_session",
    "end_all_sessions",
    "end_session",
    "end_trace",
    "extract",
    "flush",
    "get_api_key",
    "get_client",
    "get_session",
    "guardrail",
    "init",
    "inject",
    "llm",
    "metrics",
    "operation",
    "print_validation_summary",
    "record",
    "record_action",
    "record_function",
    "record_tool",
    "session",
    "set_api_key",
    "set_parent_key",
    "set_tags",
    "shutdown",
    "span",
    "start_session",
    "start_trace",
    "stop_instrumenting",
    "task",
    "tool",
    "trace",
    "tracer",
    "track_agent",
    "track_endpoint",
    "track_tool",
    "update_trace_metadata",
    "validate_trace_spans",
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
    try:
        module = import_module(f"{__name__}.{_PLACES[name]}")
    except ModuleNotFoundError as error:
        if name not in _OPTIONAL:
            raise
        raise AttributeError(f"agentops.{name} needs {error.name}, which is not installed") from error
    found = getattr(module, name)
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
