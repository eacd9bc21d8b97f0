"""Shell completion."""

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from agentops.cli.commands import Command, Example, Problem

SHELLS = ("bash", "zsh", "fish")


@click.command(
    cls=Command,
    name="completion",
    examples=[
        Example('eval "$(agentops completion bash)"', "in ~/.bashrc"),
        Example('eval "$(agentops completion zsh)"', "in ~/.zshrc"),
        Example("agentops completion fish | source", "in ~/.config/fish/config.fish"),
    ],
)
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.pass_context
def command(context: click.Context, shell: str | None) -> None:
    """Print the script that completes commands, options and session ids; for the running shell if none is given."""
    name = shell or Path(os.environ.get("SHELL", "")).name
    complete = get_completion_class(name) if name in SHELLS else None
    if complete is None:
        raise Problem(f"Which shell? {name or 'This one'} is not known.", hint=f"Say one of: {', '.join(SHELLS)}.")
    click.echo(complete(context.find_root().command, {}, "agentops", "_AGENTOPS_COMPLETE").source())
