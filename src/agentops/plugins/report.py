"""How a plugin stands, for `agentops plugins` and `agentops doctor`."""

from dataclasses import dataclass, field
from typing import Any


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


@dataclass(slots=True)
class Standing:
    """How a plugin stands, while that changes; its distribution is asked only for reports, as that reads files.

    Attributes:
        name: as in `PluginReport`.
        distribution: the installed distribution; None where none announces it.
        libraries: the modules that it is for, where it waits for them.
        is_waiting: whether it is not loaded yet.
        error: as in `PluginReport`.
        seconds: as in `PluginReport`.
    """

    name: str
    distribution: Any = None
    libraries: list[str] = field(default_factory=list[str])
    is_waiting: bool = False
    error: str | None = None
    seconds: float = 0.0

    def report(self) -> PluginReport:
        """How it stands now."""
        name, version = (self.distribution.name, self.distribution.version) if self.distribution else (None, None)
        waits_for = tuple(self.libraries) if self.is_waiting else ()
        return PluginReport(self.name, name, version, self.error, self.seconds, waits_for)
