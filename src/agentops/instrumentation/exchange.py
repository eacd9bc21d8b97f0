"""A request and its response as one span: opened with what is asked, closed with what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from agentops.domain.genai import AgentResponse, Operation, Request, Response, ToolRequest, ToolResponse
from agentops.domain.journal.frames import ERROR
from agentops.domain.prices import context_of
from agentops.domain.redaction.withholding import outline_of_request, outline_of_response
from agentops.domain.semconv import LATE_ARGUMENTS
from agentops.domain.spans import MODEL_KINDS, SpanKind
from agentops.recording.capture import encode, encode_whole
from agentops.recording.failures import error_info
from agentops.recording.fallback import Fallback, current_fallback, hold_back, mark_seen
from agentops.recording.guests import GuestSpan
from agentops.recording.span import Span

if TYPE_CHECKING:
    from agentops.domain.spans import SpanKind as Kind
    from agentops.instrumentation.target import AnyRequest, AnyResponse
    from agentops.recording.recorder import Recorder

CHAT: Final = Operation.CHAT
LLM: Final = SpanKind.LLM
EMBEDDING: Final = SpanKind.EMBEDDING
"""To be compared by identity: hashing the member of an enum runs Python code."""

_KINDS: dict[str, SpanKind] = {
    Operation.EMBEDDINGS: SpanKind.EMBEDDING,
    Operation.RERANK: SpanKind.RETRIEVAL,
    Operation.RETRIEVAL: SpanKind.RETRIEVAL,
    Operation.TOKEN_COUNT: SpanKind.TASK,
    Operation.MODERATION: SpanKind.TASK,
    Operation.GUARDRAIL: SpanKind.GUARDRAIL,
}
"""What a model operation is recorded as where it is no `llm` call: counting and moderating tokens is not billed."""


def kind_of(request: AnyRequest) -> SpanKind:
    """What a call of this request is recorded as."""
    if isinstance(request, Request):
        return LLM if request.operation is CHAT else _KINDS.get(request.operation, LLM)
    return SpanKind.TOOL if isinstance(request, ToolRequest) else SpanKind.AGENT


def name_of(request: AnyRequest) -> str:
    """What a call of this request is called: its operation and model, or the tool's or agent's name."""
    if isinstance(request, Request):
        return f"{request.operation} {request.model}" if request.model else str(request.operation)
    return request.name


def open_span(  # noqa: PLR0913 - what is known of a call at once
    recorder: Recorder,
    request: AnyRequest,
    *,
    source: str,
    name: str | None = None,
    kind: Kind | None = None,
    fallback: bool = False,
) -> Span | None:
    """A span for a request, under the current one; None where no session takes it.

    With `fallback`, a model call is written when it ends, if none was recorded inside it.
    """
    name, kind = name or name_of(request), kind or kind_of(request)
    is_model = isinstance(request, Request)
    template = recorder.template(name, kind, genai=is_model, source=source)
    content = _content_of(request) if recorder.content else _outline_of(request)
    held_back = fallback and is_model
    span = hold_back(recorder, template, content) if held_back else recorder.open(template, content)
    if span is None:
        return None
    if template.name != name:
        span.details.name = name
    if not isinstance(request, Request):
        if request.attributes:
            span.details.attributes.update(request.attributes)
    elif not held_back:
        _delegate(span, kind, current_fallback())
    return span


def _delegate(span: Span, kind: Kind, fallback: Fallback | None) -> None:
    """A model call inside a model call is the same one, seen from further in: the outer one is not counted again."""
    if fallback is not None:
        mark_seen(span, fallback)
    if kind is not LLM and kind is not EMBEDDING:
        return
    outer = span.parent
    if type(outer) is not Span and (not isinstance(outer, Span) or isinstance(outer, GuestSpan)):
        span.trace.delegating.add(outer.id)
    elif outer.recorder is not None and outer.kind in MODEL_KINDS:
        outer.details.kind = SpanKind.ACTION


def _begin(span: Fallback) -> bool:
    """Write the beginning of a call that was held back until now; False where it was recorded further in."""
    begun = span.begin()
    if begun:
        _delegate(span, span.kind, span.outer)
    return begun


def _content_of(request: AnyRequest) -> bytes:
    if isinstance(request, Request):
        return encode_whole(request)
    return encode(request.arguments if isinstance(request, ToolRequest) else request.input)


def _outline_of(request: AnyRequest) -> bytes:
    """A request without its content."""
    if not isinstance(request, Request):
        return b""
    return encode_whole(outline_of_request(request))


def close_span(span: Span, request: AnyRequest, response: AnyResponse | None, *, counts_errors: bool = True) -> None:
    """End a span with what its response says."""
    recorder = span.recorder
    if recorder is None or (type(span) is Fallback and not _begin(span)):
        return
    error = getattr(response, "error", None)
    if error is not None and span.status != ERROR:
        span.status = ERROR
        span.details.error = error_info(None, error)
        span.details.counted_error = counts_errors
    data = b""
    kind = span.template.kind if span.extra is None else span.kind
    is_model = kind is LLM or kind is EMBEDDING
    if isinstance(response, Response) and not is_model and span.template.kind in MODEL_KINDS:
        response = replace(response, usage=None, cost=None)  # they count where the call was seen further in
    if isinstance(response, Response) and isinstance(request, Request):
        data = encode_whole(response if recorder.content else outline_of_response(response))
        if is_model:
            span.trace.analytics.add_call(
                request.provider,
                response.model or request.model,
                response.usage,
                recorder.clock.now(),
                response.cost,
                requested=request.model,
                context=context_of(request, response),
            )
    elif isinstance(response, (ToolResponse, AgentResponse)):
        if response.attributes:
            span.details.attributes.update(response.attributes)
        if recorder.content:
            data = encode(response.result if isinstance(response, ToolResponse) else response.output)
            if isinstance(response, ToolResponse) and response.arguments is not None:
                span.details.attributes[LATE_ARGUMENTS] = recorder.shield.data(encode(response.arguments)).decode()
    recorder.close(span, data)
