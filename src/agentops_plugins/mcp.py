"""Observes `mcp`, clients and servers: what a server does for a client's call is part of that call, wherever it runs.

From version 2 the SDK writes and reads `traceparent` by itself, and tells OpenTelemetry of each request.
"""

from typing import Final

from agentops.domain.foreign import at
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._mcp import CALL, depart, handled, managed, managed_here, step, unread

_CLIENT: Final = "mcp.client.session:ClientSession"
_HTTP: Final = "mcp.client.streamable_http:StreamableHTTPTransport"
_EXCHANGES: Final = (
    "handle_get_stream",
    "terminate_session",
    "_handle_post_request",
    "_handle_reconnection",
    "_handle_resumption_request",
)
"""What sends requests for a client's session, which are no requests of the program's."""

INSTRUMENTATION: Final = Instrumentation(
    library="mcp",
    versions=">=1.9,<3",
    captures="tools, resources, prompts, of clients and servers as one trace",
    native_scopes=["mcp-python-sdk"],
    targets=[
        Target(path=f"{_CLIENT}.call_tool", reader=CALL),
        Target(path=f"{_CLIENT}.list_tools", reader=step("tools/list")),
        Target(
            path=f"{_CLIENT}.read_resource",
            reader=step("resources/read", "uri", "mcp.resource.uri", SpanKind.RETRIEVAL),
        ),
        Target(path=f"{_CLIENT}.get_prompt", reader=step("prompts/get", "name", "gen_ai.prompt.name")),
        Target(path=f"{_CLIENT}.initialize", reader=step("initialize")),
        Target(path=f"{_CLIENT}.send_request", reader=unread, departs=depart),
        Target(
            path="mcp.server.runner:ServerRunner._on_request",
            reader=handled,
            arrives=lambda arguments: at(arguments.get("params", 2), "_meta"),
        ),
        Target(path="mcp.server.mcpserver.tools.tool_manager:ToolManager.call_tool", reader=managed_here),
        Target(
            path="mcp.server.lowlevel.server:Server._handle_request",  # until 2
            reader=unread,
            arrives=lambda arguments: at(arguments.get("message", 0), "request_meta"),
        ),
        Target(path="mcp.server.fastmcp.tools.tool_manager:ToolManager.call_tool", reader=managed),
        *(Target(path=f"{_HTTP}.{exchange}", reader=unread, internal=True) for exchange in _EXCHANGES),
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `mcp`."""
    return INSTRUMENTATION
