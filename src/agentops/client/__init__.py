"""What programs call: `init`, the functions around the current session, and `Client` for those who like objects.

Nothing but what `init` needs is imported before it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from agentops.client.setup import init
from agentops.client.state import flush, get_assembly, manager, shutdown, wake

if TYPE_CHECKING:
    from agentops.client.client import Client, get_client
    from agentops.client.sessions import (
        add_tags,
        create_agent,
        current_session,
        end_all_sessions,
        end_session,
        get_session,
        record,
        set_tags,
        start_session,
    )
    from agentops.client.setup import (
        configure,
        get_api_key,
        set_api_key,
        set_parent_key,
        stop_instrumenting,
    )
    from agentops.client.traces import (
        TraceContext,
        TraceState,
        end_trace,
        start_trace,
        tracer,
        update_trace_metadata,
    )

_PLACES = {
    **dict.fromkeys(("configure", "get_api_key", "set_api_key", "set_parent_key", "stop_instrumenting"), "setup"),
    **dict.fromkeys(("add_tags", "create_agent", "current_session", "end_all_sessions", "end_session"), "sessions"),
    **dict.fromkeys(("get_session", "record", "set_tags", "start_session"), "sessions"),
    **dict.fromkeys(("TraceContext", "TraceState", "end_trace", "start_trace", "tracer"), "traces"),
    "update_trace_metadata": "traces",
    **dict.fromkeys(("Client", "get_client"), "client"),
}

__all__ = [
    "Client",
    "TraceContext",
    "TraceState",
    "add_tags",
    "configure",
    "create_agent",
    "current_session",
    "end_all_sessions",
    "end_session",
    "end_trace",
    "flush",
    "get_api_key",
    "get_assembly",
    "get_client",
    "get_session",
    "init",
    "manager",
    "record",
    "set_api_key",
    "set_parent_key",
    "set_tags",
    "shutdown",
    "start_session",
    "start_trace",
    "stop_instrumenting",
    "tracer",
    "update_trace_metadata",
    "wake",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found
