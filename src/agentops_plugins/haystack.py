"""Pipelines, components, agents and tools of Haystack, by what it tells its tracer.

Haystack has one tracer: the program's, or one that does nothing. We listen in front of it, so that the program's stays
where it is and is told the same. https://docs.haystack.deepset.ai/docs/tracing
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from opentelemetry import trace as otel

from agentops.domain.foreign import text
from agentops.instrumentation.callbacks.runs import Runs
from agentops.instrumentation.target import Bridge, Emitter, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._haystack_spans import Told, inside
from agentops_plugins._haystack_values import read_result, read_tool


def install(emitter: Emitter) -> Callable[[], None]:
    """Listen in front of whatever tracer Haystack has."""
    tracing: Any = import_module("haystack.tracing.tracer")
    _disable_idle(tracing)
    proxy = tracing.ProxyTracer
    runs, trace = Runs(emitter), proxy.trace

    @contextmanager
    def listen(self: Any, operation_name: str, tags: Any = None, parent_span: Any = None) -> Generator[Any]:
        told = Told(runs, operation_name, tags, parent_span)
        outer, component = inside.get(), text(tags, "haystack.component.type")
        theirs = parent_span.span if type(parent_span) is Told else parent_span
        try:
            with trace(self, operation_name, tags=tags, parent_span=theirs) as told.span:
                inside.set(component)
                yield told
        except BaseException as error:
            told.fail(error)
            raise
        else:
            told.finish()
        finally:
            inside.set(outer)

    proxy.trace = listen

    def uninstall() -> None:
        if proxy.trace is listen:
            proxy.trace = trace

    return uninstall


def _disable_idle(tracing: Any) -> None:
    """Haystack 2 turns a tracer on if OpenTelemetry's spans are recorded; where only we do that, off again."""
    is_automatic = type(tracing.tracer.actual_tracer).__name__ == "OpenTelemetryTracer"
    if is_automatic and type(otel.get_tracer_provider()).__name__ == "ProxyTracerProvider":
        tracing.disable_tracing()


VERSIONS: Final = ">=2.13,<4"
BRIDGE = Bridge(
    library="haystack",
    distribution="haystack-ai",
    versions=VERSIONS,
    captures="pipelines, components, agents, retrievals, models and embedders that nothing below them shows",
    native_scopes=("haystack",),
    install=install,
)
TOOL: Final = Reader(read_request=read_tool, read_response=read_result)
TOOLS = Instrumentation(
    library="haystack",
    distribution="haystack-ai",
    versions=VERSIONS,
    captures="tools",
    targets=[
        Target(path="haystack.tools.tool:Tool.invoke", reader=TOOL),
        Target(path="haystack.tools.tool:Tool.invoke_async", reader=TOOL, opaque=True),
    ],
)


@hookimpl
def agentops_instrumentation() -> list[Bridge | Instrumentation]:
    """What this plugin observes."""
    return [BRIDGE, TOOLS]
