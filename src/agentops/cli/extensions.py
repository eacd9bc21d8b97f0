"""The plugins, and the commands that they add."""

import click

from agentops.cli import settings
from agentops.plugins.manager import Plugins


def loaded_plugins() -> Plugins:
    """The plugins that a program started here and now would load, whatever libraries it imports."""
    plugins = _plugins()
    plugins.load_waiting()
    return plugins


def _plugins() -> Plugins:
    """The plugins; those that wait for a library wait."""
    config = settings.load()
    plugins = Plugins(trace=config.trace_plugins)
    plugins.load(config.load_plugins, without=config.disable_plugins)
    return plugins


def add_plugin_commands(cli: click.Group) -> None:
    """Let every plugin add its commands that waits for no library; one that fails is passed over."""
    _plugins().add_commands(cli)
