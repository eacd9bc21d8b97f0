"""Events: what users record by hand, and what a finished span means to them."""

from agentops.domain.events.classes import ActionEvent, ErrorEvent, Event, EventType, LLMEvent, ToolEvent
from agentops.domain.events.records import event_of, record_of
from agentops.domain.events.times import timestamp_of

__all__ = [
    "ActionEvent",
    "ErrorEvent",
    "Event",
    "EventType",
    "LLMEvent",
    "ToolEvent",
    "event_of",
    "record_of",
    "timestamp_of",
]
