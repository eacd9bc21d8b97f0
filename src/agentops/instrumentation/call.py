"""One observed call of a library: its span, from the request to the end of whatever came back, ended once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.context.context import Context

from agentops.domain.journal.frames import INCOMPLETE
from agentops.domain.spans import SpanKind
from agentops.instrumentation.exchange import close_span, kind_of, open_span
from agentops.instrumentation.target import Reader
from agentops.recording.context import (
    CALL_KEY,
    SPAN_KEY,
    TRACE_KEY,
    current_call,
    current_trace,
    get_context,
    is_internal,
    is_suppressed,
    set_context,
)
from agentops.recording.failures import error_info
from agentops.recording.fallback import Fallback, current_fallback, inside
from agentops.recording.guard import FAILURES, guarded, report
from agentops.recording.recorder import active

if TYPE_CHECKING:
    from contextvars import Token

    from agentops.domain.spans import ErrorInfo
    from agentops.instrumentation.target import AnyRequest, AnyResponse, Arguments, Target
    from agentops.recording.recorder import Recorder
    from agentops.recording.span import Span

RETRIEVAL: Final = SpanKind.RETRIEVAL
_NOWHERE_YET: Final[tuple[Context | None, Context]] = None, Context()


def _ignore(so_far: Any, _chunk: Any) -> Any:
    return so_far


class Call:
    """An observed call in progress.

    Attributes:
        span: its span.
        reader: how its result is read.
        request: what was asked.
        awaited: whether no chunk has brought content yet; while that is so, chunks are given to `chunk`.
        fold: how the next chunk is added to `folded`.
        folded: what the reader made of the chunks of a stream so far.
    """

    __slots__ = (
        "_begun",
        "_contexts",
        "_outgoing",
        "_received",
        "awaited",
        "fold",
        "folded",
        "reader",
        "request",
        "span",
    )

    def __init__(self, span: Span, reader: Reader, request: AnyRequest, *, outgoing: bool) -> None:
        self.span = span
        self.reader = reader
        self.request = request
        self._outgoing = outgoing
        self._begun: AnyResponse | None = None
        self.fold = reader.fold or _ignore
        self.folded: Any = None
        self.awaited = True
        self._received = False
        self._contexts = _NOWHERE_YET

    @property
    def ended(self) -> bool:
        """Whether the span has ended."""
        return self.span.recorder is None

    def enter(self) -> Token[Context]:
        """Make the call's span current; the token goes to `recording.context.leave`."""
        around = get_context()
        known, inside = self._contexts
        if known is not around:
            inside = self.step_in(around)
            self._contexts = around, inside
        return set_context(inside)

    def step_in(self, around: Context) -> Context:
        """The context inside the call, where `around` is that around it."""
        span = self.span
        if type(span) is Fallback:
            return inside(span, around)
        return Context({**around, SPAN_KEY: span, TRACE_KEY: span.trace, CALL_KEY: span})

    def begin_stream(self, stream: Any) -> None:
        """A stream came back: what it says before its first chunk is read."""
        if self.reader.begin is not None:
            with guarded("reading a stream's beginning"):
                self._begun = self.reader.begin(stream)

    def chunk(self, chunk: Any) -> None:
        """One chunk of the stream came."""
        recorder = self.span.recorder
        if recorder is None:
            return
        try:
            has_content = self.reader.has_content
            if self.awaited and (has_content is None or has_content(chunk)):
                self.awaited = False
                self.span.details.first_token = recorder.clock.now()
            self.folded = self.fold(self.folded, chunk)
            self._received = self.reader.fold is not None
        except FAILURES as error:
            report("reading a chunk", error)

    def finish(self, result: Any) -> None:
        """It came back with a result."""
        if self.span.recorder is not None:
            self._end(self._read(result))

    def finish_stream(self, *, complete: bool) -> None:
        """The stream is over, or was left before its end."""
        if self.ended:
            return
        if not complete:
            self.span.status = INCOMPLETE
        self._end(self._read_stream())

    def fail(self, error: BaseException) -> None:
        """It raised; what a stream gave until then is kept."""
        if self.ended:
            return
        said = self._read_raised(error)
        if said is not None:
            self._end(said)
            return
        with guarded("reading an error"):
            self.span.fail(error, self._info_of(error))
        answer = getattr(error, "completion", None)  # openai's LengthFinishReasonError carries what was paid for
        if answer is not None:
            self._end(self._read(answer))
        else:
            self._end(self._read_stream())

    def _read_raised(self, error: BaseException) -> AnyResponse | None:
        read = self.reader.read_raised
        if read is not None:
            with guarded("reading what was raised"):
                return read(error)
        return None

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
        try:
            return self.reader.read_response(result)
        except FAILURES as error:
            report("reading the response", error)
            return None

    def _read_stream(self) -> AnyResponse | None:
        """What came of the stream, with what its beginning said where the chunks do not say otherwise."""
        received = self._received or self.folded is not None
        response, begun = self._read(self.folded) if received else None, self._begun
        if begun is None or type(response) is not type(begun):
            return response or begun
        for name in begun.__struct_fields__:
            if getattr(response, name) is None:
                setattr(response, name, getattr(begun, name))
        return response

    def _end(self, response: AnyResponse | None) -> None:
        self.fold = _ignore
        try:
            close_span(self.span, self.request, response, counts_errors=not self._outgoing)
        except FAILURES as error:
            report("ending a call", error)


def begin(target: Target, arguments: Arguments, *, source: str) -> Call | None:
    """Open the call of a target; None where it is not to be recorded, or is another recorded call seen again."""
    recorder = active.recorder or active.relay or active.wake()
    if recorder is None or is_suppressed():
        return None
    try:
        outer = current_call()
        if target.outgoing and hides_transport(outer, recorder):
            return None
        reader = target.reader
        if not isinstance(reader, Reader):
            reader = reader(arguments)
            if reader is None:
                return None
        request = reader.read_request(arguments)
        kind = reader.kind or kind_of(request)
        if is_seen_again(outer, kind) or (target.fallback and _is_told(kind, source)):
            return None
        span = open_span(recorder, request, source=source, kind=kind, fallback=target.fallback)
        if span is not None:
            if target.opaque:
                span.opaque = True
            return Call(span, reader, request, outgoing=target.outgoing)
    except FAILURES as error:
        report(f"reading the arguments of {target.path}", error)
    return None


def is_seen_again(outer: Span | None, kind: SpanKind) -> bool:
    """Whether a call of this kind is inside one that is recorded for all that it does."""
    return outer is not None and outer.opaque and outer.kind is kind


def _is_told(kind: SpanKind, source: str) -> bool:
    """Whether the running code is directly inside the same call, as the same plugin saw it further out."""
    outer = current_fallback()
    return outer is not None and outer.surrounds and outer.kind is kind and outer.template.source == source


def hides_transport(outer: Span | None, recorder: Recorder) -> bool:
    """Whether plain transport is not seen here: it is part of a model call or an opaque retrieval, or of no session."""
    if outer is not None and (outer.template.genai or (outer.opaque and outer.kind is RETRIEVAL)):
        return True
    fallback = current_fallback()
    if is_internal() or (fallback is not None and fallback.surrounds):
        return True
    return current_trace() is None and recorder.find_trace() is None
