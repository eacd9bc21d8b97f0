"""OpenTelemetry around us: we are a guest in a program that has a tracer provider, and listen in one that has none.

The global provider is never ours: a program may set its own at any time, before or after `init`. While there is none,
the tracers that OpenTelemetry's API hands out record into the session; once there is one, they are its own, and a
span processor tells us of what ends.
"""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

from opentelemetry import trace as otel
from opentelemetry.context.context import Context
from opentelemetry.trace import ProxyTracer, ProxyTracerProvider

from agentops.recording.context import is_suppressed
from agentops.recording.guard import guarded
from agentops.recording.guests import open_guest
from agentops.recording.recorder import active
from agentops.recording.sampling import sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from agentops.recording.processor import GuestProcessor

_SETTER: Final = "_set_tracer_provider" if hasattr(otel, "_set_tracer_provider") else "set_tracer_provider"
"""What notices a new provider, also where a program imported `set_tracer_provider` before we came."""

_PROVIDER_VARIABLE: Final = "OTEL_PYTHON_TRACER_PROVIDER"
"""Names the provider that OpenTelemetry's API loads when it is first asked for one."""

ROOT_NAME: Final = "session"
"""Of the span that a sampler is asked about."""

_processors: WeakKeyDictionary[Any, GuestProcessor] = WeakKeyDictionary()
"""Ours, by the provider they belong to: a processor cannot be taken out, so the next `init` uses it again."""


def join(native_scopes: Mapping[str, str]) -> Callable[[], None]:
    """Listen to OpenTelemetry's API from now on; the function that is given back ends that.

    Args:
        native_scopes: scopes under which libraries tell of what we observe ourselves, each with the source of our
            spans; looked into each time, as more may come.
    """
    listener = Listener(native_scopes)
    listener.is_alone()
    sampling.ask = listener.is_sampled
    undo = [
        _put(ProxyTracer, "start_span", listener.start_span),
        _put(ProxyTracer, "start_as_current_span", listener.start_as_current_span),
        _put(otel, _SETTER, listener.set_tracer_provider),
    ]

    def leave() -> None:
        listener.is_listening = False
        if sampling.ask == listener.is_sampled:
            sampling.ask = lambda _trace_id: None
        for restore in undo:
            restore()

    return leave


def _put(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], None]:
    original = cast("Any", vars(owner)[name])
    replacement: Any = functools.wraps(original)(make(original))
    setattr(owner, name, replacement)

    def restore() -> None:
        if vars(owner)[name] is replacement:
            setattr(owner, name, original)

    return restore


class Listener:
    """What stands between OpenTelemetry's API and the recorder."""

    def __init__(self, native_scopes: Mapping[str, str]) -> None:
        self.is_listening = True
        self._native_scopes = native_scopes

    def is_alone(self) -> bool:
        """Whether the program has no tracer provider of its own; one that is there tells us of spans from now on."""
        if os.environ.get(_PROVIDER_VARIABLE) and "opentelemetry.sdk.trace" not in sys.modules:
            return True  # to ask for it would load it
        provider: Any = otel.get_tracer_provider()
        if isinstance(provider, (ProxyTracerProvider, otel.NoOpTracerProvider)):
            return True
        if hasattr(provider, "add_span_processor"):
            with guarded("joining the program's tracer provider"):
                self._attend(provider)
        return False

    def is_sampled(self, trace_id: int) -> bool | None:
        """Whether the program's sampler takes a trace of this id; None where the program has none."""
        if self.is_alone():
            return None
        sampler: Any = getattr(otel.get_tracer_provider(), "sampler", None)
        if sampler is None:
            return None
        with guarded("asking the program's sampler"):
            return bool(sampler.should_sample(Context(), trace_id, ROOT_NAME).decision.is_sampled())
        return None

    def _attend(self, provider: Any) -> None:
        processor = _processors.get(provider)
        if processor is None:
            from agentops.recording.processor import GuestProcessor  # noqa: PLC0415 - the program has the SDK

            processor = _processors[provider] = GuestProcessor()
            provider.add_span_processor(processor)
        processor.native_scopes = self._native_scopes
        processor.is_listening = lambda: self.is_listening

    def set_tracer_provider(self, original: Any) -> Any:
        """What sets the global provider, noticed."""

        def set_tracer_provider(*args: Any, **kwargs: Any) -> None:
            original(*args, **kwargs)
            if self.is_listening:
                self.is_alone()

        return set_tracer_provider

    def start_span(self, original: Any) -> Any:
        """`ProxyTracer.start_span`, recording while the program has no provider."""

        def start_span(tracer: Any, *args: Any, **kwargs: Any) -> Any:
            span = self._open(tracer, *args, **kwargs)
            return original(tracer, *args, **kwargs) if span is None else span

        return start_span

    def start_as_current_span(self, original: Any) -> Any:
        """`ProxyTracer.start_as_current_span`, recording while the program has no provider.

        Like OpenTelemetry's own it is a context manager that decorates coroutine functions too, hence of its class.
        """
        manager = type(otel.NoOpTracer().start_as_current_span(""))

        def body(tracer: Any, *args: Any, **kwargs: Any) -> Generator[Any]:
            started, used = _split(*args, **kwargs)
            span = self._open(tracer, **started)
            if span is None:
                with original(tracer, *args, **kwargs) as theirs:
                    yield theirs
            else:
                with otel.use_span(span, **used):
                    yield span

        def start_as_current_span(tracer: Any, *args: Any, **kwargs: Any) -> Any:
            return manager(body, (tracer, *args), kwargs)

        return start_as_current_span

    def _open(  # noqa: PLR0913, PLR0917 - OpenTelemetry's signature
        self,
        tracer: Any,
        name: str,
        context: Context | None = None,
        kind: object = None,  # noqa: ARG002 - the same
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        *_: Any,
        **__: Any,
    ) -> otel.Span | None:
        """A span of ours for another library's; None where it is not for us to record."""
        recorder = active.recorder
        if recorder is None or not self.is_listening or is_suppressed() or not self.is_alone():
            return None
        with guarded("opening another library's span"):
            scope = getattr(tracer, "_instrumenting_module_name", "")
            return open_guest(
                recorder,
                name,
                scope=scope,
                native_to=self._native_scopes.get(scope),
                context=context,
                attributes=attributes or {},
                links=links or (),
                start=start_time,
            )
        return None


def _split(  # noqa: PLR0913, PLR0917 - OpenTelemetry's signature
    name: str,
    context: Context | None = None,
    kind: object = None,
    attributes: Any = None,
    links: Any = None,
    start_time: int | None = None,
    record_exception: bool = True,  # noqa: FBT001, FBT002 - the same
    set_status_on_exception: bool = True,  # noqa: FBT001, FBT002 - the same
    end_on_exit: bool = True,  # noqa: FBT001, FBT002 - the same
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of `start_as_current_span`: those for starting the span, and those for using it."""
    started = {
        "name": name,
        "context": context,
        "kind": kind,
        "attributes": attributes,
        "links": links,
        "start_time": start_time,
    }
    used = {
        "end_on_exit": end_on_exit,
        "record_exception": record_exception,
        "set_status_on_exception": set_status_on_exception,
    }
    return started, used
