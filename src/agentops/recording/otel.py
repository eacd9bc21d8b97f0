"""OpenTelemetry around us: we are a guest in a program that has a tracer provider, and listen in one that has none.

The global provider is never ours: a program may set its own at any time, before or after `init`. While there is none,
the tracers that OpenTelemetry's API hands out record into the session; once there is one, they are its own, and a
span processor tells us of what ends.
"""

from __future__ import annotations

import functools
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from opentelemetry import trace as otel
from opentelemetry.trace import ProxyTracer, ProxyTracerProvider

from agentops.recording.context import is_suppressed
from agentops.recording.guard import guarded
from agentops.recording.guests import GuestSpan, guest_template, is_model_call, surroundings
from agentops.recording.recorder import active

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from opentelemetry.context.context import Context


def join(native_scopes: frozenset[str]) -> Callable[[], None]:
    """Listen to OpenTelemetry's API from now on; the function that is given back ends that.

    Args:
        native_scopes: scopes under which libraries tell of calls that we observe ourselves.
    """
    listener = Listener(native_scopes)
    listener.look()
    undo = [
        _put(ProxyTracer, "start_span", listener.start_span),
        _put(ProxyTracer, "start_as_current_span", listener.start_as_current_span),
        _put(ProxyTracerProvider, "get_tracer", listener.get_tracer),
        _put(otel, "set_tracer_provider", listener.set_tracer_provider),
    ]

    def leave() -> None:
        listener.is_listening = False
        for restore in undo:
            restore()

    return leave


def _put(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], None]:
    original = vars(owner)[name]
    replacement = functools.wraps(original)(make(original))
    setattr(owner, name, replacement)

    def restore() -> None:
        if vars(owner).get(name) is replacement:
            setattr(owner, name, original)

    return restore


class Listener:
    """What stands between OpenTelemetry's API and the recorder."""

    def __init__(self, native_scopes: frozenset[str]) -> None:
        self.is_listening = True
        self._native_scopes = native_scopes
        self._scopes: weakref.WeakKeyDictionary[ProxyTracer, str] = weakref.WeakKeyDictionary()
        self._attended: weakref.WeakSet[Any] = weakref.WeakSet()

    def look(self) -> bool:
        """Whether the program has a tracer provider of its own; if so, it tells us of spans."""
        provider = otel.get_tracer_provider()
        if isinstance(provider, (ProxyTracerProvider, otel.NoOpTracerProvider)):
            return False
        if provider not in self._attended and hasattr(provider, "add_span_processor"):
            with guarded("joining the program's tracer provider"):
                from agentops.recording.processor import GuestProcessor  # noqa: PLC0415 - the program has the SDK

                provider.add_span_processor(GuestProcessor(self._native_scopes, lambda: self.is_listening))  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
                self._attended.add(provider)
        return True

    def set_tracer_provider(self, original: Any) -> Any:
        """`opentelemetry.trace.set_tracer_provider`, noticed."""

        def set_tracer_provider(tracer_provider: Any) -> None:
            original(tracer_provider)
            if self.is_listening:
                self.look()

        return set_tracer_provider

    def get_tracer(self, original: Any) -> Any:
        """`ProxyTracerProvider.get_tracer`, with the scope noted."""

        def get_tracer(provider: Any, instrumenting_module_name: str, *args: Any, **kwargs: Any) -> Any:
            tracer = original(provider, instrumenting_module_name, *args, **kwargs)
            if isinstance(tracer, ProxyTracer):
                self._scopes[tracer] = instrumenting_module_name
            return tracer

        return get_tracer

    def start_span(self, original: Any) -> Any:
        """`ProxyTracer.start_span`, recording while the program has no provider."""

        def start_span(tracer: Any, name: str, context: Any = None, *args: Any, **kwargs: Any) -> Any:
            span = None
            if self.is_listening and not self.look():
                with guarded("opening another library's span"):
                    span = self._open(tracer, name, context, *args, **kwargs)
            return original(tracer, name, context, *args, **kwargs) if span is None else span

        return start_span

    def start_as_current_span(self, original: Any) -> Any:
        """`ProxyTracer.start_as_current_span`, recording while the program has no provider."""

        @contextmanager
        def start_as_current_span(
            tracer: Any,
            *args: Any,
            record_exception: bool = True,
            set_status_on_exception: bool = True,
            end_on_exit: bool = True,
            **kwargs: Any,
        ) -> Generator[Any]:
            span = tracer.start_span(*args, **kwargs)
            with otel.use_span(
                span,
                end_on_exit=end_on_exit,
                record_exception=record_exception,
                set_status_on_exception=set_status_on_exception,
            ):
                yield span

        return start_as_current_span

    def _open(
        self,
        tracer: Any,
        name: str,
        context: Context | None,
        kind: object = None,  # noqa: ARG002 - OpenTelemetry's signature
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        **_: Any,
    ) -> otel.Span | None:
        recorder = active.recorder
        if recorder is None or is_suppressed():
            return None
        trace, parent = surroundings(recorder, context)
        if trace is None:
            return None
        scope = self._scopes.get(tracer, "")
        if scope in self._native_scopes and is_model_call(parent):
            return otel.INVALID_SPAN
        span = GuestSpan()
        span.recorder = recorder
        span.extra = None
        span.template = guest_template(name, scope)
        span.trace = trace
        span.parent = parent
        span.agent = parent.agent
        span.id = recorder.new_id()
        span.token = None
        span.scope = scope
        span.started = start_time or recorder.clock.now()
        span.set_attributes(attributes or {})
        for link in links or ():
            span.add_link(link.context)
        return span
