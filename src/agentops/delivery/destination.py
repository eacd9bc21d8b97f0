"""Where recorded spans go."""

from collections.abc import Sequence
from typing import Protocol

from agentops.domain.spans import Record
from agentops.errors import AgentOpsError


class DeliveryError(AgentOpsError):
    """A destination did not take what it was given; it will be offered again."""

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        """`retry_after`: seconds that the destination asks to be left alone."""
        super().__init__(message)
        self.retry_after = retry_after


class Destination(Protocol):
    """Takes records in, once or several times each, and says when they are safe."""

    @property
    def name(self) -> str:
        """Names its cursor in the journal: of letters, digits and dashes, the same in every process."""
        ...

    def deliver(self, records: Sequence[Record]) -> None:
        """Take records in; they are safe when this returns.

        Raises:
            DeliveryError: if they are not; the same records are offered again later.
        """
        ...

    def close(self, timeout: float) -> None:
        """Let go of whatever is open, within so many seconds."""
        ...
