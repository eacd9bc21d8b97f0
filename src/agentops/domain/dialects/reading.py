"""What a span of somebody else says, in our words."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Final

from msgspec import Struct, to_builtins
from msgspec.structs import astuple, fields

from agentops.domain.dialects.attributes import Attributes
from agentops.domain.genai import Json, Message, Request, Response, Usage
from agentops.domain.spans import MODEL_KINDS, ErrorInfo, SpanEvent, SpanKind, SpanRecord, SpanStatus

_LONGEST: Final = 1e6
"""Seconds; no answer waits longer."""

_PIECES: Final = frozenset(
    {"First Token Stream Event", "gen_ai.content.completion.chunk", "llm.content.completion.chunk"}
)
"""Events that stand for a piece of a streamed answer: OpenInference notes the first, OpenLLMetry each."""


class Reading(Struct, kw_only=True, omit_defaults=True):
    """What could be read of a span; what it did not say is absent.

    Attributes:
        dialects: in which it was written.
        about: what it says that it is about.
        name: of the tool, agent, workflow or task, where that is known apart from the span's name.
        first_token_after: seconds from the start to the first content of a stream.
        cost: USD as a decimal string, where the span itself says it.
        error: what went wrong, also where that was handled.
        failed: whether the span itself says that what it did failed; a recorded exception alone does not.
        agent_id: of the agent, as its author names it.
        session_id: of the session or conversation that the author put it into; any text.
        end_state: how the session ended, in the author's word.
        attributes: what no other field took, plain.
    """

    dialects: tuple[str, ...] = ()
    about: SpanKind | None = None
    name: str | None = None
    request: Request | None = None
    response: Response | None = None
    input: Json = None
    output: Json = None
    first_token_after: float | None = None
    cost: str | None = None
    error: ErrorInfo | None = None
    failed: bool = False
    agent_id: str | None = None
    agent_name: str | None = None
    session_id: str | None = None
    tags: list[str] = []
    end_state: str | None = None
    attributes: dict[str, Any] = {}

    @property
    def kind(self) -> SpanKind:
        """What the span is about; a task where it does not say."""
        return self.about or SpanKind.TASK

    def fill(self, record: SpanRecord) -> None:
        """Put what was read into the record of the span.

        A record of another kind than the span's own (a model call that was recorded elsewhere) gets what was said, but
        no usage and no cost.
        """
        is_call, counts = self.kind in MODEL_KINDS, record.kind is self.kind
        if is_call and not counts:
            record.input = as_json(self.request.messages if self.request else ()) or self.input
            record.output = as_json(self.response.messages if self.response else ()) or self.output
        else:
            record.request, record.response, record.cost = self.request, self.response, self.cost
            record.input, record.output = self.input, self.output
        if is_call and counts:
            record.first_token = self._first_token(record)
        if record.kind in (SpanKind.TOOL, SpanKind.AGENT):
            record.name = self.name or record.name
        record.agent_id, record.agent_name = self.agent_id or record.agent_id, self.agent_name or record.agent_name
        record.attributes = self.attributes
        if self.failed and record.status is SpanStatus.OK:
            record.status, record.counted_error = SpanStatus.ERROR, True
        if record.status is SpanStatus.ERROR and self.error is not None:
            record.error = self.error if record.error is None else merge(self.error, record.error)

    def _first_token(self, record: SpanRecord) -> int | None:
        """When the first content of a stream came: as the span says it, else when it noted a piece of the answer."""
        if self.first_token_after is not None and 0 <= self.first_token_after < _LONGEST:
            return record.start + round(self.first_token_after * 1e9)
        return next((event.time for event in record.events if event.name in _PIECES), record.first_token)


def as_json(messages: Sequence[Message]) -> Any:
    """Messages as JSON; None for none."""
    return to_builtins(messages) if messages else None


class Span(Struct, frozen=True):
    """A span of somebody else, as a dialect reads it.

    Attributes:
        sections: the first two words of the names of its attributes, such as `gen_ai.usage`: what is in none of them
            need not be looked for.
    """

    name: str
    attributes: Attributes
    scope: str
    events: Sequence[SpanEvent]
    sections: frozenset[str]


class Dialect(Struct, frozen=True, kw_only=True):
    """One way of writing spans.

    Attributes:
        name: what it is called.
        marks: beginnings of the names of attributes and events by which it is known.
        read: what a span says in it.
        takes: beginnings of the names of attributes whose values `read` keeps under other words.
        takes_of_call: the same, where the span is a model call and has a request and a response.
        is_telling: whether it reads something under this name of an attribute or event that no dialect before it
            reads just so.
    """

    name: str
    marks: tuple[str, ...]
    read: Callable[[Span], Reading]
    takes: tuple[str, ...] = ()
    takes_of_call: tuple[str, ...] = ()
    is_telling: Callable[[str], bool] = bool


def merge(firm: Any, soft: Any) -> Any:
    """Two values of one field: the first where it says something, else the second; requests and responses by field."""
    kind: Any = type(firm)  # pyright: ignore[reportUnknownVariableType] - a cast costs a call
    if kind in _BY_FIELD and kind is type(soft):
        merged = _merge_fields(firm, soft)
        if kind is Request:
            merged.parameters = soft.parameters | firm.parameters
            merged.stream = soft.stream or firm.stream
        return merged
    if kind is Usage and type(soft) is Usage:
        return max(firm, soft, key=_told)
    return soft if firm is None or (not firm and firm in _EMPTY) else firm


def _merge_fields(firm: Any, soft: Any) -> Any:
    merged = copy(firm)
    for name in firm.__struct_fields__:
        value = getattr(firm, name)
        if value is None or (not value and value in _EMPTY):
            setattr(merged, name, getattr(soft, name))
        elif type(value) in _STRUCTURED:
            setattr(merged, name, merge(value, getattr(soft, name)))
    return merged


_BY_FIELD: Final = frozenset({Request, Response, ErrorInfo})
_STRUCTURED: Final = _BY_FIELD | {Usage}


def leave_out_empty(found: Reading | Request | Response) -> None:
    """Leave out the texts, lists and dicts with nothing in them, as `merge_readings` does with whoever says nothing."""
    for name in _OPTIONAL[type(found)]:
        value = getattr(found, name)
        if value is not None and not value and value in _EMPTY:
            setattr(found, name, None)


_EMPTY: Final[tuple[Any, ...]] = ("", [], {})
_OPTIONAL: Final[dict[type, tuple[str, ...]]] = {
    kind: tuple(each.name for each in fields(kind) if each.default is None and each.name not in {"request", "response"})
    for kind in (Reading, Request, Response)
}


def _told(usage: Usage) -> int:
    """How many counts are known: buckets of two accounts do not mix, so the fuller account is taken whole."""
    return sum(count is not None for count in astuple(usage))


def merge_readings(firm: Reading, soft: Reading) -> Reading:
    """What two dialects say of one span, the first being believed where both speak."""
    merged = _merge_fields(firm, soft)
    merged.dialects = firm.dialects + soft.dialects
    return merged
