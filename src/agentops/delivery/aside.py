"""What a collector will not have, set aside as dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agentops.delivery.steps import Announce, Introduce, Send, Step, Update, Write
from agentops.domain import v2
from agentops.domain.spans import DropRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.delivery.deadletters import DeadLetters, Kind
    from agentops.delivery.ledger import Known

NO_ROOM: Final = "refused by the collector, and no room left to keep it"
UNWANTED: Final = "refused by the collector: what the program wrote"
"""Why something is lost."""


class Aside:
    """Keeps what was refused, and tells of what could not be kept either.

    Attributes:
        events: how many events were refused.
    """

    def __init__(self, letters: DeadLetters, on_drop: Callable[[DropRecord], None] | None) -> None:
        self.events = 0
        self._letters = letters
        self._on_drop = on_drop

    def keep(self, kind: Kind, session_id: str, body: Any, *, reason: str, status: int | None) -> None:
        """Keep one thing."""
        if kind == "event":
            self.events += 1
        if not self._letters.keep(kind, session_id, body, reason=reason, status=status):
            self.tell(DropRecord(reason=NO_ROOM, count=1))

    def keep_step(self, step: Step, known: Known) -> None:
        """Keep what a step was to tell of a session that the collector will not have."""
        reason, status = known.refused, known.status
        match step:
            case Send():
                for event in step.events:
                    self.keep("event", step.session_id, event.body, reason=reason, status=status)
            case Introduce():
                body = v2.agent_body(step.agent, step.session_id)
                self.keep("agent", step.session_id, body, reason=reason, status=status)
                known.agents.add(step.agent.id)
            case Update():
                self.keep("session", step.session_id, v2.session_body(known.record), reason=reason, status=status)
            case Write():
                self.lose(step)
            case Announce():
                known.is_announced = True

    def lose(self, step: Write) -> None:
        """What was written is not kept: it is for reading, and the local store has it."""
        self.tell(DropRecord(reason=UNWANTED, count=len(step.logs)))

    def tell(self, drop: DropRecord) -> None:
        """Something is lost."""
        if self._on_drop is not None:
            self._on_drop(drop)
