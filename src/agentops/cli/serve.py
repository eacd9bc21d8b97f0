"""Running a collector."""

from pathlib import Path

import click

from agentops.cli import settings, terminal
from agentops.cli.commands import Command, Example


@click.command(
    cls=Command,
    name="serve",
    examples=[
        Example("agentops serve", "for this machine, no key needed"),
        Example("agentops serve --host 0.0.0.0 --key team=$KEY", "for a team"),
    ],
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", default=4318, show_default=True, type=click.IntRange(0, 65535), help="The port; 0 takes a free one."
)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="The folder of its files.")
def command(*, host: str, port: int, data: Path | None) -> None:
    """Take in what programs record, keep it, and answer questions about it."""
    from agentops.collector.options import ServeOptions  # noqa: PLC0415 - the extra [serve] brings what it needs
    from agentops.collector.serving import serve  # noqa: PLC0415 - likewise

    options = ServeOptions(data=data or settings.load().directory, host=host, port=port)
    serve(options, lambda url: terminal.remarks().print(f"Listening at {url}"))
