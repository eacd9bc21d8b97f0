"""Frames as a recorder writes them, without a journal around them."""

from typing import Any

from agentops.domain.genai import Message, Request, Response, Text, Usage
from agentops.domain.ids import session_id_from_bytes
from agentops.domain.journal.frames import (
    END_OK,
    END_REST,
    ERROR,
    START_REST,
    Extra,
    Template,
    checksum,
    end_more,
    head_of,
    pack_end,
    pack_start,
)
from agentops.domain.spans import ErrorInfo, SpanKind
from agentops.domain.wire import to_legible_json

TRACE = bytes(range(16))
SESSION = session_id_from_bytes(TRACE)
TOOL = Template(id=1, name="search", kind=SpanKind.TOOL, parameters=("word", "times"), attributes={"team": "a"})
AGENT = Template(id=2, name="bob", kind=SpanKind.AGENT)
CALL = Template(id=3, name="chat", kind=SpanKind.LLM, genai=True, source="agentops.openai")
REQUEST = to_legible_json(
    Request(operation="chat", provider="openai", messages=[Message(role="user", parts=[Text(content="Who?")])])
)
RESPONSE = to_legible_json(Response(model="gpt-4o-mini", usage=Usage(input=10, output=2)))


def start(number: int, template: Template = TOOL, data: bytes = b'[["river"],{"times":2}]', **values: Any) -> bytes:
    """The frame of a span that begins, at this number of seconds."""
    agent: Template | None = values.get("agent")
    return (
        pack_start(
            START_REST + len(data),
            checksum(data),
            head_of(template.id),
            bytes(4) if agent is None else agent.id.to_bytes(4, "little"),
            values.get("trace", TRACE),
            span(number),
            span(values.get("parent", 0)),
            number * 1_000_000_000,
        )
        + data
    )


def end(number: int, data: bytes = b'{"found":[1]}') -> bytes:
    """The frame of a span that ended well, half a second after it began."""
    return pack_end(END_REST + len(data), checksum(data), END_OK, span(number), _half_past(number)) + data


def failure(number: int) -> bytes:
    """The frame of a span that failed."""
    extra = Extra(error=ErrorInfo(type="ValueError", message="no"), counted_error=True, attributes={"tries": 2})
    return end_more(ERROR, span(number), _half_past(number), b"", to_legible_json(extra))


def span(number: int) -> bytes:
    """The id of a span."""
    return number.to_bytes(8, "big")


def _half_past(number: int) -> int:
    return number * 1_000_000_000 + 500_000_000
