"""Observes `openai-agents`: workflows, agents, tools, handoffs, guardrails, by its own tracing.

The library tells trace processors of everything that it does: https://openai.github.io/openai-agents-python/tracing/.
Ours stands beside the others, also after the program chose its own; the one that exports to OpenAI is not touched.
Model calls are what the plugin of the client says; a span of the library is recorded for one only where no observed
client made it. Where tracing is off, a run is one agent around its model calls.

It is longer than most, since the library keeps its processors in an object that it makes when it first needs it.
"""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final

from agentops.domain import semconv
from agentops.domain.foreign import at, plain, text
from agentops.domain.genai import AgentRequest, AgentResponse, Response
from agentops.domain.spans import SpanKind
from agentops.instrumentation.callbacks.runs import Runs
from agentops.instrumentation.target import Arguments, Bridge, Emitter, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._openai_agents_steps import HIDDEN, answered_of, asked_of

_SETUP: Final = "agents.tracing.setup"
_PROVIDER: Final = "GLOBAL_TRACE_PROVIDER"


class Processor:
    """What the library tells of, as runs; also what it expects of a `TracingProcessor`."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._around: dict[str, BaseException | None] = {}

    def on_trace_start(self, trace: Any) -> None:
        """A workflow begins."""
        group = text(trace, "group_id")
        request = AgentRequest(
            name=text(trace, "name") or "Agent workflow",
            attributes={semconv.CONVERSATION_ID: group} if group else {},
        )
        self._runs.open(trace.trace_id, None, request, kind=SpanKind.WORKFLOW, stays=True)

    def on_trace_end(self, trace: Any) -> None:
        """A workflow has ended."""
        self._runs.finish(trace.trace_id)

    def on_span_start(self, span: Any) -> None:
        """A step begins."""
        parent = text(span, "parent_id") or text(span, "trace_id")
        if span.span_data.type in HIDDEN:
            self._runs.hide(span.span_id, parent)
            return
        self._around[span.span_id] = sys.exception()
        request, kind = asked_of(span.span_data)
        self._runs.open(span.span_id, parent, request, kind=kind, stays=True)

    def on_span_end(self, span: Any) -> None:
        """A step has ended: well, with an exception that passes through it, or with an error that an agent was told."""
        around, raised = self._around.pop(span.span_id, None), sys.exception()
        response = answered_of(span.span_data, at(span, "error"))
        if raised is not None and raised is not around and not isinstance(raised, GeneratorExit):
            self._runs.fail(span.span_id, raised, response if isinstance(response, Response) else None)
        else:
            self._runs.finish(span.span_id, response)

    def shutdown(self, timeout: float | None = None) -> None:
        """Nothing is held back."""

    def force_flush(self) -> None:
        """Nothing is held back."""


def install(emitter: Emitter) -> Callable[[], None]:
    """Take part in the library's tracing, whenever it begins to trace and whatever processors the program chooses."""
    kept: Any = import_module("agents.tracing.provider").SynchronousMultiTracingProcessor
    interface: Any = import_module("agents.tracing.processor_interface").TracingProcessor
    setup = import_module(_SETUP)
    processor = type("AgentopsProcessor", (Processor, interface), {})(Runs(emitter))
    make, choose = kept.__init__, kept.set_processors

    def begin(self: Any) -> None:
        make(self)
        self.add_tracing_processor(processor)

    def choose_also(self: Any, processors: list[Any]) -> None:
        choose(self, [*processors, processor])

    def current() -> Any:
        return at(setup, _PROVIDER, "_multi_processor")

    kept.__init__, kept.set_processors = begin, choose_also
    if current() is not None:
        current().add_tracing_processor(processor)

    def uninstall() -> None:
        kept.__init__, kept.set_processors = make, choose
        if current() is not None:
            left = [each for each in current()._processors if each is not processor]  # noqa: SLF001 - not to be asked
            choose(current(), left)

    return uninstall


def is_silent(arguments: Arguments) -> bool:
    """Whether a run is not traced: https://openai.github.io/openai-agents-python/tracing/#tracing."""
    if at(arguments.get("run_config"), "tracing_disabled") is True:
        return True
    provider = at(sys.modules.get(_SETUP), _PROVIDER)
    decided = (at(provider, name) for name in ("_manual_disabled", "_env_disabled"))
    by_setting = os.environ.get("OPENAI_AGENTS_DISABLE_TRACING", "").lower() in {"true", "1"}
    otherwise = by_setting or at(provider, "_disabled") is True
    return next((is_off for is_off in decided if isinstance(is_off, bool)), otherwise)


_RUN: Final = Reader(
    read_request=lambda arguments: AgentRequest(
        name=text(arguments.get("starting_agent", 0), "name") or "agent", input=plain(arguments.get("input", 1))
    ),
    read_response=lambda result: AgentResponse(output=plain(at(result, "final_output"))),
)

BRIDGE: Final = Bridge(
    library="agents",
    module="agents.tracing",
    distribution="openai-agents",
    versions=">=0.2,<1",
    captures="workflows, agents, tools, handoffs, guardrails, MCP tool lists",
    install=install,
)

UNTRACED: Final = Instrumentation(
    library="agents",
    distribution="openai-agents",
    versions=">=0.2,<1",
    targets=[
        Target(path="agents.run:AgentRunner.run", reader=lambda arguments: _RUN if is_silent(arguments) else None),
    ],
)


@hookimpl
def agentops_instrumentation() -> Sequence[Bridge | Instrumentation]:
    """What the library traces, and runs that it does not trace."""
    return BRIDGE, UNTRACED
