"""Which libraries a recording observes."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from agentops.domain.prices import Prices, use
from agentops.instrumentation.emitter import SpanEmitter
from agentops.instrumentation.observe import observe
from agentops.instrumentation.patch import Bridged, Installed, install, install_bridge
from agentops.instrumentation.propagation import install_propagation
from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.plugins.manager import Plugins
from agentops.recording.otel import join

AnyInstrumentation = Instrumentation | Bridge


class Observing:
    """The instrumentations in use, put in and taken out together."""

    def __init__(self) -> None:
        self._known: list[tuple[AnyInstrumentation, str]] = []
        self._installed: list[Installed | Bridged] = []
        self._joined: list[Callable[[], None]] = []

    def start_installed(self) -> None:
        """Observe the libraries of all installed plugins, threads and OpenTelemetry's API."""
        plugins = Plugins()
        plugins.load()
        use(Prices(lookup=plugins.price))
        scopes: set[str] = set()
        for name, instrumentation in plugins.instrumentations():
            self.start(instrumentation, name)
            scopes.update(instrumentation.native_scopes)
        self._joined += [install_propagation(), join(frozenset(scopes))]

    def start(self, instrumentation: AnyInstrumentation, plugin: str = "plugin") -> None:
        """Observe a library."""
        self._known.append((instrumentation, plugin))
        self._installed.append(put_in(instrumentation, plugin))

    def stop(self) -> None:
        """Restore everything."""
        self._take_out()
        self._known.clear()
        while self._joined:
            self._joined.pop()()

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
