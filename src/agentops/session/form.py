"""A session around each call of a function, or around a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from agentops.domain.foreign import plain
from agentops.domain.states import EndState
from agentops.errors import ConfigurationError
from agentops.instrumentation.arguments import arguments_of, name_of, parameters_of
from agentops.instrumentation.blocks import Block, take
from agentops.instrumentation.observed import decorate
from agentops.instrumentation.withheld import withhold
from agentops.recording.context import current_trace
from agentops.recording.guard import guarded
from agentops.session.description import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from agentops.instrumentation.forms import Form
    from agentops.session.description import Tags
    from agentops.session.manager import SessionManager
    from agentops.session.session import Session

Decorated = TypeVar("Decorated")


class SessionForm:
    """Opens a session for each call, with the arguments it was called with, and ends it by how the call ended."""

    def __init__(  # noqa: PLR0913 - what decorators may say
        self,
        name: str,
        parameters: tuple[str, ...],
        *,
        bound: int = 0,
        tags: Sequence[str] = (),
        attributes: Mapping[str, Any] | None = None,
        manager: Callable[[], SessionManager | None],
    ) -> None:
        self._name = name
        self._parameters = parameters
        self._bound = bound
        self._tags = tags
        self._attributes = dict(attributes or {})
        self._manager = manager

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Session | None:
        """Start a session."""
        with guarded(f"starting session {self._name}"):
            manager = self._manager()
            if manager is not None:
                arguments = arguments_of(self._parameters, self._bound, args, kwargs)
                session = manager.make(self._name, self._tags).as_block()
                return session.start(arguments, self._attributes)
        return None

    def finish(self, observation: Session, result: Any) -> None:
        """End it well."""
        with guarded(f"ending session {self._name}"):
            observation.close(None, result)

    def fail(self, observation: Session, error: BaseException) -> None:
        """End it with what was raised."""
        with guarded(f"ending session {self._name}"):
            observation.close(error)

    def pause(self, observation: Session) -> None:
        """Step out of it while its generator is not running."""
        observation.pause()

    def resume(self, observation: Session) -> None:
        """Step back in."""
        observation.resume()

    def abandon(self, observation: Session, result: Any) -> None:  # noqa: ARG002 - the signature of forms
        """End it undecided: its generator was closed before its end."""
        with guarded(f"ending session {self._name}"):
            observation.end(EndState.INDETERMINATE, "the generator was closed before its end")


class ObservedSession(Block["Session"]):
    """One use of `session`, waiting for what it decorates, or for the block that it opens."""

    def __init__(  # noqa: PLR0913 - what decorators may say
        self,
        name: str | None,
        tags: Tags,
        manager: Callable[[], SessionManager | None],
        *,
        attributes: Mapping[str, Any],
        request: bool = True,
        response: bool = True,
    ) -> None:
        """See `agentops.session`.

        Args:
            name: what the session is called.
            tags: words to find it by.
            manager: gives what starts it.
            attributes: what else its own span carries; None is not kept.
            request: whether the arguments of a function are recorded.
            response: whether its results are.

        Raises:
            ConfigurationError: if tags are no words.
        """
        self._name = name
        self._tags = words(tags)
        self._manager = manager
        self._attributes = {key: plain(value) for key, value in attributes.items() if value is not None}
        self._captured = request, response
        self._open: list[Session] = []

    def __call__(self, decorated: Decorated) -> Decorated:
        """Decorate a function, a method of any kind, or a class."""
        return cast("Decorated", decorate(decorated, self._form))

    def _form(self, function: Callable[..., Any], owner: type | None) -> Form[Session]:
        parameters, bound = parameters_of(function, owner)
        name = self._name or name_of(owner or function)
        form = SessionForm(
            name, parameters, bound=bound, tags=self._tags, attributes=self._attributes, manager=self._manager
        )
        return withhold(form, request=self._captured[0], response=self._captured[1])

    def __enter__(self) -> Session:
        """Start the session.

        Raises:
            ConfigurationError: if recording is switched off, so that there is no session to give.
        """
        manager = self._manager()
        if manager is None:
            raise ConfigurationError("recording is off: a session needs agentops.init() with recording enabled")
        session = manager.make(self._name, self._tags).as_block().start(None, self._attributes)
        self._open.append(session)
        return session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session = take(self._open, self._is_current)
        with guarded("ending a session"):
            session.close(error)

    def _is_current(self, session: Session) -> bool:
        return session.telemetry.trace is current_trace()
