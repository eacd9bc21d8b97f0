"""What is in a session: its spans in brief, its chat, its lines, and where a phrase was found."""

from decimal import Decimal

from msgspec import Struct

from agentops.domain.genai import Message
from agentops.domain.spans import LogSource


class SpanSummary(Struct, kw_only=True, frozen=True):
    """A span without what went in and came out, as trees show it; times are Unix nanoseconds, `cost` is USD."""

    span_id: str
    parent_id: str | None
    kind: str
    name: str
    model: str | None
    start: int
    end: int | None
    status: str
    error: bool
    """Whether it counts as an error of its session."""
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    agent: str | None
    repeats: bool = False
    """Whether it tells of a model call that another span tells of too, and counts nothing."""


class ChatMessage(Struct, kw_only=True, frozen=True):
    """A message of a session's chat, and the first span that carried it."""

    message: Message
    span_id: str
    time: int
    """Unix nanoseconds: when the span started, or ended where the message is its answer."""
    answered: bool
    """Whether the model said it in that span, rather than being told it."""
    model: str | None = None
    agent: str | None = None


class LogFilter(Struct, kw_only=True, frozen=True):
    """Which lines to give; every given field must hold. With a severity, only what has that one or a higher."""

    span_id: str | None = None
    source: LogSource | None = None
    severity: int | None = None


class SearchHit(Struct, kw_only=True, frozen=True):
    """A span whose content, or what was written in it, holds the phrase; `snippet` is the text around it.

    The span id is empty where it was written outside of any span.
    """

    session_id: str
    span_id: str
    span_name: str
    start: int
    snippet: str
