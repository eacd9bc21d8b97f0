"""What a span of somebody else says, in our words."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from msgspec import Struct, field
from msgspec.structs import astuple, replace

from agentops.domain.dialects.attributes import Attributes
from agentops.domain.genai import Json, Request, Response, Usage
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanKind


class Reading(Struct, kw_only=True, omit_defaults=True):
    """What could be read of a span; what it did not say is absent.

    Attributes:
        dialects: in which it was written.
        kind: what it is about.
        name: of the tool, agent, workflow or task, where that is known apart from the span's name.
        cost: USD as a decimal string, where the span itself says it.
        agent_id: of the agent, as its author names it.
        session_id: of the session or conversation that the author put it into; any text.
        end_state: how the session ended, in the author's word.
        attributes: what no other field took, plain.
    """

    dialects: tuple[str, ...] = ()
    kind: SpanKind | None = None
    name: str | None = None
    request: Request | None = None
    response: Response | None = None
    input: Json = None
    output: Json = None
    cost: str | None = None
    error: ErrorInfo | None = None
    agent_id: str | None = None
    agent_name: str | None = None
    session_id: str | None = None
    tags: list[str] = field(default_factory=list[str])
    end_state: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])


class Span(Struct, frozen=True):
    """A span of somebody else, as a dialect reads it."""

    name: str
    attributes: Attributes
    scope: str
    events: Sequence[SpanEvent]


class Dialect(Struct, frozen=True, kw_only=True):
    """One way of writing spans.

    Attributes:
        name: what it is called.
        marks: beginnings of the names of attributes and events by which it is known.
        read: what a span says in it.
        takes: beginnings of the names of attributes whose values `read` keeps under other words.
        takes_of_call: the same, where the span is a model call and has a request and a response.
    """

    name: str
    marks: tuple[str, ...]
    read: Callable[[Span], Reading]
    takes: tuple[str, ...] = ()
    takes_of_call: tuple[str, ...] = ()

    def is_spoken(self, span: Span) -> bool:
        """Whether a span is written in it."""
        marks = self.marks
        return any(name.startswith(marks) for name in span.attributes) or any(
            event.name.startswith(marks) for event in span.events
        )


def merge(firm: Any, soft: Any) -> Any:
    """Two values of one field: the first where it says something, else the second; requests and responses by field."""
    if isinstance(firm, (Request, Response)) and type(firm) is type(soft):
        both = {name: merge(getattr(firm, name), getattr(soft, name)) for name in firm.__struct_fields__}
        merged = replace(firm, **both)
        if isinstance(merged, Request):
            merged.parameters = soft.parameters | cast("Request", firm).parameters
            merged.stream = soft.stream or merged.stream
        return merged
    if isinstance(firm, Usage) and isinstance(soft, Usage):
        return max(firm, soft, key=_told)
    return soft if firm is None or firm in ("", [], {}) else firm


def _told(usage: Usage) -> int:
    """How many counts are known: buckets of two accounts do not mix, so the fuller account is taken whole."""
    return sum(count is not None for count in astuple(usage))


def merge_readings(firm: Reading, soft: Reading) -> Reading:
    """What two dialects say of one span, the first being believed where both speak."""
    both = {name: merge(getattr(firm, name), getattr(soft, name)) for name in firm.__struct_fields__}
    return replace(firm, **both | {"dialects": firm.dialects + soft.dialects})
