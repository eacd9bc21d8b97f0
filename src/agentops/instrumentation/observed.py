"""One use of a decorator: around a function or a class, or as a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from agentops.domain import semconv
from agentops.domain.foreign import plain
from agentops.domain.spans import SpanKind
from agentops.instrumentation.arguments import name_of, parameters_of
from agentops.instrumentation.blocks import Block, take
from agentops.instrumentation.classes import observe_class
from agentops.instrumentation.forms import SpanForm
from agentops.instrumentation.functions import observe_function
from agentops.instrumentation.handmade import HandmadeCall, ModelForm, open_call
from agentops.instrumentation.withheld import withhold
from agentops.recording.capture import encode
from agentops.recording.context import current_span, enter, leave
from agentops.recording.guard import guarded
from agentops.recording.recorder import active
from agentops.recording.span import SilentSpan, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from agentops.instrumentation.forms import Form

Decorated = TypeVar("Decorated")


class Observed(Block["Span | SilentSpan"]):
    """Waits for what it decorates, or for the block that it opens.

    As a context manager it gives the span, on which `set_attribute` and `set_output` note more.
    """

    def __init__(  # noqa: PLR0913 - what decorators may say
        self,
        kind: SpanKind,
        name: str | None,
        *,
        input: Any = None,  # noqa: A002 - the decorators' word
        model: str | None = None,
        attributes: Mapping[str, Any],
        request: bool = True,
        response: bool = True,
    ) -> None:
        """Say what is to be recorded.

        Args:
            kind: what it is about.
            name: what it is called; None: as what is decorated.
            input: what goes into the block.
            model: which model is called, of model calls.
            attributes: what else to keep; None is not kept.
            request: whether the arguments of a function are recorded.
            response: whether its results are.
        """
        self._kind = kind
        self._name = name
        self._input = input
        self._model = model
        self._attributes = {key: plain(value) for key, value in attributes.items() if value is not None}
        self._captured = request, response
        self._open: list[Span | HandmadeCall | None] = []

    def __call__(self, decorated: Decorated) -> Decorated:
        """Decorate a function, a method of any kind, or a class."""
        return cast("Decorated", decorate(decorated, self._form))

    def _form(self, function: Callable[..., Any], owner: type | None) -> Form[Any]:
        parameters, bound = parameters_of(function, owner)
        attributes = dict(self._attributes)
        if owner is not None:
            attributes[semconv.CODE_FUNCTION] = name_of(function)
        name = self._name or name_of(owner or function)
        if self._kind is SpanKind.LLM:
            form = ModelForm(name, parameters, bound=bound, model=self._model, attributes=attributes)
        else:
            form = SpanForm(name, self._kind, parameters, bound=bound, attributes=attributes)
        return withhold(form, request=self._captured[0], response=self._captured[1])

    def __enter__(self) -> Span | SilentSpan:
        begun = None
        with guarded(f"beginning {self._name}"):
            begun = self._begin()
        self._open.append(begun)
        return SilentSpan() if begun is None else begun.span if isinstance(begun, HandmadeCall) else begun

    def _begin(self) -> Span | HandmadeCall | None:
        recorder = active.recorder or active.wake()
        if recorder is None:
            return None
        name = self._name or str(self._kind)
        if self._kind is SpanKind.LLM:
            return open_call(recorder, name, self._input, model=self._model, attributes=self._attributes)
        template = recorder.template(name, self._kind, attributes=self._attributes)
        span = recorder.open(template, encode(self._input) if recorder.content and self._input is not None else b"")
        if span is not None:
            span.token = enter(span)
        return span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        begun = take(self._open, self._is_current)
        if begun is None:
            return
        with guarded(f"finishing {self._name}"):
            if isinstance(begun, HandmadeCall):
                begun.close(error)
                return
            if begun.token is not None:
                leave(begun.token)
            if error is not None:
                begun.fail(error)
            begun.end()

    def _is_current(self, begun: Span | HandmadeCall | None) -> bool:
        return begun is not None and (begun.span if isinstance(begun, HandmadeCall) else begun) is current_span()


def decorate(decorated: Any, form_of: Callable[[Callable[..., Any], type | None], Form[Any]]) -> Any:
    """What is decorated, observed: a function, a class, or the function inside a descriptor.

    Raises:
        TypeError: if it is none of these.
    """
    if isinstance(decorated, (classmethod, staticmethod)):
        descriptor = cast("classmethod[Any, Any, Any] | staticmethod[Any, Any]", decorated)
        kind: Any = type(descriptor)
        return kind(decorate(descriptor.__func__, form_of))
    if isinstance(decorated, property):
        getter, setter, deleter = decorated.fget, decorated.fset, decorated.fdel
        return property(None if getter is None else decorate(getter, form_of), setter, deleter, decorated.__doc__)
    if isinstance(decorated, type):
        return observe_class(decorated, lambda method: form_of(method, decorated))
    if not callable(decorated):
        raise TypeError(f"this decorator is for functions and classes, not for {decorated!r}")
    return observe_function(decorated, form_of(decorated, None))
