"""`track_agent` of AgentOps 0.3: what is decorated is an agent, and every object of a class one of its own."""

from __future__ import annotations

import functools
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import NAMESPACE_OID, uuid5

from agentops.client import sessions
from agentops.domain import semconv
from agentops.domain.spans import SpanKind
from agentops.instrumentation.arguments import name_of, parameters_of
from agentops.instrumentation.forms import SpanForm
from agentops.instrumentation.observed import decorate
from agentops.recording.guard import guarded, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.recording.span import Span
    from agentops.session.session import Session

_NAME = "_agentops_agent_name"
_ID = "_agentops_agent_id"

Tracked = TypeVar("Tracked")


def track_agent(name: Any = None) -> Any:
    """An agent: a function, or a class whose objects are agents, each with a name of its own.

    Objects have `agentops_agent_name`, which is the keyword argument `agentops_name=` of their construction, the name
    given here, their `role`, or the name of the class, and `agentops_agent_id`. What happens in their methods is
    attributed to them.

    Args:
        name: what the agent is called.

    Raises:
        TypeError: if what is decorated is neither a function nor a class.
    """
    title = name if isinstance(name, str) else None
    return _track(name, None) if name is not None and title is None else functools.partial(_track, name=title)


def _track(tracked: Tracked, name: str | None) -> Tracked:
    if isinstance(tracked, type):
        _name_objects(tracked, name)
        with guarded("observing an agent"):
            decorate(tracked, lambda method, owner: AgentForm(method, owner, name))
        return tracked
    observed: Any = decorate(tracked, lambda function, owner: AgentForm(function, owner, name))
    with suppress(AttributeError):
        observed.agentops_agent_name = name or name_of(tracked)
        observed.agentops_agent_id = id_of(observed.agentops_agent_name)
    return observed


def _name_objects(tracked: type, name: str | None) -> None:
    """Let objects of a class know what they are called as agents."""
    construct: Callable[..., None] = tracked.__init__

    @functools.wraps(construct)
    def construct_named(self: object, *args: Any, **kwargs: Any) -> None:
        said = kwargs.pop("agentops_name", None)
        construct(self, *args, **kwargs)
        with guarded("making an agent known"):
            if said is not None:
                _keep(self, _NAME, str(said))
            session = sessions.session_of(kwargs.get("session")) or sessions.current_session()
            if session is not None and not session.state.is_terminal:
                session.create_agent(agent_name(self, name))

    members: dict[str, Any] = {
        "__init__": construct_named,
        "agentops_agent_name": property(
            lambda self: agent_name(self, name), lambda self, value: _keep(self, _NAME, value), doc="What it is called."
        ),
        "agentops_agent_id": property(
            lambda self: getattr(self, _ID, None) or id_of(agent_name(self, name)),
            lambda self, value: _keep(self, _ID, value),
            doc="Its id in the current session.",
        ),
    }
    for member, value in members.items():
        setattr(tracked, member, value)


def _keep(agent: object, name: str, value: Any) -> None:
    """Set an attribute, whatever the object's class says of attributes it does not know."""
    with suppress(AttributeError):  # it has slots
        object.__setattr__(agent, name, value)


def agent_name(agent: object, name: str | None) -> str:
    """What an object is called as an agent: as it was told, as its class was, by its role, by its class."""
    said = vars(agent).get(_NAME) if hasattr(agent, "__dict__") else None
    return text_of(said or name or getattr(agent, "role", None) or type(agent).__name__)


def id_of(name: str) -> str:
    """The id of the agent of this name in the current session; one that depends on the name alone where none is."""
    session: Session | None = sessions.current_session()
    if session is None or session.state.is_terminal:
        return str(uuid5(NAMESPACE_OID, name))
    return session.create_agent(name)


class AgentForm:
    """A span of an agent around each call, under the name that the object has which is called."""

    def __init__(self, function: Callable[..., Any], owner: type | None, name: str | None) -> None:
        self._parameters, self._bound = parameters_of(function, owner)
        self._attributes = None if owner is None else {semconv.CODE_FUNCTION: name_of(function)}
        self._owned = owner is not None
        self._name = name
        self._title = name or name_of(owner or function)
        self._forms: dict[str, SpanForm] = {}
        self._form = self._form_of(self._title)

    def _form_of(self, title: str) -> SpanForm:
        form = self._forms.get(title)
        if form is None:
            form = SpanForm(title, SpanKind.AGENT, self._parameters, bound=self._bound, attributes=self._attributes)
            if len(self._forms) < FORMS:
                self._forms[title] = form
        return form

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Span | None:
        """Open the span."""
        form = self._form
        if self._owned and args:
            with guarded("asking an agent for its name"):
                form = self._form_of(agent_name(args[0], self._name))
        return form.begin(args, kwargs)

    def finish(self, observation: Span, result: Any) -> None:
        """End it with what came out."""
        self._form.finish(observation, result)

    def fail(self, observation: Span, error: BaseException) -> None:
        """End it with what was raised."""
        self._form.fail(observation, error)

    def pause(self, observation: Span) -> None:
        """Step out of it while its generator is not running."""
        self._form.pause(observation)

    def resume(self, observation: Span) -> None:
        """Step back in."""
        self._form.resume(observation)

    def abandon(self, observation: Span, result: Any) -> None:
        """End it where its generator was closed before its end."""
        self._form.abandon(observation, result)


FORMS = 1_000
"""Names of agents of one class whose forms are kept; further ones are made anew."""
