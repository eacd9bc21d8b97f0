"""Events, where AgentOps 0.4 keeps those of 0.3."""

from agentops.domain.events import ActionEvent, ErrorEvent, Event, EventType, LLMEvent, ToolEvent

__all__ = ["ActionEvent", "ErrorEvent", "Event", "EventType", "LLMEvent", "ToolEvent"]
