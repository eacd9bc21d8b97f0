"""A server of tools, resources and prompts, observed by the plugin: a program, or a module to be called in place.

Run as a program it speaks over its standard streams; its tool `recorded` tells what was recorded in it.
"""

import json
from importlib import import_module
from typing import Any

from agentops.testing import Recording, record
from agentops_plugins.mcp import INSTRUMENTATION


def make(recording: Recording) -> Any:
    """The server, of whichever version is installed."""
    newer = getattr(import_module("mcp.server"), "MCPServer", None)
    server: Any = (newer or import_module("mcp.server.fastmcp").FastMCP)("notes", log_level="CRITICAL")

    @server.tool()
    def add(a: int, b: int) -> int:  # pyright: ignore[reportUnusedFunction] - the server calls it
        """Add two numbers."""
        return a + b

    @server.tool()
    def fail() -> str:  # pyright: ignore[reportUnusedFunction] - as above
        """Fail."""
        raise ValueError("the sea is dry")

    @server.tool()
    def recorded() -> str:  # pyright: ignore[reportUnusedFunction] - as above
        """Tell what was recorded so far."""
        return json.dumps([[span.kind, span.name, span.session_id, span.parent_id] for span in recording.spans()])

    @server.resource("note://tides")
    def tides() -> str:  # pyright: ignore[reportUnusedFunction] - as above
        """Tell of the tides."""
        return "They come and go."

    @server.prompt()
    def greet(name: str) -> str:  # pyright: ignore[reportUnusedFunction] - as above
        """Greet somebody."""
        return f"Hello {name}"

    return server


if __name__ == "__main__":
    with record() as own:
        own.observing.start(INSTRUMENTATION, "mcp")
        make(own).run("stdio")
