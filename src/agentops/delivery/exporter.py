"""Spans as the events of AgentOps, for whoever takes those."""

from collections.abc import Callable, Sequence
from typing import Final

from agentops.delivery.destination import DeliveryError
from agentops.domain.events import Event, event_of
from agentops.domain.spans import Record, SpanRecord, SpanStatus
from agentops.recording.guard import FAILURES, text_of

EVENTS: Final = "events"


class SessionExporter:
    """Turns ended spans into events and hands them to a callable, which says by returning that they are safe.

    When, how often and how long to try again is the shipper's affair.
    """

    def __init__(self, deliver: Callable[[Sequence[Event]], object], *, name: str = EVENTS) -> None:
        """`name` names the cursor in the journal; `deliver` raises where the events are to be offered again."""
        self.name = name
        self._deliver = deliver

    def deliver(self, records: Sequence[Record]) -> None:
        """Hand on what the ended spans among the records mean.

        Raises:
            DeliveryError: if the callable raised.
        """
        ended = (
            record for record in records if isinstance(record, SpanRecord) and record.status is not SpanStatus.RUNNING
        )
        events = [event for event in map(event_of, ended) if event is not None]
        if not events:
            return
        try:
            self._deliver(events)
        except DeliveryError:
            raise
        except FAILURES as error:
            raise DeliveryError(f"{self.name}: {text_of(error) or type(error).__name__}") from error

    def close(self, timeout: float) -> None:
        """Nothing is open."""
