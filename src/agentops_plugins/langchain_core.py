"""Chains, agents, tools, retrievers and model calls of LangChain, by its callbacks.

Every callback manager asks LangChain's configure hooks for handlers. A hook is a context variable; with a default, it
holds in threads as well. https://reference.langchain.com/python/langchain_core/callbacks
"""

from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from agentops.instrumentation.callbacks.langchain import Callbacks
from agentops.instrumentation.callbacks.runs import Runs
from agentops.instrumentation.target import Bridge, Emitter
from agentops.plugins import hookimpl


def install(emitter: Emitter) -> Callable[[], None]:
    """Take part in every run; LangChain's managers import the module of the hooks before they ask for them."""
    hooks: Any = import_module("langchain_core.tracers.context")
    kind: Any = import_module("langchain_core.callbacks.base").BaseCallbackHandler
    handler = type("AgentopsCallbacks", (Callbacks, kind), {})(Runs(emitter))
    variable: ContextVar[Any] = ContextVar("agentops_langchain", default=handler)
    hooks.register_configure_hook(variable, inheritable=True)

    def uninstall() -> None:
        registered: list[Any] = hooks._configure_hooks  # noqa: SLF001 - LangChain has no way to take a hook out
        registered[:] = [hook for hook in registered if hook[0] is not variable]

    return uninstall


BRIDGE = Bridge(
    library="langchain_core",
    distribution="langchain-core",
    versions=">=0.3.40,<2",
    captures="chains, agents, tools, retrievers, models that nothing below them shows",
    module="langchain_core.tracers.context",
    install=install,
)


@hookimpl
def agentops_instrumentation() -> Bridge:
    """What this plugin observes."""
    return BRIDGE
