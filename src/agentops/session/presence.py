"""Where a session is current: from its start to its end, but for the times that its function is not running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops.recording.context import current_trace, enter_trace, leave, leave_trace

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context.context import Context

    from agentops.recording.trace import Trace
    from agentops.session.registry import Registry


class Presence:
    """One session's place among what is current.

    Attributes:
        is_block: whether it is for a block or a function, so that code in there means this session.
    """

    def __init__(self, trace: Trace) -> None:
        self.is_block = False
        self._trace = trace
        self._around: Trace | None = None
        self._token: Token[Context] | None = None

    def begin(self) -> None:
        """It is current here."""
        self._around = current_trace()
        self.resume()

    def pause(self) -> None:
        """It is not current here, for now."""
        if self._token is not None:
            leave(self._token)
            self._token = None

    def resume(self) -> None:
        """It is current here again."""
        self._token = enter_trace(self._trace)

    def end(self) -> None:
        """It is current nowhere any more."""
        leave_trace(self._trace, self._token)
        self._token = None

    def is_beside(self, registry: Registry) -> bool:
        """Whether it began where another session was current that goes on, and not for a block or a function.

        Code that runs there may mean either; the default session is meant by nobody.
        """
        if self._around is None or self._around.ended or self.is_block:
            return False
        beside = registry.get(self._around.session_id)
        return beside is not None and beside is not registry.default
