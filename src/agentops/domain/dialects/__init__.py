"""Spans of other people, in whatever dialect of attributes they are written, read into our values.

A span may speak several dialects at once: each that is spoken reads it, and the one listed first is believed where two
say something different.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Final

from agentops.domain.dialects.agentops import AGENTOPS
from agentops.domain.dialects.reading import Dialect, Reading, Span, as_json, leave_out_empty, merge_readings
from agentops.domain.dialects.vocabulary import DIALECTS, Vocabulary, vocabulary_of
from agentops.domain.foreign import plain, text
from agentops.domain.genai import Request, Response
from agentops.domain.spans import MODEL_KINDS, ErrorInfo, SpanEvent, SpanKind

_ONLY_TEXT: Final = {str}


def read(name: str, attributes: Mapping[str, Any], scope: str = "", events: Sequence[SpanEvent] = ()) -> Reading | None:
    """What a span says, or None where it is written in none of our dialects.

    Args:
        name: the span's name.
        attributes: its attributes, of any type.
        scope: the instrumentation scope that wrote it; what its token counts include depends on it.
        events: what happened in it.
    """
    if {*map(type, attributes)} != _ONLY_TEXT or not isinstance(attributes, dict):
        attributes = {key: value for key, value in attributes.items() if type(key) is str}
    vocabulary = vocabulary_of(attributes, events)
    if not vocabulary.spoken:
        return None
    span = Span(name, attributes, scope, events, vocabulary.sections)
    readings = [dialect.read(span) for dialect in vocabulary.telling]
    found = reduce(merge_readings, readings) if readings else Reading()
    found.dialects = vocabulary.spoken
    if events or "error.type" in attributes:
        found.error = failure_of(attributes, events) or found.error
        found.failed = found.failed or text(attributes, "error.type") is not None
    _settle(found, attributes, vocabulary)
    return found


def _settle(found: Reading, attributes: Mapping[str, Any], vocabulary: Vocabulary) -> None:
    """Leave what was read a request and a response only where it is a model call."""
    is_silence = len(vocabulary.telling) < len(vocabulary.spoken)
    if is_silence:
        leave_out_empty(found)
    request, response = found.request, found.response
    if found.about is None and _tells_of_call(request, response):
        found.about = SpanKind.EMBEDDING if request and request.operation == "embeddings" else SpanKind.LLM
    if found.kind in MODEL_KINDS:
        kept = vocabulary.kept_of_call
        found.request, found.response = request or Request(operation="", provider=""), response or Response()
        found.request.operation = found.request.operation or _OPERATIONS[found.kind]
        if is_silence:
            leave_out_empty(found.request)
            leave_out_empty(found.response)
    else:
        kept = vocabulary.kept
        found.request = found.response = None
        found.input = as_json(request.messages) if found.input is None and request else found.input
        found.output = as_json(response.messages) if found.output is None and response else found.output
    found.attributes = {
        name: value if type(value := attributes[name]) is str and value.isascii() else plain(value) for name in kept
    }


_OPERATIONS: Final = {SpanKind.LLM: "chat", SpanKind.EMBEDDING: "embeddings"}


def _tells_of_call(request: Request | None, response: Response | None) -> bool:
    """Whether a model is named or has answered; sums of tokens are no call."""
    if request is not None and request.model:
        return True
    return response is not None and bool(response.model or response.messages)


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
