"""The plugins, and the commands that they add."""

import click

from agentops.cli import settings
from agentops.plugins.manager import Plugins


def loaded_plugins() -> Plugins:
    """The plugins that a program started here and now would load."""
    config = settings.load()
    plugins = Plugins(trace=config.trace_plugins)
    plugins.load(config.load_plugins)
    return plugins


def add_plugin_commands(cli: click.Group) -> None:
    """Let every plugin add its commands; one that fails is passed over, and `agentops plugins` says why."""
    loaded_plugins().add_commands(cli)
