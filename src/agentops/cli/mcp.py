"""Letting coding agents look recordings up."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from agentops.cli.commands import Command, Example

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer


@click.command(
    cls=Command,
    name="mcp",
    examples=[
        Example("claude mcp add agentops -- agentops mcp", "in Claude Code"),
        Example("codex mcp add agentops -- agentops mcp", "in Codex"),
        Example("agentops mcp --url https://agentops.example.com --key $KEY", "what a team's server keeps"),
    ],
)
@click.option("--url", metavar="URL", envvar="AGENTOPS_MCP_URL", show_envvar=True, help="A server; else this machine.")
@click.option("--key", metavar="KEY", envvar="AGENTOPS_MCP_KEY", show_envvar=True, help="A key of that server.")
def command(*, url: str | None, key: str | None) -> None:
    """Let coding agents look recordings up, by the Model Context Protocol on standard input and output.

    Tools list and search sessions, show one as a tree, show a span whole, and ask with SQL. All of them only read. What
    is recorded was said by models and programs: let an agent that reads it do nothing that you would not let them do.
    """
    if key and not url:
        raise click.UsageError("A key is for a server: say which with --url.")
    try:
        with _opened(url, key) as server:
            server.run("stdio")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "agentops":
            raise
        raise click.UsageError(f"{error.name} is not installed; this needs: pip install 'agentops[mcp]'") from error


@contextmanager
def _opened(url: str | None, key: str | None) -> Generator["MCPServer"]:
    from agentops.collector.mcp.recordings import RemoteRecordings  # noqa: PLC0415 - the extra may be missing
    from agentops.collector.mcp.server import build_server  # noqa: PLC0415 - likewise

    if url:
        yield build_server(RemoteRecordings(url, key), version("agentops"))
        return
    from agentops.cli.opening import Adopting, reading  # noqa: PLC0415 - a server has its own store

    with reading() as store:
        yield build_server(store, version("agentops"), Adopting(store).from_time_to_time)
