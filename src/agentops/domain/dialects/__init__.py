"""Spans of other people, in whatever dialect of attributes they are written, read into our values.

A span may speak several dialects at once: each that is spoken reads it, and the one listed first is believed where two
say something different.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Final

from msgspec.structs import replace

from agentops.domain.dialects.agentops import AGENTOPS
from agentops.domain.dialects.genai import GENAI
from agentops.domain.dialects.genai_older import GENAI_OLDER
from agentops.domain.dialects.openinference import OPENINFERENCE
from agentops.domain.dialects.openllmetry import OPENLLMETRY
from agentops.domain.dialects.reading import Dialect, Reading, Span, as_json, merge_readings
from agentops.domain.foreign import plain, text
from agentops.domain.genai import Request, Response
from agentops.domain.spans import MODEL_KINDS, ErrorInfo, SpanEvent, SpanKind

DIALECTS: Final = (AGENTOPS, OPENINFERENCE, OPENLLMETRY, GENAI, GENAI_OLDER)


def read(name: str, attributes: Mapping[str, Any], scope: str = "", events: Sequence[SpanEvent] = ()) -> Reading | None:
    """What a span says, or None where it is written in none of our dialects.

    Args:
        name: the span's name.
        attributes: its attributes, of any type.
        scope: the instrumentation scope that wrote it; what its token counts include depends on it.
        events: what happened in it.
    """
    span = Span(name, {key: value for key, value in attributes.items() if type(key) is str}, scope, events)
    spoken = [dialect for dialect in DIALECTS if dialect.is_spoken(span)]
    if not spoken:
        return None
    found = reduce(merge_readings, [replace(each.read(span), dialects=(each.name,)) for each in spoken])
    found.error = failure_of(span.attributes, span.events) or found.error
    found.failed = found.failed or text(span.attributes, "error.type") is not None
    return _settled(found, span, spoken)


def _settled(found: Reading, span: Span, spoken: Sequence[Dialect]) -> Reading:
    """What was read, with a request and a response only where it is a model call."""
    request, response = found.request or Request(operation="", provider=""), found.response or Response()
    if found.about is None and (request.model or response.model or response.messages):  # sums of tokens are no call
        found.about = SpanKind.EMBEDDING if request.operation == "embeddings" else SpanKind.LLM
    taken = tuple(start for dialect in spoken for start in dialect.takes)
    if found.kind in MODEL_KINDS:
        taken += tuple(start for dialect in spoken for start in dialect.takes_of_call)
        request.operation = request.operation or ("embeddings" if found.kind is SpanKind.EMBEDDING else "chat")
        found.request, found.response = request, response
    else:
        found.request = found.response = None
        found.input = as_json(request.messages) if found.input is None else found.input
        found.output = as_json(response.messages) if found.output is None else found.output
    found.attributes = {key: plain(value) for key, value in span.attributes.items() if not key.startswith(taken)}
    return found


def failure_of(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> ErrorInfo | None:
    """The exception that a span recorded last, else the type of error that it names."""
    for event in reversed(events):
        kind = text(event.attributes, "exception.type") if event.name == "exception" else None
        if kind:
            return ErrorInfo(
                type=kind,
                message=text(event.attributes, "exception.message") or "",
                stacktrace=text(event.attributes, "exception.stacktrace"),
            )
    kind = text(attributes, "error.type")
    return ErrorInfo(type=kind, message=text(attributes, "error.message") or "") if kind else None


__all__ = ["AGENTOPS", "DIALECTS", "Dialect", "Reading", "Span", "as_json", "failure_of", "read"]
