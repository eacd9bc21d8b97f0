"""The lean span: what an observed call is recorded as, and a real OpenTelemetry span to everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace as otel
from opentelemetry.context.context import Context
from opentelemetry.trace import SpanContext, Status, StatusCode

from agentops.domain import semconv
from agentops.domain.foreign import plain
from agentops.domain.journal.frames import CANCELLED, ERROR, OK, Extra
from agentops.domain.spans import SpanEvent, SpanKind, SpanLink
from agentops.recording.capture import encode, encode_whole
from agentops.recording.failures import error_info, is_cancellation, is_control_flow, is_marked, mark_of
from agentops.recording.sampling import sampling

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
    from contextvars import Token

    from opentelemetry.util import types

    from agentops.domain.journal.frames import Template
    from agentops.domain.spans import ErrorInfo
    from agentops.recording.recorder import Recorder
    from agentops.recording.trace import Trace

SPAN_KEY: Final = next(iter(otel.set_span_in_context(otel.INVALID_SPAN, Context())))
"""Under which OpenTelemetry's context holds the current span."""

NO_ID = bytes(8)
NO_AGENT = bytes(4)


class Outside:
    """What a span is under when no span of ours is above it: nothing (all zeros), or a span that others recorded."""

    __slots__ = ("agent", "id")

    def __init__(self, span_id: bytes) -> None:
        self.id = span_id
        self.agent = NO_AGENT


NOWHERE = Outside(NO_ID)


def outside_of(parent: otel.Span) -> Outside | None:
    """Somebody else's span as a parent; None where it is in another process, or one that a sampler did not want."""
    context = parent.get_span_context()
    if not context.is_valid or context.is_remote:
        return None
    if type(parent) is otel.NonRecordingSpan and not context.trace_flags.sampled:
        return None
    return Outside(context.span_id.to_bytes(8, "big"))


class Span(otel.Span):
    """One stretch of work being recorded.

    Attributes:
        recorder: who records it; None once it has ended.
        trace: the session it belongs to.
        id: the 8 bytes of the span id.
        parent: the span it is under.
        agent: number of the template of the innermost agent around or at it, as it stands in frames; zeros for none.
        token: of the context in which it is current, while it is.
        around: the context in which it was made current by being put in its place. Asked as a context, the span says
            what that says, but for the current span, which it is itself: a copy of the context would cost as much as
            writing to the journal.

    The recorder makes spans and sets these.
    """

    __slots__ = ("agent", "around", "extra", "id", "parent", "recorder", "template", "token", "trace")

    recorder: Recorder | None
    template: Template
    trace: Trace
    id: bytes
    parent: Span | Outside
    agent: bytes
    token: Token[Context] | None
    extra: Extra | None
    around: Mapping[str, Any]

    # What few spans have lives in the instance's dictionary, made only when one of these is set.
    status: int = OK
    output: bytes = b""
    scope: str | None = None
    opaque: bool = False
    owner: int = 0
    _context: SpanContext | None = None

    @property
    def details(self) -> Extra:
        """Where what only this span has is written."""
        if self.extra is None:
            self.extra = Extra()
        return self.extra

    @property
    def kind(self) -> SpanKind:
        """What it is about."""
        return (self.extra and self.extra.kind) or self.template.kind

    @property
    def span_id(self) -> str:
        """The span id as 16 hexadecimal digits."""
        return self.id.hex()

    @property
    def session_id(self) -> str:
        """The id of the session it belongs to."""
        return self.trace.session_id

    def fail(self, error: BaseException, info: ErrorInfo | None = None) -> None:
        """Note the exception that ends it; one that passes through several spans counts in the innermost only."""
        if is_control_flow(error):
            return
        details, trace = self.details, self.trace
        known = trace.failing.pop(self.id, None)
        is_known = is_marked(error, known)
        details.error = info or error_info(error, traced=not is_known)
        if is_cancellation(error):
            self.status = CANCELLED
            return
        self.status = ERROR
        details.counted_error = not is_known
        trace.note_failure(self.parent.id, known if is_known and known is not None else mark_of(error))

    def set_output(self, value: Any) -> None:
        """Note what came out; of a model call all of it, as it says the tokens, which are kept without contents too."""
        if self.recorder is None:
            return
        if self.template.genai:
            self.output = encode_whole(value)
        elif self.recorder.content:
            self.output = encode(value)

    # What a context is asked (`opentelemetry.context.Context`)

    def get(self, key: str, default: object = None) -> object:
        """What is under a key of the context in which it is current."""
        return self if key == SPAN_KEY else self.around.get(key, default)

    def copy(self) -> dict[str, Any]:
        """The context in which it is current."""
        return {**self.around, SPAN_KEY: self}

    def keys(self) -> KeysView[str]:
        """The keys of the context in which it is current."""
        return self.copy().keys()

    def values(self) -> ValuesView[Any]:
        """What is under them."""
        return self.copy().values()

    def items(self) -> ItemsView[str, Any]:
        """Both."""
        return self.copy().items()

    def __getitem__(self, key: str) -> Any:
        return self if key == SPAN_KEY else self.around[key]

    def __contains__(self, key: object) -> bool:
        return key == SPAN_KEY or key in self.around

    def __iter__(self) -> Iterator[str]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self.copy())

    def __bool__(self) -> bool:
        return True

    # What OpenTelemetry asks of a span: https://opentelemetry.io/docs/specs/otel/trace/api/#span

    def get_span_context(self) -> SpanContext:
        """Its ids as OpenTelemetry has them, and whether the program's own spans under it are sampled."""
        flags = sampling.flags_of(self.trace)
        if self._context is None or self._context.trace_flags != flags:
            trace_id = int.from_bytes(self.trace.trace_id, "big")
            self._context = SpanContext(trace_id, int.from_bytes(self.id, "big"), is_remote=False, trace_flags=flags)
        return self._context

    def is_recording(self) -> bool:
        """Whether it has not ended."""
        return self.recorder is not None

    def set_attribute(self, key: str, value: types.AttributeValue) -> None:
        """Note one attribute."""
        if self.recorder is not None:
            self.details.attributes[key] = plain(value)

    def set_attributes(self, attributes: Mapping[str, types.AttributeValue]) -> None:
        """Note several attributes."""
        for key, value in attributes.items():
            self.set_attribute(key, value)

    def add_event(self, name: str, attributes: types.Attributes = None, timestamp: int | None = None) -> None:
        """Note a moment; `timestamp` is Unix nanoseconds, now by default."""
        if self.recorder is not None:
            time = timestamp or self.recorder.clock.now()
            self.details.events.append(SpanEvent(name=name, time=time, attributes=plain(dict(attributes or {}))))

    def add_link(self, context: SpanContext, attributes: types.Attributes = None) -> None:  # noqa: ARG002 - OpenTelemetry's signature
        """Note a span of another trace that this one has to do with."""
        if self.recorder is not None:
            self.details.links.append(SpanLink(trace_id=f"{context.trace_id:032x}", span_id=f"{context.span_id:016x}"))

    def update_name(self, name: str) -> None:
        """Rename it."""
        if self.recorder is not None:
            self.details.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Say how it went; OK and UNSET are both a span without an error."""
        if self.recorder is None:
            return
        code, text = (status.status_code, status.description) if isinstance(status, Status) else (status, description)
        if code is StatusCode.ERROR:
            self.status = ERROR
            details = self.details
            if details.error is None:
                details.error = error_info(None, text or "")
                details.counted_error = True
        else:
            self.status = OK

    def record_exception(
        self,
        exception: BaseException,
        attributes: types.Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: ARG002, FBT001, FBT002 - OpenTelemetry's signature
    ) -> None:
        """Note an exception as an event, as OpenTelemetry names it."""
        info = error_info(exception)
        noted: dict[str, Any] = {semconv.EXCEPTION_TYPE: info.type, semconv.EXCEPTION_MESSAGE: info.message}
        if info.stacktrace:
            noted[semconv.EXCEPTION_STACKTRACE] = info.stacktrace
        self.add_event(semconv.EXCEPTION, {**noted, **(attributes or {})}, timestamp)

    def end(self, end_time: int | None = None) -> None:
        """End it, once; `end_time` is Unix nanoseconds, now by default."""
        if self.recorder is not None:
            self.recorder.close(self, self.output if self.recorder.content else b"", end_time)


class SilentSpan(otel.NonRecordingSpan):
    """What stands in for a span where nothing is recorded."""

    def __init__(self) -> None:
        super().__init__(otel.INVALID_SPAN_CONTEXT)

    def set_output(self, value: Any) -> None:
        """Nothing is noted."""
