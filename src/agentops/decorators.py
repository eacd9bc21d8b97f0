"""Observed by hand: decorators for functions and classes that are also context managers for blocks.

`@tool`, `@tool(name="search")` and `with tool("search"):` say the same thing in three ways. What is decorated stays
what it is: the same kind of function, the same class object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from agentops import client
from agentops.domain.prices import amount_of
from agentops.domain.spans import SpanKind
from agentops.errors import ConfigurationError
from agentops.instrumentation.classes import observe_class
from agentops.instrumentation.forms import SpanForm
from agentops.instrumentation.functions import observe_function
from agentops.recording.capture import encode
from agentops.recording.context import enter, leave
from agentops.recording.guard import guarded
from agentops.recording.recorder import active
from agentops.recording.span import SilentSpan, Span
from agentops.session.form import SessionForm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal
    from types import TracebackType

    from agentops.instrumentation.forms import Form
    from agentops.session.session import Session

Decorated = TypeVar("Decorated")


class Observed:
    """One use of a decorator, waiting for what it decorates, or for the block that it opens.

    As a context manager it gives the span, on which `set_attribute` and `set_output` note more.
    """

    def __init__(self, kind: SpanKind, name: str | None, *, input: Any = None, attributes: dict[str, Any]) -> None:  # noqa: A002
        self._kind = kind
        self._name = name
        self._input = input
        self._attributes = attributes
        self._open: list[Span | SilentSpan] = []

    def __call__(self, decorated: Decorated) -> Decorated:
        """Decorate a function, a method of any kind, or a class."""
        return cast("Decorated", _decorate(decorated, self._form))

    def _form(self, function: Callable[..., Any], owner: type | None) -> SpanForm:
        parameters, bound = _parameters_of(function, owner)
        attributes = dict(self._attributes)
        if owner is not None:
            attributes["code.function.name"] = _name_of(function)
        name = self._name or _name_of(owner or function)
        return SpanForm(name, self._kind, parameters, bound=bound, attributes=attributes)

    def __enter__(self) -> Span | SilentSpan:
        span = self._begin()
        self._open.append(span)
        return span

    def _begin(self) -> Span | SilentSpan:
        with guarded(f"beginning {self._name}"):
            recorder = active.recorder or active.wake()
            if recorder is not None:
                template = recorder.template(self._name or str(self._kind), self._kind, attributes=self._attributes)
                data = encode(self._input) if recorder.content and self._input is not None else b""
                span = recorder.open(template, data)
                if span is not None:
                    span.token = enter(span)
                    return span
        return SilentSpan()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        span = self._open.pop()
        if isinstance(span, Span):
            with guarded(f"finishing {self._name}"):
                if span.token is not None:
                    leave(span.token)
                if error is not None:
                    span.fail(error)
                span.end()

    async def __aenter__(self) -> Span | SilentSpan:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


class ObservedSession:
    """One use of `session`, waiting for what it decorates, or for the block that it opens."""

    def __init__(self, name: str | None, tags: Iterable[str] | str | None) -> None:
        self._name = name
        self._tags = [tags] if isinstance(tags, str) else list(tags or ())
        self._open: list[Session] = []

    def __call__(self, decorated: Decorated) -> Decorated:
        """Decorate a function, a method of any kind, or a class."""
        return cast("Decorated", _decorate(decorated, self._form))

    def _form(self, function: Callable[..., Any], owner: type | None) -> SessionForm:
        parameters, bound = _parameters_of(function, owner)
        name = self._name or _name_of(owner or function)
        return SessionForm(name, parameters, bound=bound, tags=self._tags, manager=client.manager)

    def __enter__(self) -> Session:
        """Start the session.

        Raises:
            ConfigurationError: if recording is switched off, so that there is no session to give.
        """
        manager = client.manager()
        if manager is None:
            raise ConfigurationError("recording is off: a session needs agentops.init() with recording enabled")
        session = manager.make(self._name, self._tags).start()
        self._open.append(session)
        return session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session = self._open.pop()
        with guarded("ending a session"):
            session.close(error)

    async def __aenter__(self) -> Session:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def _decorate(decorated: Any, form_of: Callable[[Callable[..., Any], type | None], Form[Any]]) -> Any:
    """What is decorated, observed: a function, a class, or the function inside a descriptor.

    Raises:
        TypeError: if it is none of these.
    """
    if isinstance(decorated, (classmethod, staticmethod)):
        kind: Any = type(decorated)  # pyright: ignore[reportUnknownVariableType]
        return kind(_decorate(decorated.__func__, form_of))  # pyright: ignore[reportUnknownMemberType]
    if isinstance(decorated, property):
        getter, setter, deleter = decorated.fget, decorated.fset, decorated.fdel
        return property(None if getter is None else _decorate(getter, form_of), setter, deleter, decorated.__doc__)
    if isinstance(decorated, type):
        return observe_class(decorated, lambda method: form_of(method, decorated))
    if not callable(decorated):
        raise TypeError(f"this decorator is for functions and classes, not for {decorated!r}")
    return observe_function(decorated, form_of(decorated, None))


def _parameters_of(function: Callable[..., Any], owner: type | None) -> tuple[tuple[str, ...], int]:
    """The names of the positional parameters, without the object a method belongs to, and 1 where there is one."""
    code = getattr(function, "__code__", None)
    if code is None:
        return (), 0
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    scope = function.__qualname__.rpartition(".")[0]
    is_method = owner is not None or (bool(scope) and not scope.endswith("<locals>") and names[:1] in _OBJECTS)
    return (names[1:], 1) if is_method and names else (names, 0)


def _name_of(decorated: Any) -> str:
    return getattr(decorated, "__name__", type(decorated).__name__)


_OBJECTS = (("self",), ("cls",), ("mcs",))


def _observed(
    wrapped: Any,
    kind: SpanKind,
    name: str | None,
    attributes: dict[str, Any],
    input: Any = None,  # noqa: A002
) -> Any:
    """The decorator, the decorated or the block, by what stands in the first place."""
    if isinstance(wrapped, str):
        wrapped, name = None, wrapped
    kept = {key: value for key, value in attributes.items() if value is not None}
    use = Observed(kind, name, input=input, attributes=kept)
    return use if wrapped is None else use(wrapped)


def session(
    wrapped: Any = None, /, *, name: str | None = None, tags: Iterable[str] | str | None = None, **more: Any
) -> Any:
    """A session around each call of a function, or around a block: `with session("research", tags=["demo"]) as s:`.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what the session is called; the function's name if None.
        tags: words to find it by.
        more: accepted from AgentOps programs and without meaning here (`version`, `cost`, `spec`, ...).
    """
    if isinstance(wrapped, str):
        wrapped, name = None, wrapped
    use = ObservedSession(name, tags)
    return use if wrapped is None else use(wrapped)


def agent(
    wrapped: Any = None, /, *, name: str | None = None, input: Any = None, version: object = None, **more: Any
) -> Any:
    """An agent: a function, a class whose methods are its work, or a block. What happens inside is attributed to it.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what the agent is called; the name of the function or class if None.
        input: for a block: what went in.
        version: of the agent, kept as an attribute.
        more: further attributes.
    """
    return _observed(wrapped, SpanKind.AGENT, name, {"operation.version": version, **more}, input)


def workflow(
    wrapped: Any = None, /, *, name: str | None = None, input: Any = None, version: object = None, **more: Any
) -> Any:
    """A workflow: a function, class or block that leads through several steps; the parameters are those of `agent`."""
    return _observed(wrapped, SpanKind.WORKFLOW, name, {"operation.version": version, **more}, input)


def task(
    wrapped: Any = None, /, *, name: str | None = None, input: Any = None, version: object = None, **more: Any
) -> Any:
    """A task: a function, class or block that is one step; the parameters are those of `agent`."""
    return _observed(wrapped, SpanKind.TASK, name, {"operation.version": version, **more}, input)


operation = task
"""Another word for `task`, as in AgentOps."""


def tool(
    wrapped: Any = None,
    /,
    *,
    name: str | None = None,
    cost: float | Decimal | str | None = None,
    input: Any = None,  # noqa: A002
    version: object = None,
    **more: Any,
) -> Any:
    """A tool that agents use: a function, class or block. Each call counts as a tool call.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what the tool is called; the name of the function or class if None.
        cost: USD of each call, added to the session's cost.
        input: for a block: what went in.
        version: of the tool, kept as an attribute.
        more: further attributes.
    """
    return _observed(wrapped, SpanKind.TOOL, name, {"cost": _amount(cost), "operation.version": version, **more}, input)


def llm(
    wrapped: Any = None, /, *, name: str | None = None, model: str | None = None, input: Any = None, **more: Any
) -> Any:
    """A model call made by the program's own means: a function, class or block. Each call counts as an LLM call.

    Where an observed library makes the call inside, that one is the LLM call and this counts as an action.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what it is called; the name of the function or class if None.
        model: which model is called.
        input: for a block: what went in.
        more: further attributes.
    """
    return _observed(wrapped, SpanKind.LLM, name, {"gen_ai.request.model": model, **more}, input)


def guardrail(
    wrapped: Any = None, /, *, name: str | None = None, spec: str | None = None, input: Any = None, **more: Any
) -> Any:
    """A guardrail: a function, class or block that checks what goes in or comes out.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what it is called; the name of the function or class if None.
        spec: what it checks, `input` or `output`.
        input: for a block: what went in.
        more: further attributes.
    """
    return _observed(wrapped, SpanKind.GUARDRAIL, name, {"agentops.guardrail.spec": spec, **more}, input)


def span(name: str, *, kind: SpanKind | str = SpanKind.TASK, input: Any = None, **attributes: Any) -> Observed:  # noqa: A002
    """A stretch of work of any kind, as a block or decorator: `with agentops.span("parse", kind="task") as s:`.

    Args:
        name: what it is called.
        kind: what it is about.
        input: what went in.
        attributes: what else to keep.

    Raises:
        ValueError: if the kind is none of `SpanKind`.
    """
    return Observed(SpanKind(kind), name, input=input, attributes=attributes)


def _amount(cost: float | Decimal | str | None) -> str | None:
    """A cost as a decimal string.

    Raises:
        ConfigurationError: if it is no amount.
    """
    if cost is None:
        return None
    amount = amount_of(cost)
    if amount is None:
        raise ConfigurationError(f"cost={cost!r} is no amount of USD: pass a number or a decimal string")
    return f"{amount:f}"
