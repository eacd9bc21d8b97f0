"""How a plugin stands, for `agentops plugins` and `agentops doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PluginReport:
    """One plugin that was found or asked for.

    Attributes:
        name: the name of its entry point, the first one where it has several.
        distribution: the installed distribution that announces it; None where none does.
        version: that distribution's version.
        error: why it is not in use; None when it is, or waits.
        seconds: how long loading it took.
        waits_for: the modules of which one must be imported before it is loaded; empty for one that is loaded.
    """

    name: str
    distribution: str | None
    version: str | None
    error: str | None
    seconds: float
    waits_for: tuple[str, ...] = ()
