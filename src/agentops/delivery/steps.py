"""What a collector is told, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops.delivery.api import Outgoing
    from agentops.domain.spans import AgentRecord

EVENTS_AT_A_TIME: Final = 1000
TOGETHER: Final = 4000
"""Events in one request, and in one that holds several sessions."""
BYTES_AT_A_TIME: Final = 4 << 20
"""Of events in one request."""


class Announce(Struct, frozen=True):
    """A session is to be announced."""

    session_id: str


class Introduce(Struct, frozen=True):
    """An agent of a session is to be made known."""

    session_id: str
    agent: AgentRecord


class Send(Struct, frozen=True):
    """Events of a session are to be handed over."""

    session_id: str
    events: list[Outgoing]

    def halves(self) -> tuple[Send, Send]:
        """The same in two."""
        middle = len(self.events) // 2
        return Send(self.session_id, self.events[:middle]), Send(self.session_id, self.events[middle:])

    @property
    def size(self) -> int:
        """Bytes of its events."""
        return sum(len(event.body) for event in self.events)


class Write(Struct, frozen=True):
    """What a session wrote is to be handed over, to a collector that takes it."""

    session_id: str
    logs: list[Outgoing]

    @property
    def size(self) -> int:
        """Bytes of it."""
        return sum(len(log.body) for log in self.logs)


class Update(Struct, frozen=True):
    """It is to be said how a session stands."""

    session_id: str


Step = Announce | Introduce | Send | Write | Update


def chunks(events: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Events in portions for one request each; one that is larger than a request should be goes alone."""
    portion: list[Outgoing] = []
    size = 0
    for event in events:
        if portion and (len(portion) >= EVENTS_AT_A_TIME or size + len(event.body) > BYTES_AT_A_TIME):
            yield portion
            portion, size = [], 0
        portion.append(event)
        size += len(event.body)
    if portion:
        yield portion
