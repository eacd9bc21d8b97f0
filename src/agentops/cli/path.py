"""Saying where things are."""

import click

from agentops.cli.commands import Command, Example
from agentops.cli.opening import directory


@click.command(
    cls=Command,
    name="path",
    examples=[
        Example("du -sh $(agentops path)", "how much room it takes"),
        Example("AGENTOPS_DIR=./runs agentops path", "somewhere else, by the environment"),
    ],
)
def command() -> None:
    """Print the folder in which sessions are kept."""
    click.echo(directory())
