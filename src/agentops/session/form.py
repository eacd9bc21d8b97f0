"""A session around each call of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops.domain.states import EndState
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops.session.manager import SessionManager
    from agentops.session.session import Session


class SessionForm:
    """Opens a session for each call, with the arguments it was called with, and ends it by how the call ended."""

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        *,
        bound: int = 0,
        tags: Sequence[str] = (),
        manager: Callable[[], SessionManager | None],
    ) -> None:
        self._name = name
        self._parameters = parameters
        self._bound = bound
        self._tags = tags
        self._manager = manager

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Session | None:
        """Start a session."""
        with guarded(f"starting session {self._name}"):
            manager = self._manager()
            if manager is not None:
                positional = args[self._bound :]
                arguments: dict[str, Any] = dict(zip(self._parameters, positional, strict=False))
                if len(positional) > len(self._parameters):
                    arguments["*"] = positional[len(self._parameters) :]
                return manager.make(self._name, self._tags).start({**arguments, **kwargs})
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

    def abandon(self, observation: Session, result: Any) -> None:
        """End it undecided: its generator was closed before its end."""
        with guarded(f"ending session {self._name}"):
            observation.end(EndState.INDETERMINATE, "the generator was closed before its end")
