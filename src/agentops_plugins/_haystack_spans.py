"""Spans of Haystack's tracer that tell us what they are told."""

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from agentops.domain.foreign import at
from agentops.instrumentation.callbacks.runs import Runs
from agentops_plugins._haystack_values import AGENT, PIPELINES, answered, asked

if TYPE_CHECKING:
    from agentops.instrumentation.target import AnyRequest, AnyResponse

inside: Final[ContextVar[str | None]] = ContextVar("agentops_haystack", default=None)
"""The type of the component that runs here."""


class Told:
    """A span of Haystack's tracer, which is told what it always was, and tells us."""

    def __init__(self, runs: Runs, operation: str, tags: Any, parent: Any) -> None:
        self._runs = runs
        self._operation = operation
        self._tags = tags
        self._above = parent if type(parent) is Told else None
        self._request: AnyRequest | None = None
        self._response: AnyResponse | None = None
        self.span: Any = None
        self._is_told = operation == AGENT and inside.get() == "Agent"
        runs.hide(self, self._above)
        if operation in PIPELINES:
            self._begin(None)

    @property
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - nobody sets it
        """That of the span, for who asks."""
        return self.span.__class__

    def __getattr__(self, name: str) -> Any:
        return getattr(self.span, name)

    def set_content_tag(self, key: str, value: Any) -> None:
        """What goes in is told before the work begins, what comes out after it."""
        self.span.set_content_tag(key, value)
        if key.endswith(".input") and self._request is None:
            self._begin(value)
        elif key.endswith((".output", ".output_data")) and self._request is not None:
            self._response = answered(self._request, value)

    def _begin(self, inputs: Any) -> None:
        found = asked(self._operation, self._tags, inputs)
        if found is None or self._is_told:
            return
        self._request, kind = found
        self._runs.open(self, self._above, self._request, kind=kind, stays=True)

    def finish(self) -> None:
        """It went well; in older versions a pipeline's output is a tag that is filled meanwhile."""
        output = at(self._tags, "haystack.pipeline.output_data")
        if output is not None and self._request is not None and self._response is None:
            self._response = answered(self._request, output)
        self._runs.finish(self, self._response)

    def fail(self, error: BaseException) -> None:
        """It went wrong."""
        self._runs.fail(self, error)
