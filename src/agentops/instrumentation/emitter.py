"""What bridges speak to: a library's own callbacks, recorded as spans."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from agentops.instrumentation.exchange import close_span, open_span
from agentops.recording.context import SPAN_KEY, attached, enter, is_suppressed, leave, stay, step_aside
from agentops.recording.guard import guarded
from agentops.recording.recorder import active

if TYPE_CHECKING:
    from collections.abc import Generator

    from agentops.domain.spans import SpanKind
    from agentops.instrumentation.target import AnyRequest, AnyResponse, Emission
    from agentops.recording.passing import Passing
    from agentops.recording.span import Span


class SpanEmission:
    """One stretch of work that callbacks tell of; see `Emission`."""

    def __init__(self, span: Span | None, request: AnyRequest) -> None:
        self.span = span
        self._request = request
        self._passing: Passing | None = None

    @contextmanager
    def active(self) -> Generator[None]:
        """Make it current for the block."""
        token = None if self.span is None else enter(self.span)
        try:
            yield
        finally:
            if token is not None:
                leave(token)

    def stay(self) -> None:
        """Make it current from here on, until it ends or steps aside."""
        if self.span is not None:
            self._passing = stay(self.span)

    def step_aside(self) -> None:
        """What runs here now is not part of it."""
        if self._passing is not None:
            step_aside(self._passing)
            self._passing = None

    def answering(self) -> None:
        """The first of what a model answers is there."""
        span = self.span
        if span is not None and span.recorder is not None and span.details.first_token is None:
            span.details.first_token = span.recorder.clock.now()

    def finish(self, response: AnyResponse | None = None) -> None:
        """It went well."""
        self.step_aside()
        if self.span is not None:
            with guarded("ending what a callback told of"):
                close_span(self.span, self._request, response)

    def fail(self, error: BaseException) -> None:
        """It went wrong."""
        self.step_aside()
        if self.span is not None:
            with guarded("ending what a callback told of"):
                self.span.fail(error)
                self.span.end()


class SpanEmitter:
    """Opens spans for the callbacks of one library; see `Emitter`."""

    def __init__(self, source: str) -> None:
        self._source = source

    def open(
        self,
        request: AnyRequest,
        *,
        name: str | None = None,
        kind: SpanKind | None = None,
        parent: Emission | None = None,
    ) -> SpanEmission:
        """Something begins; without a session to take it, what follows is ignored."""
        recorder = active.recorder or active.wake()
        span = None
        if recorder is not None and not is_suppressed():
            above = parent.span if isinstance(parent, SpanEmission) else None
            with (
                guarded("opening what a callback told of"),
                nullcontext() if above is None else attached({SPAN_KEY: above}),
            ):
                span = open_span(recorder, request, source=self._source, name=name, kind=kind)
        return SpanEmission(span, request)
