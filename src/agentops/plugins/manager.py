"""The plugins of this process: found, loaded one by one, and asked so that none takes another down."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pluggy

from agentops.errors import PluginError
from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.plugins import hookspecs
from agentops.recording.guard import FAILURES, report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importlib_metadata import EntryPoint

GROUP: Final = "agentops"
"""The entry-point group in which distributions announce plugins."""

_ESCAPES: Final = (*FAILURES, SystemExit, GeneratorExit)
"""What a plugin may raise without the program noticing; a KeyboardInterrupt is the user's."""


@dataclass(frozen=True, slots=True)
class PluginReport:
    """One plugin that was found or asked for.

    Attributes:
        name: the name of its entry point.
        distribution: the installed distribution that announces it; None where none does.
        version: that distribution's version.
        error: why it is not in use; None when it is.
        seconds: how long loading it took.
    """

    name: str
    distribution: str | None
    version: str | None
    error: str | None
    seconds: float


class Plugins:
    """The loaded plugins, asked together.

    Args:
        trace: whether every hook call is printed to stderr.
    """

    def __init__(self, *, trace: bool = False) -> None:
        self._found: list[tuple[str, Any, str | None, float]] = []
        self._callers: dict[str, list[tuple[str, pluggy.HookCaller]]] = {}
        self._manager = pluggy.PluginManager("agentops")
        self._manager.add_hookspecs(hookspecs)
        if trace:
            self._manager.trace.root.setwriter(sys.stderr.write)
            self._manager.enable_tracing()

    @property
    def reports(self) -> list[PluginReport]:
        """Every plugin that was found or asked for, and what became of it."""
        return [
            PluginReport(name, dist and dist.name, dist and dist.version, error, seconds)
            for name, dist, error, seconds in self._found
        ]

    def load(self, names: Sequence[str] | None = None) -> None:
        """Find the installed plugins and load each on its own: a broken one is reported and left out.

        Args:
            names: load only these; None: all.
        """
        for entry_point in find_entry_points():
            if names is None or entry_point.name in names:
                self._load(entry_point)
        for name in names or ():
            if all(name != found for found, *_ in self._found):
                self._found.append((name, None, "no installed distribution announces a plugin of this name", 0.0))

    def register(self, plugin: object, name: str) -> None:
        """Add a plugin that no distribution announces.

        Raises:
            PluginError: if it does not fit the hooks, or one of this name is there.
        """
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

    def instrumentations(self) -> list[tuple[str, Instrumentation | Bridge]]:
        """What the plugins observe, each with the name of its plugin."""
        observed: list[tuple[str, Instrumentation | Bridge]] = []
        for name, answer in self._ask("agentops_instrumentation"):
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

    def exporters(self, config: object) -> list[Any]:
        """The span exporters that the plugins offer."""
        answers = (answer for _, answer in self._ask("agentops_exporters", config=config))
        return [exporter for answer in answers for exporter in answer]

    def price(self, provider: str, model: str) -> Any:
        """The first plugin's price for a model; None where none knows one."""
        return next((answer for _, answer in self._ask("agentops_price", provider=provider, model=model)), None)

    def add_commands(self, cli: object) -> None:
        """Let the plugins add their commands."""
        for _ in self._ask("agentops_commands", cli=cli):
            pass

    def _load(self, entry_point: EntryPoint) -> None:
        error: str | None = None
        started = time.perf_counter()
        try:
            self.register(entry_point.load(), entry_point.name)
        except _ESCAPES as failure:
            error = f"{type(failure).__name__}: {failure}"
        self._found.append((entry_point.name, entry_point.dist, error, time.perf_counter() - started))

    def _check(self, plugin: object) -> None:
        for hook in self._manager.get_hookcallers(plugin) or ():
            if not hook.has_spec() and not all(impl.optionalhook for impl in hook.get_hookimpls()):
                raise ValueError(f"{hook.name} is no hook of agentops")

    def _ask(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """What each plugin answers, the last loaded first; a plugin that fails is logged and has no answer."""
        for name, call in self._callers_of(hook):
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


def find_entry_points() -> Iterable[EntryPoint]:
    """The entry points of our group, in the order of `sys.path`, each once.

    `importlib_metadata.entry_points(group=...)` parses every distribution's entry points; looking for the group's
    name in the text first takes a third of the time (0.9 ms instead of 2.5 among 100 distributions).
    """
    import importlib_metadata  # noqa: PLC0415 - 9 ms that `import agentops` does not pay

    seen: set[tuple[str, str]] = set()
    distributions: Iterable[Any] = importlib_metadata.distributions()  # pyright: ignore[reportUnknownMemberType]
    for distribution in distributions:
        try:
            text = distribution.read_text("entry_points.txt")
            announced = distribution.entry_points.select(group=GROUP) if text and f"[{GROUP}]" in text else ()
        except FAILURES as error:
            report("reading the entry points of a distribution", error)
            continue
        for entry_point in announced:
            if (entry_point.name, entry_point.value) not in seen:
                seen.add((entry_point.name, entry_point.value))
                yield entry_point
