"""What the plugins observe, put in place: at once, or when the library comes that a plugin waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops.instrumentation.emitter import SpanEmitter
from agentops.instrumentation.patch import install, install_bridge
from agentops.instrumentation.target import Bridge
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from agentops.instrumentation.patch import Bridged, Installed, Wrapper
    from agentops.instrumentation.target import Instrumentation, Target
    from agentops.plugins.manager import Plugins


class Observation:
    """The observed libraries, put in and taken out together.

    Attributes:
        installed: what is in place.
        native_scopes: the instrumentation scopes under which these libraries tell OpenTelemetry of the same calls,
            each with the source of our spans.
    """

    def __init__(self, plugins: Plugins) -> None:
        self.installed: list[Installed | Bridged] = []
        self.native_scopes: dict[str, str] = {}
        self._plugins = plugins
        self._is_wanted = True

    def start(self, plugin: str | None = None) -> None:
        """Observe what the plugins that are loaded are for, or one of them that has come late."""
        for name, each in self._plugins.instrumentations(plugin):
            if not self._is_wanted:
                return
            with guarded(f"installing plugin {name}"):
                self.native_scopes.update(dict.fromkeys(each.native_scopes, f"agentops.{name}"))
                installed = put_in(each, name)
                self.installed.append(installed)
                if not self._is_wanted:  # stopped meanwhile, on another thread
                    installed.undo()

    def stop(self) -> None:
        """Every observed library is as it was, and stays so."""
        self._is_wanted = False
        while self.installed:
            self.installed.pop().undo()


def source_of(plugin: str) -> str:
    """The instrumentation scope of what a plugin records."""
    return f"agentops.{plugin}"


def put_in(instrumentation: Instrumentation | Bridge, plugin: str) -> Installed | Bridged:
    """Observe a library until undone; `plugin` names the instrumentation scope."""
    source = source_of(plugin)
    if isinstance(instrumentation, Bridge):
        return install_bridge(instrumentation, SpanEmitter(source))
    return install(instrumentation, lambda target: _observe(target, source))


def _observe(target: Target, source: str) -> Wrapper:
    from agentops.instrumentation.observe import observe  # noqa: PLC0415 - imports wrapt, once a library is observed

    return observe(target, source)
