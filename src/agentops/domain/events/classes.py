"""Events as users make them.

The classes, the order of their fields and their defaults are those of AgentOps 0.3, so that programs written for it
go on working.
"""

import time
import traceback
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from agentops.domain.events.times import moment_of, timestamp_of
from agentops.domain.foreign import UNREADABLE
from agentops.domain.ids import new_bits


class EventType(StrEnum):
    """The types of events that are counted."""

    LLM = "llms"
    ACTION = "actions"
    API = "apis"
    TOOL = "tools"
    ERROR = "errors"


def _now() -> str:
    return timestamp_of(time.time_ns())


def _new_id() -> str:
    return str(UUID(int=new_bits(128), version=4))


@dataclass
class Event:
    """Something that happened in a session.

    Attributes:
        event_type: an `EventType`, or a word of your own, which is recorded and not counted.
        params: what went in.
        returns: what came out.
        init_timestamp: when it began, ISO 8601 in UTC.
        end_timestamp: when it ended; None until it is recorded.
        agent_id: the agent that did it.
        id: a UUID; recording the same event twice is recording it once.
        session_id: the session that it belongs to.

    Raises:
        TypeError: if the type is no text.
        ValueError: if the type is empty or a time is none.
    """

    event_type: str
    params: Any = None
    returns: Any = None
    init_timestamp: str = field(default_factory=_now)
    end_timestamp: str | None = None
    agent_id: str | None = None
    id: str = field(default_factory=_new_id)
    session_id: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.event_type, str):  # pyright: ignore[reportUnnecessaryIsInstance] - users pass anything
            raise TypeError(f"event_type is text such as 'actions', not {type(self.event_type).__name__}")
        if not self.event_type:
            raise ValueError("event_type is empty: pass 'actions', 'llms', 'tools', 'errors' or a word of your own")
        self.event_type = str.__str__(self.event_type)
        self.init_timestamp = timestamp_of(moment_of(self.init_timestamp))
        if self.end_timestamp is not None:
            self.end_timestamp = timestamp_of(moment_of(self.end_timestamp))
        self.id = str(self.id)
        self.agent_id = None if self.agent_id is None else str(self.agent_id)
        self.session_id = None if self.session_id is None else str(self.session_id)


@dataclass
class ActionEvent(Event):
    """A step of the program; `ActionEvent("llms")` is counted as a model call, as its first field says."""

    event_type: str = EventType.ACTION
    action_type: str | None = None
    logs: Any = None
    screenshot: str | None = None


@dataclass
class LLMEvent(Event):
    """A model call: tokens as the provider counts them, `cost` in USD where it is known."""

    event_type: str = EventType.LLM
    thread_id: str | None = None
    prompt: Any = None
    prompt_tokens: int | None = None
    completion: Any = None
    completion_tokens: int | None = None
    cost: float | None = None
    model: str | None = None


@dataclass
class ToolEvent(Event):
    """A tool call."""

    event_type: str = EventType.TOOL
    name: str | None = None
    logs: Any = None


@dataclass
class ErrorEvent(Event):
    """Something that went wrong, in `trigger_event` if that is given.

    An `exception` is read into `error_type`, `details` and `logs` and not kept: it would keep its frames alive. `logs`
    is otherwise the traceback of the exception that is being handled, if one is.
    """

    event_type: str = EventType.ERROR
    trigger_event: Event | None = None
    exception: BaseException | None = None
    error_type: str | None = None
    code: str | None = None
    details: Any = None
    logs: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        error, self.exception = self.exception, None
        if error is not None:
            self.error_type = self.error_type or type(error).__name__
            self.details = self.details or _text_of(error)
            self.end_timestamp = _now()
        if self.logs is None:
            self.logs = _traceback_of(error)

    @property
    def timestamp(self) -> str:
        """When it went wrong."""
        return self.init_timestamp


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except UNREADABLE:
        return ""


def _traceback_of(error: BaseException | None) -> str | None:
    try:
        if error is not None:
            return "".join(traceback.format_exception(error))
        text = traceback.format_exc()
    except UNREADABLE:
        return None
    return None if text.startswith("NoneType: None") else text
