"""The decorators of AgentOps 0.3 that make an event of each call: here, a span of the same kind."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from agentops.client import sessions, state
from agentops.domain.spans import SpanKind
from agentops.instrumentation.arguments import name_of, parameters_of
from agentops.instrumentation.forms import SpanForm
from agentops.instrumentation.observed import decorate
from agentops.recording.context import current_trace
from agentops.recording.guard import guarded, logger
from agentops.session.registry import use_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agentops.recording.span import Span
    from agentops.session.registry import Scope
    from agentops.session.session import Session

SCREENSHOT: Final = "event.screenshot"
"""The attribute of an action that has one."""

_told: set[str] = set()


def record_action(event_name: Any = None) -> Any:
    """Makes an action of each call of a function: `@record_action("walk")`.

    The function takes one more keyword argument, `session=`, the session that the call belongs to. Where it is not
    given, that is the current one.

    Args:
        event_name: what the action is called; the name of the function if None.

    Raises:
        ValueError: when the function is called where several sessions were started side by side, without `session=`.
    """
    return _recorded("record_action", SpanKind.ACTION, event_name)


def record_tool(tool_name: Any = None) -> Any:
    """Makes a tool call of each call of a function: `@record_tool("search")`; otherwise as `record_action`.

    Args:
        tool_name: what the tool is called; the name of the function if None.

    Raises:
        ValueError: when the function is called where several sessions were started side by side, without `session=`.
    """
    return _recorded("record_tool", SpanKind.TOOL, tool_name)


def record_function(event_name: Any = None) -> Any:
    """The older name of `record_action`.

    Raises:
        ValueError: when the function is called where several sessions were started side by side, without `session=`.
    """
    if "record_function" not in _told:
        _told.add("record_function")
        logger.warning("record_function is the older name of record_action: use that, or agentops.task")
    return _recorded("record_action", SpanKind.ACTION, event_name)


def _recorded(decorator: str, kind: SpanKind, name: Any) -> Any:
    def recorded(function: Any) -> Any:
        return decorate(function, lambda inner, owner: _form(decorator, kind, title, inner, owner))

    title = name if isinstance(name, str) else None
    return recorded(name) if name is not None and title is None else recorded


def _form(
    decorator: str, kind: SpanKind, name: str | None, function: Callable[..., Any], owner: type | None
) -> RecordedForm:
    parameters, bound = parameters_of(function, owner)
    form = SpanForm(name or name_of(owner or function), kind, parameters, bound=bound)
    return RecordedForm(form, function, decorator=decorator)


class InSession:
    """One call, and what it takes to be in the session that its caller named.

    Attributes:
        span: the call's span.
        session: the session, where it is not the current one anyway.
        scope: where it is current; None while the call is not running.
    """

    __slots__ = ("scope", "session", "span")

    def __init__(self, session: Session | None) -> None:
        self.session = session
        self.scope: Scope | None = None
        self.span: Span | None = None
        self.enter()

    def enter(self) -> None:
        """Be in the session."""
        if self.session is not None:
            self.scope = use_session(self.session)

    def leave(self) -> None:
        """Be where the caller is."""
        if self.scope is not None:
            self.scope.end()
            self.scope = None


class RecordedForm:
    """Records each call in the session that it is given, with its arguments and their defaults."""

    def __init__(self, form: SpanForm, function: Callable[..., Any], *, decorator: str) -> None:
        """Describe the calls.

        Args:
            form: their spans.
            function: what is called.
            decorator: what the program has written over it.
        """
        self._form = form
        self._decorator = decorator
        known = _defaults_of(function)
        self._takes_session = "session" in known or "session" in form.parameters
        self._defaults = {name: value for name, value in known.items() if value is not inspect.Parameter.empty}

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> InSession | None:
        """Open the span in the session; what is not meant for the function is taken out of its arguments.

        Raises:
            ValueError: if it cannot be told in which session.
        """
        session: Any = kwargs.get("session") if self._takes_session else kwargs.pop("session", None)
        session = sessions.session_of(session)
        if session is None and _is_ambiguous():
            raise ValueError(
                "If multiple sessions exists, `session` is a required parameter in the function decorated by "
                f"@{self._decorator}"
            )
        if session is not None and session.telemetry.trace is current_trace():
            session = None
        call = None
        with guarded(f"beginning {self._form.name}"):
            call = InSession(session)
            call.span = self._form.begin(args, self._named(args, kwargs))
            if call.span is None:
                call.leave()
                return None
        return call

    def _named(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The keyword arguments, with the defaults of those that were not given."""
        given = {*self._form.parameters[: len(args) - self._form.bound], *kwargs}
        return {name: value for name, value in self._defaults.items() if name not in given} | kwargs

    def finish(self, observation: InSession, result: Any) -> None:
        """End it with what came back."""
        if observation.span is not None:
            with guarded("reading a screenshot"):
                screenshot = getattr(result, "screenshot", None)
                if isinstance(screenshot, str):
                    observation.span.set_attribute(SCREENSHOT, screenshot)
            self._form.finish(observation.span, result)
        observation.leave()

    def fail(self, observation: InSession, error: BaseException) -> None:
        """End it with what was raised."""
        if observation.span is not None:
            self._form.fail(observation.span, error)
        observation.leave()

    def pause(self, observation: InSession) -> None:
        """Step out of it while its generator is not running."""
        if observation.span is not None:
            self._form.pause(observation.span)
        observation.leave()

    def resume(self, observation: InSession) -> None:
        """Step back in."""
        observation.enter()
        if observation.span is not None:
            self._form.resume(observation.span)

    def abandon(self, observation: InSession, result: Any) -> None:
        """End it where its generator was closed before its end."""
        if observation.span is not None:
            self._form.abandon(observation.span, result)
        observation.leave()


def _defaults_of(function: Callable[..., Any]) -> Mapping[str, Any]:
    """The defaults of a function's parameters by name; `empty` of those that have none."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # something written in C
        return {}
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {parameter.name: parameter.default for parameter in parameters if parameter.kind not in variable}


def _is_ambiguous() -> bool:
    """Whether code that runs here may mean one of several sessions."""
    assembly = state.current.assembly
    if assembly is None:
        return False
    current = assembly.manager.registry.current()
    return len(assembly.manager.registry.active()) > 1 if current is None else current.is_beside
