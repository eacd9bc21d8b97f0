"""Which libraries a recording observes."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from agentops.instrumentation.emitter import SpanEmitter
from agentops.instrumentation.observe import observe
from agentops.instrumentation.patch import Bridged, Installed, install, install_bridge
from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.plugins.manager import Plugins

AnyInstrumentation = Instrumentation | Bridge


class Observing:
    """The instrumentations in use, put in and taken out together."""

    def __init__(self) -> None:
        self._known: list[tuple[AnyInstrumentation, str]] = []
        self._installed: list[Installed | Bridged] = []

    def start_installed(self) -> None:
        """Observe the libraries of all installed plugins."""
        plugins = Plugins()
        plugins.load()
        for name, instrumentation in plugins.instrumentations():
            self.start(instrumentation, name)

    def start(self, instrumentation: AnyInstrumentation, plugin: str = "plugin") -> None:
        """Observe a library."""
        self._known.append((instrumentation, plugin))
        self._installed.append(put_in(instrumentation, plugin))

    def stop(self) -> None:
        """Restore everything."""
        self._take_out()
        self._known.clear()

    @contextmanager
    def only(self, instrumentations: Sequence[AnyInstrumentation] = ()) -> Generator[None]:
        """Observe nothing but these in the block; a block inside the block adds to them."""
        paused = self._known if self._installed else []
        self._take_out()
        alone = [put_in(instrumentation, "plugin") for instrumentation in instrumentations]
        try:
            yield
        finally:
            for installed in reversed(alone):
                installed.undo()
            self._installed.extend(put_in(*known) for known in paused)

    def _take_out(self) -> None:
        while self._installed:
            self._installed.pop().undo()


def put_in(instrumentation: AnyInstrumentation, plugin: str) -> Installed | Bridged:
    """Observe a library until undone; `plugin` names the instrumentation scope."""
    source = f"agentops.{plugin}"
    if isinstance(instrumentation, Bridge):
        return install_bridge(instrumentation, SpanEmitter(source))
    return install(instrumentation, lambda target: observe(target, source))
