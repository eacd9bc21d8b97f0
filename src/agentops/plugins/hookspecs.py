"""The hooks: what a plugin may add to agentops. A plugin defines those it needs, with the parameters it needs."""

from collections.abc import Sequence
from typing import Any

from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.plugins import hookspec


@hookspec
def agentops_instrumentation() -> Instrumentation | Bridge | Sequence[Instrumentation | Bridge] | None:
    """What the plugin observes. Asked once, when it is loaded; must not import the library."""


@hookspec
def agentops_event(event: Any) -> None:
    """A span has ended as this event; called on the thread that ended it, so be quick and keep no reference."""


@hookspec
def agentops_exporters(config: Any) -> Sequence[Any] | None:
    """OpenTelemetry span exporters that ended spans go to as well; `config` is what agentops runs with."""


@hookspec(firstresult=True)
def agentops_price(provider: str, model: str) -> Any:
    """The price of a model; None: not known here, the next plugin is asked, then the built-in table."""


@hookspec
def agentops_commands(cli: Any) -> None:
    """Add commands to the `agentops` command line; `cli` is its click group."""
