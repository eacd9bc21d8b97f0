"""Our plugins as instrumentations of OpenTelemetry's: for `opentelemetry-instrument`, and to be switched on by hand.

    from agentops.instrumentors import openai
    openai().instrument()

Each class here is a plugin's, made when it is asked for, by the name of the plugin's module. What it sees becomes
ordinary spans of the program's own tracer provider, with the GenAI semantic conventions; agentops itself records
nothing, and no session is needed. A program that calls `agentops.init()` is recorded by that instead.

As OpenTelemetry's other instrumentations of model calls, it keeps no messages unless
`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is true:
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/#recording-content-on-attributes.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from agentops.domain.redaction.withholding import Content
from agentops.plugins.borrowed import find_instrumentors, modules_of, plain_name
from agentops.plugins.discovery import LIBRARIES, find_entry_points
from agentops.plugins.manager import Plugins
from agentops.plugins.observation import Observation, source_of
from agentops.recording.guard import guarded, logger
from agentops.recording.recorder import active
from agentops.recording.relay import Relay
from agentops.recording.shield import Shield

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_CAPTURE: Final = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_DISABLED: Final = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
_CAPTURING: Final = frozenset({"true", "1", "span_only", "span_and_event"})

relay = Relay()
"""What all of them make spans with."""


class PluginInstrumentor:
    """One plugin, in the manner of OpenTelemetry's `BaseInstrumentor`: there is one of each class.

    https://opentelemetry-python-contrib.readthedocs.io/en/latest/instrumentation/base/instrumentor.html

    Attributes:
        modules: the modules that its plugin waits for.
    """

    modules: ClassVar[tuple[str, ...]] = ()
    _one: ClassVar[Any] = None

    def __new__(cls) -> Self:
        """The one of this class."""
        if cls._one is None:
            cls._one = super().__new__(cls)
            cls._one._undo = []  # noqa: SLF001 - its own
        return cls._one

    _undo: list[Callable[[], None]]

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        """Whether it is switched on."""
        return bool(self._undo)

    def instrumentation_dependencies(self) -> Collection[str]:
        """No version is refused: what a version lacks is not observed."""
        return ()

    def instrument(self, *, tracer_provider: Any = None, **options: Any) -> None:
        """Observe the library from now on, or from when it is imported.

        Args:
            tracer_provider: where spans go; the global provider if None.
            options: what OpenTelemetry passes further.
        """
        if self._undo:
            return
        rival = _rival_of(self.modules) if options.get("skip_dep_check") else None
        if rival is not None:  # `opentelemetry-instrument` loads all there is
            logger.debug("%s is left to OpenTelemetry's instrumentation %s", self.modules[0], rival)
            return
        with guarded(f"observing {self.modules[0]} for OpenTelemetry"):
            plugins = Plugins()
            plugins.load(self.modules)
            observation = Observation(plugins)
            if tracer_provider is not None:
                relay.providers.update({source_of(report.name): tracer_provider for report in plugins.reports})
            _switched_on.add(self)
            relay.protect(Shield(content=Content.FULL if _captures() else Content.NONE))
            active.relay = relay
            self._undo += [observation.stop, plugins.attend(observation.start)]

    def uninstrument(self, **_options: Any) -> None:
        """The library is as it was."""
        while self._undo:
            with guarded(f"leaving {self.modules[0]} as it was"):
                self._undo.pop()()
        _switched_on.discard(self)
        if not _switched_on:
            active.relay = None


_switched_on: set[PluginInstrumentor] = set()


def _captures() -> bool:
    return os.environ.get(_CAPTURE, "").strip().lower() in _CAPTURING


@cache
def _table() -> dict[str, tuple[str, ...]]:
    """The modules that each plugin waits for, by the name of the plugin's own module."""
    found: dict[str, tuple[str, ...]] = {}
    for entry_point in find_entry_points():
        if entry_point.group == LIBRARIES:
            name = entry_point.module.rpartition(".")[2]
            found[name] = (*found.get(name, ()), entry_point.name)
    return found


@cache
def _rivals() -> dict[str, str]:
    """The enabled instrumentations of others, by what they are for."""
    disabled = {name.strip() for name in os.environ.get(_DISABLED, "").split(",")}
    found = {name: each for name, each in find_instrumentors().items() if name not in disabled}
    return {plain_name(module): name for name, each in found.items() for module in (name, *modules_of(each))}


def _rival_of(modules: Collection[str]) -> str | None:
    return next((rival for module in modules if (rival := _rivals().get(plain_name(module)))), None)


@cache
def instrumentor(plugin: str) -> type[PluginInstrumentor]:
    """The class of a plugin.

    Raises:
        LookupError: if no plugin's module has this name.
    """
    modules = _table().get(plugin)
    if modules is None:
        raise LookupError(f"there is no plugin {plugin!r}")
    return type(
        plugin, (PluginInstrumentor,), {"modules": modules, "__module__": __name__, "__doc__": f"Observes {plugin}."}
    )


def __getattr__(name: str) -> type[PluginInstrumentor]:
    try:
        return instrumentor(name)
    except LookupError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
