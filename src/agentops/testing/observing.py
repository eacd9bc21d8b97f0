"""Which libraries a recording observes."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agentops.domain.prices import Prices, use
from agentops.instrumentation.propagation import install_propagation
from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.plugins.manager import Plugins
from agentops.plugins.observation import put_in, source_of
from agentops.recording.otel import join

if TYPE_CHECKING:
    from agentops.instrumentation.patch import Bridged, Installed

AnyInstrumentation = Instrumentation | Bridge


class Observing:
    """The instrumentations in use, put in and taken out together."""

    def __init__(self) -> None:
        self._known: list[tuple[AnyInstrumentation, str]] = []
        self._installed: list[Installed | Bridged] = []
        self._joined: list[Callable[[], None]] = []
        self._native_scopes: dict[str, str] = {}
        self._depth = 0

    def start_installed(self) -> None:
        """Observe the libraries of all installed plugins, threads and OpenTelemetry's API."""
        plugins = Plugins()
        plugins.load()
        use(Prices(lookup=plugins.price))

        def welcome(plugin: str | None = None) -> None:
            for name, instrumentation in plugins.instrumentations(plugin):
                self.start(instrumentation, name)

        welcome()
        self._joined += [plugins.attend(welcome), install_propagation(), join(self._native_scopes)]

    def start(self, instrumentation: AnyInstrumentation, plugin: str = "plugin") -> None:
        """Observe a library; from the end of a block on in which nothing else is to be observed."""
        self._native_scopes.update(dict.fromkeys(instrumentation.native_scopes, source_of(plugin)))
        self._known.append((instrumentation, plugin))
        if not self._depth:
            self._installed.append(put_in(instrumentation, plugin))

    def stop(self) -> None:
        """Restore everything."""
        while self._joined:
            self._joined.pop()()
        self._take_out()
        self._known.clear()

    @contextmanager
    def only(self, instrumentations: Sequence[AnyInstrumentation] = ()) -> Generator[None]:
        """Observe nothing but these in the block; a block inside the block adds to them."""
        self._take_out()
        self._depth += 1
        alone = [put_in(instrumentation, "plugin") for instrumentation in instrumentations]
        try:
            yield
        finally:
            for installed in reversed(alone):
                installed.undo()
            self._depth -= 1
            if not self._depth:
                self._installed.extend(put_in(*known) for known in self._known)

    def _take_out(self) -> None:
        while self._installed:
            self._installed.pop().undo()
