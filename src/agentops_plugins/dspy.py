"""Modules, agents, tools, adapters and model calls of DSPy, by its callbacks.

Each call asks the settings for the callbacks that are to be told. `dspy.configure(callbacks=...)` replaces what the
settings hold, so we answer beside them: what the program configured stays as it is. https://dspy.ai/api/utils/BaseCallback
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from agentops.instrumentation.callbacks.dspy_calls import Calls
from agentops.instrumentation.callbacks.runs import Runs
from agentops.instrumentation.target import Bridge, Emitter
from agentops.plugins import hookimpl


def install(emitter: Emitter) -> Callable[[], None]:
    """Be told of every call, after whoever the program has configured."""
    settings: Any = import_module("dspy.dsp.utils.settings").Settings
    kind: Any = import_module("dspy.utils.callback").BaseCallback
    handler = type("AgentopsCallbacks", (Calls, kind), {})(Runs(emitter))
    get = settings.get

    def get_with_ours(self: Any, key: str, default: Any = None) -> Any:
        found = get(self, key, default)
        return [*found, handler] if key == "callbacks" and isinstance(found, list) else found  # pyright: ignore[reportUnknownVariableType] - the program's

    settings.get = get_with_ours

    def uninstall() -> None:
        if settings.get is get_with_ours:
            settings.get = get

    return uninstall


BRIDGE = Bridge(
    library="dspy",
    versions=">=2.6.20,<4",
    captures="modules, agents, tools, adapters, models that nothing below them shows",
    install=install,
)


@hookimpl
def agentops_instrumentation() -> Bridge:
    """What this plugin observes."""
    return BRIDGE
