"""The plugins of this process: found, loaded one by one, and asked so that none takes another down."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pluggy

from agentops.errors import PluginError
from agentops.instrumentation.imports import when_importing
from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.plugins import hookspecs
from agentops.plugins.discovery import LIBRARIES, find_entry_points, is_called
from agentops.plugins.report import PluginReport, Standing
from agentops.recording.guard import FAILURES, logger, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from importlib_metadata import EntryPoint

_ESCAPES: Final = (*FAILURES, SystemExit, GeneratorExit)
"""What a plugin may raise without the program noticing; a KeyboardInterrupt is the user's."""

_Key = tuple[str, ...]
"""What makes one plugin of its entry points."""


class Plugins:
    """The plugins, asked together; those that wait for a library are loaded when it is imported.

    Args:
        trace: whether every hook call is printed to stderr.
    """

    def __init__(self, *, trace: bool = False) -> None:
        self._standings: dict[_Key, Standing] = {}
        self._waiting: dict[_Key, EntryPoint] = {}
        self._callers: dict[str, list[tuple[str, pluggy.HookCaller]]] = {}
        self._manager = pluggy.PluginManager("agentops")
        self._manager.add_hookspecs(hookspecs)
        if trace:
            self._manager.trace.root.setwriter(sys.stderr.write)
            self._manager.enable_tracing()
        self.renew()

    def renew(self) -> None:
        """A new lock: after a fork the old one may be held by a thread that is not there."""
        self._lock = threading.RLock()

    @property
    def reports(self) -> list[PluginReport]:
        """Every plugin that was found or asked for, and what became of it."""
        return [standing.report() for standing in list(self._standings.values())]

    @property
    def libraries(self) -> set[str]:
        """The modules that are observed, or will be when they are imported."""
        standings = [standing for standing in list(self._standings.values()) if standing.error is None]
        waited_for = {library for standing in standings for library in standing.libraries}
        return waited_for | {each.library for _, each in self.instrumentations()}

    def load(self, names: Sequence[str] | None = None, *, without: Collection[str] = ()) -> None:
        """Find the installed plugins and load each on its own: a broken one is reported and left out.

        Those that wait for a library are only noted, see `attend` and `load_waiting`.

        Args:
            names: consider only these; None: all.
            without: leave these out, and with one library of a plugin the plugin.
        """
        announced = list(find_entry_points())
        left_out = {entry_point.value for entry_point in announced if is_called(entry_point, without)}
        for entry_point in announced:
            if (names is None or entry_point.name in names) and entry_point.value not in left_out:
                self._note(entry_point)
        for key, entry_point in list(self._waiting.items()):
            if entry_point.group != LIBRARIES:
                self._load(key)
        for name in set(names or ()) - {entry_point.name for entry_point in announced}:
            problem = "no installed distribution announces a plugin of this name"
            self._standings[name,] = Standing(name, error=problem)

    def attend(self, welcome: Callable[[str], None]) -> Callable[[], None]:
        """Load each waiting plugin when the library is imported that it waits for: now, where it is imported already.

        Args:
            welcome: told the name of each that was loaded, once, on the thread that imports the library and before
                any code of the library runs.

        Returns:
            The function that ends the waiting.
        """

        def arrive(key: _Key) -> None:
            if self._load(key):
                welcome(self._standings[key].name)

        waiting = [(key, module) for key in list(self._waiting) for module in self._standings[key].libraries]
        cancels = [when_importing(module, partial(arrive, key)) for key, module in waiting]

        def stop() -> None:
            for cancel in cancels:
                cancel()

        return stop

    def load_waiting(self) -> None:
        """Load what waits for a library, without it: to tell what would be observed."""
        for key in list(self._waiting):
            self._load(key)

    def register(self, plugin: object, name: str) -> None:
        """Add a plugin that no distribution announces.

        Raises:
            PluginError: if it does not fit the hooks, or one of this name is there.
        """
        with self._lock:
            try:
                hash(plugin)
                self._manager.register(plugin, name)
                self._check(plugin)
            except (TypeError, ValueError, pluggy.PluginValidationError) as error:
                if self._manager.get_plugin(name) is plugin:
                    self._manager.unregister(plugin)
                raise PluginError(f"plugin {name}: {error}") from error
            finally:
                self._callers.clear()

    def instrumentations(self, plugin: str | None = None) -> list[tuple[str, Instrumentation | Bridge]]:
        """What the plugins observe, or one of them, each with the name of its plugin."""
        observed: list[tuple[str, Instrumentation | Bridge]] = []
        for name, answer in self._ask("agentops_instrumentation", only=plugin):
            for each in _each(answer, Sequence):
                if isinstance(each, (Instrumentation, Bridge)):
                    observed.append((name, each))
                else:
                    report(f"reading the instrumentation of plugin {name}", PluginError(f"{each!r} is none"))
        return observed

    def listens(self) -> bool:
        """Whether any plugin wants to be told of events."""
        return bool(self._callers_of("agentops_event"))

    def tell(self, event: object) -> None:
        """Tell the plugins of an event."""
        for _ in self._ask("agentops_event", event=event):
            pass

    def exporters(self, config: object, plugin: str | None = None) -> list[Any]:
        """The span exporters that the plugins offer, or one of them."""
        answers = (answer for _, answer in self._ask("agentops_exporters", only=plugin, config=config))
        return [exporter for answer in answers for exporter in answer]

    def price(self, provider: str, model: str) -> Any:
        """The first plugin's price for a model; None where none knows one."""
        return next((answer for _, answer in self._ask("agentops_price", provider=provider, model=model)), None)

    def add_commands(self, cli: object) -> None:
        """Let the plugins add their commands."""
        for _ in self._ask("agentops_commands", cli=cli):
            pass

    def _note(self, entry_point: EntryPoint) -> None:
        """A plugin that is to be loaded; where several libraries are to load one module, that is one plugin."""
        name, dist = entry_point.name, entry_point.dist
        is_waiting = entry_point.group == LIBRARIES
        key: _Key = (LIBRARIES, entry_point.value) if is_waiting else (entry_point.group, name, entry_point.value)
        standing = self._standings.get(key)
        if standing is None:
            if is_waiting and dist is not None and any(name == known.name for known in self._standings.values()):
                name = dist.name  # another plugin for the same library has its name
            standing = self._standings[key] = Standing(name, dist, is_waiting=True)
            self._waiting[key] = entry_point
        if is_waiting:
            standing.libraries.append(entry_point.name)

    def _load(self, key: _Key) -> bool:
        """Load a plugin that waits, once, whoever asks at the same time; whether it is in use from now on.

        No lock is held meanwhile: what a plugin imports may be what another thread imports a library for.
        """
        entry_point = self._waiting.pop(key, None)
        if entry_point is None:
            return False
        standing = self._standings[key]
        started = time.perf_counter()
        try:
            self.register(entry_point.load(), standing.name)
        except _ESCAPES as failure:
            standing.error = f"{type(failure).__name__}: {failure}"
            logger.debug("plugin %s is not in use: %s", standing.name, standing.error)
        standing.seconds = time.perf_counter() - started
        standing.is_waiting = False
        return standing.error is None

    def _check(self, plugin: object) -> None:
        for hook in self._manager.get_hookcallers(plugin) or ():
            if not hook.has_spec() and not all(impl.optionalhook for impl in hook.get_hookimpls()):
                raise ValueError(f"{hook.name} is no hook of agentops")

    def _ask(self, hook: str, *, only: str | None = None, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """What each plugin answers, or one of them, the last loaded first; one that fails is logged and passed over."""
        for name, call in self._callers_of(hook):
            if only not in {None, name}:
                continue
            try:
                answer = call(**arguments)
            except _ESCAPES as error:
                report(f"calling {hook} of plugin {name}", error)
                continue
            for each in _each(answer, list):
                if each is not None:
                    yield name, each

    def _callers_of(self, hook: str) -> list[tuple[str, pluggy.HookCaller]]:
        """The hook, once for each plugin that answers it, so that one's failure does not keep it from the others."""
        with self._lock:
            callers = self._callers.get(hook)
            if callers is None:
                answering = getattr(self._manager.hook, hook).get_hookimpls()
                everyone = self._manager.get_plugins()
                callers = [
                    (impl.plugin_name, self._manager.subset_hook_caller(hook, everyone - {impl.plugin}))
                    for impl in reversed(answering)
                ]
                self._callers[hook] = callers
            return callers


def _each(answer: Any, several: type) -> Sequence[Any]:
    return answer if isinstance(answer, several) else (answer,)
