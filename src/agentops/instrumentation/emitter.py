"""What bridges speak to: a library's own callbacks, recorded as spans."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from agentops.instrumentation.call import hides_transport, is_seen_again
from agentops.instrumentation.exchange import close_span, kind_of, open_span
from agentops.recording.context import (
    FALLBACK_KEY,
    SPAN_KEY,
    attached,
    current_call,
    enter,
    get_context,
    is_suppressed,
    leave,
    stay,
    step_aside,
)
from agentops.recording.fallback import Fallback, around_fallback, enter_fallback
from agentops.recording.guard import guarded
from agentops.recording.recorder import active

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from contextvars import Token

    from opentelemetry.context.context import Context

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


class FallbackEmission(SpanEmission):
    """A model call as a framework tells of it, recorded where it was not recorded further in."""

    def __init__(self, span: Fallback, request: AnyRequest) -> None:
        super().__init__(span, request)
        self.span: Fallback = span
        self._token: Token[Context] | None = None

    @contextmanager
    def active(self) -> Generator[None]:
        """Make it current for the block."""
        token = enter_fallback(self.span)
        try:
            yield
        finally:
            leave(token)

    def stay(self) -> None:
        """Make it current from here on, until it ends or steps aside."""
        self.span.stays = True
        self._token = enter_fallback(self.span)

    def step_aside(self) -> None:
        """What runs here now is not part of it."""
        self.span.stays = False
        token, self._token = self._token, None
        if token is not None and get_context().get(FALLBACK_KEY) is self.span:
            leave(token)

    def fail(self, error: BaseException) -> None:
        """It went wrong."""
        self.step_aside()
        with guarded("ending what a callback told of"):
            self.span.fail(error)
            close_span(self.span, self._request, None)


def emission_of(span: Span | None, request: AnyRequest) -> SpanEmission:
    """A span that is open, as what callbacks tell of."""
    return FallbackEmission(span, request) if type(span) is Fallback else SpanEmission(span, request)


class SpanEmitter:
    """Opens spans for the callbacks of one library; see `Emitter`."""

    def __init__(self, source: str) -> None:
        self._source = source

    def open(  # noqa: PLR0913 - what a callback says at once
        self,
        request: AnyRequest,
        *,
        name: str | None = None,
        kind: SpanKind | None = None,
        parent: Emission | None = None,
        attributes: Mapping[str, Any] | None = None,
        fallback: bool = False,
        opaque: bool = False,
        outgoing: bool = False,
    ) -> SpanEmission:
        """Something begins; without a session to take it, what follows is ignored."""
        recorder = active.recorder or active.relay or active.wake()
        span = None
        if recorder is not None and not is_suppressed():
            with guarded("opening what a callback told of"), attached(_inside(parent)):
                outer, kind = current_call(), kind or kind_of(request)
                is_hidden = outgoing and hides_transport(outer, recorder)
                if not (is_hidden or ((fallback or opaque) and is_seen_again(outer, kind))):
                    span = open_span(recorder, request, source=self._source, name=name, kind=kind, fallback=fallback)
                if span is not None:
                    span.opaque = opaque
                if span is not None and attributes:
                    span.details.attributes.update(attributes)
        return emission_of(span, request)


def _inside(parent: Emission | None) -> dict[str, object]:
    """What to attach for what happens in an emission; nothing where that was not recorded."""
    if isinstance(parent, FallbackEmission):
        return around_fallback(parent.span)
    span = parent.span if isinstance(parent, SpanEmission) else None
    return {} if span is None else {SPAN_KEY: span}
