"""One observed call of a library: its span, from the request to the end of whatever came back, ended once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from agentops.domain.genai import AgentResponse, Operation, Request, Response, ToolRequest, ToolResponse
from agentops.domain.prices import context_of
from agentops.domain.spans import MODEL_KINDS, ErrorInfo, SpanKind
from agentops.recording.capture import encode, encode_whole
from agentops.recording.context import current_call, current_span, current_trace, enter_call, is_suppressed, leave
from agentops.recording.failures import error_info
from agentops.recording.frames import ERROR, INCOMPLETE
from agentops.recording.guard import guarded
from agentops.recording.guests import GuestSpan
from agentops.recording.recorder import active

if TYPE_CHECKING:
    from collections.abc import Generator

    from agentops.domain.spans import SpanKind as Kind
    from agentops.instrumentation.target import AnyRequest, AnyResponse, Arguments, Reader, Target
    from agentops.recording.recorder import Recorder
    from agentops.recording.span import Span

_KINDS: dict[str, SpanKind] = {
    Operation.EMBEDDINGS: SpanKind.EMBEDDING,
    Operation.RERANK: SpanKind.RETRIEVAL,
    Operation.RETRIEVAL: SpanKind.RETRIEVAL,
    Operation.TOKEN_COUNT: SpanKind.TASK,
    Operation.MODERATION: SpanKind.TASK,
}
"""What a model operation is recorded as where it is no `llm` call: counting and moderating tokens is not billed."""


def kind_of(request: AnyRequest) -> SpanKind:
    """What a call of this request is recorded as."""
    if isinstance(request, Request):
        return _KINDS.get(request.operation, SpanKind.LLM)
    return SpanKind.TOOL if isinstance(request, ToolRequest) else SpanKind.AGENT


def name_of(request: AnyRequest) -> str:
    """What a call of this request is called: its operation and model, or the tool's or agent's name."""
    if isinstance(request, Request):
        return f"{request.operation} {request.model}" if request.model else str(request.operation)
    return request.name


def open_span(
    recorder: Recorder, request: AnyRequest, *, source: str, name: str | None = None, kind: Kind | None = None
) -> Span | None:
    """A span for a request, under the current one; None where no session takes it."""
    is_model = isinstance(request, Request)
    name, kind = name or name_of(request), kind or kind_of(request)
    template = recorder.template(name, kind, genai=is_model, source=source)
    span = recorder.open(template, _content_of(request) if recorder.content else _outline_of(request))
    if span is None:
        return None
    if template.name != name:
        span.details.name = name
    if not isinstance(request, Request) and request.attributes:
        span.details.attributes.update(request.attributes)
    if kind in MODEL_KINDS:
        _delegate(span)
    return span


def _delegate(span: Span) -> None:
    """A model call inside a model call is the same one, seen from further in: the outer one is not counted again."""
    outer = current_span()
    if outer is None or isinstance(outer, GuestSpan):
        span.trace.delegating.add(span.parent.id)
    elif outer.kind in MODEL_KINDS:
        outer.details.kind = SpanKind.ACTION


def _content_of(request: AnyRequest) -> bytes:
    if isinstance(request, Request):
        return encode_whole(request)
    return encode(request.arguments if isinstance(request, ToolRequest) else request.input)


def _outline_of(request: AnyRequest) -> bytes:
    """A request without its content."""
    if not isinstance(request, Request):
        return b""
    outline = Request(
        operation=request.operation,
        provider=request.provider,
        model=request.model,
        stream=request.stream,
        server_address=request.server_address,
    )
    return encode_whole(outline)


class Call:
    """An observed call in progress.

    Attributes:
        span: its span.
        reader: how its result is read.
        request: what was asked.
        library: the top-level module that it is a call of.
    """

    __slots__ = ("_folded", "_outgoing", "_received", "reader", "request", "span")

    def __init__(self, span: Span, reader: Reader, request: AnyRequest, *, outgoing: bool) -> None:
        self.span = span
        self.reader = reader
        self.request = request
        self._outgoing = outgoing
        self._folded: Any = None
        self._received = False

    @property
    def ended(self) -> bool:
        """Whether the span has ended."""
        return self.span.recorder is None

    @contextmanager
    def active(self) -> Generator[None]:
        """Make the call's span current; whatever is raised passes and does not end the call."""
        token = enter_call(self.span)
        try:
            yield
        finally:
            leave(token)

    def begin_stream(self, stream: Any) -> None:
        """A stream came back: what it says before its first chunk is read."""
        if self.reader.begin is not None:
            with guarded("reading a stream's beginning"):
                self._folded = self.reader.begin(stream)
                self._received = self._folded is not None

    def chunk(self, chunk: Any) -> None:
        """One chunk of the stream came."""
        reader, span = self.reader, self.span
        if span.recorder is None:
            return
        with guarded("reading a chunk"):
            if (span.extra is None or span.extra.first_token is None) and (
                reader.has_content is None or reader.has_content(chunk)
            ):
                span.details.first_token = span.recorder.clock.now()
            if reader.fold is not None:
                self._folded = reader.fold(self._folded, chunk)
                self._received = True

    def finish(self, result: Any) -> None:
        """It came back with a result."""
        if not self.ended:
            self._end(self._read(result))

    def finish_stream(self, *, complete: bool) -> None:
        """The stream is over, or was left before its end."""
        if self.ended:
            return
        if not complete:
            self.span.status = INCOMPLETE
        self._end(self._read(self._folded) if self._received else None)

    def fail(self, error: BaseException) -> None:
        """It raised; what a stream gave until then is kept."""
        if self.ended:
            return
        with guarded("reading an error"):
            self.span.fail(error, self._info_of(error))
        answer = getattr(error, "completion", None)  # openai's LengthFinishReasonError carries what was paid for
        if answer is not None:
            self._end(self._read(answer))
        else:
            self._end(self._read(self._folded) if self._received else None)

    def _info_of(self, error: BaseException) -> ErrorInfo:
        info = error_info(error)
        read_error = self.reader.read_error
        known = None if read_error is None else read_error(error)
        if known is None:
            return info
        known.stacktrace = known.stacktrace or info.stacktrace
        known.message = known.message or info.message
        return known

    def _read(self, result: Any) -> AnyResponse | None:
        with guarded("reading the response"):
            return self.reader.read_response(result)
        return None

    def _end(self, response: AnyResponse | None) -> None:
        with guarded("ending a call"):
            close_span(self.span, self.request, response, counts_errors=not self._outgoing)


def close_span(span: Span, request: AnyRequest, response: AnyResponse | None, *, counts_errors: bool = True) -> None:
    """End a span with what its response says."""
    recorder = span.recorder
    if recorder is None:
        return
    error = getattr(response, "error", None)
    if error is not None and span.status != ERROR:
        span.status = ERROR
        span.details.error = error_info(None, error)
        span.details.counted_error = counts_errors
    data = b""
    if isinstance(response, Response) and span.template.kind in MODEL_KINDS and span.kind not in MODEL_KINDS:
        response = replace(response, usage=None, cost=None)  # they count where the call was seen further in
    if isinstance(response, Response) and isinstance(request, Request):
        data = encode_whole(response if recorder.content else _without_content(response))
        if span.kind in MODEL_KINDS:
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
    recorder.close(span, data)


def _without_content(response: Response) -> Response:
    return Response(
        id=response.id,
        model=response.model,
        finish_reasons=response.finish_reasons,
        usage=response.usage,
        request_id=response.request_id,
        service_tier=response.service_tier,
        cost=response.cost,
    )


def begin(target: Target, arguments: Arguments, *, source: str) -> Call | None:
    """Open the call of a target; None where it is not to be recorded, or is another recorded call seen again."""
    recorder = active.recorder or active.wake()
    if recorder is None or is_suppressed():
        return None
    with guarded(f"reading the arguments of {target.path}"):
        reader = target.reader(arguments) if callable(target.reader) else target.reader
        if reader is None or _is_inside(target, recorder):
            return None
        request = reader.read_request(arguments)
        outer = current_call()
        if outer is not None and outer.opaque and outer.kind is kind_of(request):
            return None
        span = open_span(recorder, request, source=source)
        if span is None:
            return None
        span.opaque = target.opaque
        return Call(span, reader, request, outgoing=target.outgoing)
    return None


def _is_inside(target: Target, recorder: Recorder) -> bool:
    """Whether a call of plain transport is part of a model call, or of no session at all."""
    if not target.outgoing:
        return False
    outer = current_call()
    if outer is not None and outer.template.genai:
        return True
    return current_trace() is None and recorder.find_trace() is None
