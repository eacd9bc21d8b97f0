"""Queries, retrievals, agents, workflows, tools and model calls of LlamaIndex, by its dispatcher.

https://developers.llamaindex.ai/python/framework/module_guides/observability/instrumentation
"""

from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import Any, Final

from agentops.domain.foreign import at, text
from agentops.domain.spans import SpanKind
from agentops.instrumentation.callbacks.runs import Runs
from agentops.instrumentation.target import AnyRequest, Bridge, Emitter
from agentops.plugins import hookimpl
from agentops_plugins._llama_index_values import answered, asked

_PIECES: Final = frozenset({"LLMChatInProgressEvent", "LLMCompletionInProgressEvent"})
_ENDS: Final = frozenset({"LLMChatEndEvent", "LLMCompletionEndEvent"})


class Calls:
    """What the dispatcher tells of spans and events, as runs; it meets both of the interfaces for handlers."""

    def __init__(self, runs: Runs) -> None:
        self.open_spans: dict[str, Any] = {}
        self._runs = runs
        self._requests: dict[str, AnyRequest] = {}

    def span_enter(
        self,
        id_: str,
        bound_args: Any,
        instance: Any = None,
        parent_id: str | None = None,
        **_more: Any,
    ) -> None:
        """A call begins; that of a workflow hands out at once what is awaited later, and nothing here is part of it."""
        found = asked(id_, instance, bound_args.arguments)
        if found is None:
            self._runs.hide(id_, parent_id)
            return
        request, kind = found
        if kind is SpanKind.WORKFLOW and self._runs.is_open(parent_id):
            kind = SpanKind.TASK
        self._requests[id_] = request
        stays = not id_.partition("-")[0].endswith(".run")
        self._runs.open(id_, parent_id, request, kind=kind, stays=stays)

    def span_exit(self, id_: str, result: Any = None, **_more: Any) -> None:
        """A call ends; a model that streams has not answered yet."""
        if not isinstance(result, (Iterator, AsyncIterator)):
            self._finish(id_, result)

    def span_drop(self, id_: str, err: BaseException | None = None, **_more: Any) -> None:
        """A call goes wrong."""
        self._requests.pop(id_, None)
        if err is None:
            self._runs.finish(id_)
        else:
            self._runs.fail(id_, err)

    def handle(self, event: Any, **_more: Any) -> None:
        """A model answers."""
        name, span_id = type(event).__name__, text(event, "span_id") or ""
        if name in _PIECES:
            self._runs.answering(span_id)
        elif name in _ENDS:
            self._finish(span_id, at(event, "response"))
        elif name == "ExceptionEvent":
            self.span_drop(span_id, err=at(event, "exception"))

    async def ahandle(self, event: Any, **_more: Any) -> None:
        """The same, where it is awaited."""
        self.handle(event)

    def capture_propagation_context(self) -> dict[str, Any]:
        """What goes along to other processes: nothing of ours."""
        return {}

    def restore_propagation_context(self, context: dict[str, Any]) -> None:
        """What came along from another process: nothing of ours."""

    def close(self) -> None:
        """The dispatcher is shut down."""

    def _finish(self, id_: str, result: Any) -> None:
        request = self._requests.pop(id_, None)
        self._runs.finish(id_, None if request is None else answered(request, result))


def install(emitter: Emitter) -> Callable[[], None]:
    """Be told of every span and event."""
    root: Any = import_module("llama_index.core.instrumentation").get_dispatcher()
    calls = Calls(Runs(emitter))
    root.add_span_handler(calls)
    root.add_event_handler(calls)

    def uninstall() -> None:
        for handlers in (root.span_handlers, root.event_handlers):
            handlers[:] = [handler for handler in handlers if handler is not calls]

    return uninstall


BRIDGE = Bridge(
    library="llama_index",
    distribution="llama-index-core",
    versions=">=0.12.30,<0.15",
    captures="queries, retrievals, agents, workflows, tools, models and embedders that nothing below them shows",
    module="llama_index.core.instrumentation",
    install=install,
)


@hookimpl
def agentops_instrumentation() -> Bridge:
    """What this plugin observes."""
    return BRIDGE
