"""What is current: the span and the session that the running code belongs to, in OpenTelemetry's own context.

Our spans live under OpenTelemetry's span key, so `opentelemetry.trace.get_current_span()`, propagators and
everybody else's instrumentation see them. The context variable and the key are found by asking the public API, once,
because setting the variable directly costs a quarter less than `attach` and `detach`.
"""

from __future__ import annotations

import contextlib
import contextvars
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from opentelemetry import context as otel_context
from opentelemetry.context.context import Context

from agentops.domain.ids import session_id_of
from agentops.recording.passing import Passing, behind
from agentops.recording.sampling import sampling
from agentops.recording.span import SPAN_KEY, Span

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from contextvars import Token

    from agentops.recording.trace import Trace

TRACE_KEY: Final = otel_context.create_key("agentops-trace")
"""Under which the current session's trace travels beside the span: foreign spans between ours keep it."""

CALL_KEY: Final = otel_context.create_key("agentops-call")
FALLBACK_KEY: Final = otel_context.create_key("agentops-fallback")
"""Under which a model call as a framework tells of it travels beside the span around it, see `recording.fallback`."""

SUPPRESSED_KEY: Final = otel_context.create_key("agentops-suppressed")
"""Set while the running code is our own work, see `suppressed`."""

INTERNAL_KEY: Final = otel_context.create_key("agentops-internal")
"""Under which the span stands in which a library's own transport runs, see `internal`."""

_NOBODY: Final = object()

SESSION_BAGGAGE: Final = "agentops.session"
_TRACEPARENT_PARTS: Final = 4


def _find_variable() -> ContextVar[Context]:
    """The context variable behind OpenTelemetry's runtime context.

    Where OpenTelemetry keeps its context elsewhere (`OTEL_PYTHON_CONTEXT` names another one) we use a variable of
    our own, and our spans nest among themselves only.
    """
    probe = Context({"agentops-probe": True})

    def look() -> ContextVar[Context] | None:
        otel_context.attach(probe)
        return next((variable for variable, value in contextvars.copy_context().items() if value is probe), None)

    return contextvars.Context().run(look) or ContextVar("agentops_context", default=Context())  # noqa: B039 - a Context cannot be changed


_variable: Final = _find_variable()

get_context: Final = _variable.get
set_context: Final = _variable.set
reset_context: Final = _variable.reset
"""Bound once: CPython makes a bound method anew for every call of one on an imported name."""


def current_span() -> Span | None:
    """The innermost span of ours that the running code is in."""
    return _own(get_context())


def _own(context: Mapping[str, object]) -> Span | None:
    """The span of ours that is current in a context."""
    span = context.get(SPAN_KEY)
    if isinstance(span, Span) or span is None:
        return span
    if isinstance(span, Passing):
        span = span.standing()
    return span if isinstance(span, Span) else behind(span)


def current_trace() -> Trace | None:
    """The session that the running code belongs to by its context."""
    context = get_context()
    span = _own(context)
    return context.get(TRACE_KEY) if span is None else span.trace  # pyright: ignore[reportReturnType] - ours


def enter_trace(trace: Trace) -> Token[Context]:
    """Make a session current, and its root span with it; the token undoes it, in the same context."""
    root = trace.root
    here: dict[str, object] = {TRACE_KEY: trace, SPAN_KEY: root if isinstance(root, Span) else None}
    return set_context(Context({**get_context(), **here}))


def leave_trace(trace: Trace, token: Token[Context] | None) -> None:
    """A session ended: what is current here is the session around it, or none if that has ended too."""
    trace.ended = True
    if token is not None and current_trace() is trace:
        leave(token)
    around = current_trace()
    if around is not None and around.ended:
        nothing: dict[str, object] = {TRACE_KEY: None, SPAN_KEY: None}
        set_context(Context({**get_context(), **nothing}))


def enter(span: Span) -> Token[Context]:
    """Make a span current; the token undoes it, in the same context."""
    return set_context(Context({**get_context(), SPAN_KEY: span, TRACE_KEY: span.trace}))


def stay(span: Span) -> Passing:
    """Make a span current from here on, until it ends or steps aside; a model call as `enter_call` does."""
    around = get_context()
    passing = Passing(span, around.get(SPAN_KEY))
    here: dict[str, object] = {SPAN_KEY: passing}
    if span.template.genai or span.opaque:
        here[CALL_KEY] = span
    passing.token = set_context(Context({**around, **here}))
    return passing


def step_aside(passing: Passing) -> None:
    """What stayed is not current any more, here and wherever its context was copied to."""
    passing.stays = False
    if passing.token is not None and get_context().get(SPAN_KEY) is passing:
        leave(passing.token)


def enter_call(span: Span) -> Token[Context]:
    """Make a span current as a call of a library; what it does for that is told apart from the program's own work."""
    return set_context(Context({**get_context(), SPAN_KEY: span, TRACE_KEY: span.trace, CALL_KEY: span}))


def current_call() -> Span | None:
    """The observed call of a library that the running code is part of, whatever spans others have made inside it.

    Inside a span of the program's own, opened meanwhile, it is the program's work again.
    """
    call: Span | None = get_context().get(CALL_KEY)  # pyright: ignore[reportAssignmentType] - ours
    if call is None or call.recorder is None:
        return None
    return call if current_span() in {None, call} else None


def internal() -> dict[str, object]:
    """What to attach where what is sent is a library's own, and no work of the program's."""
    return {INTERNAL_KEY: current_span() or _NOBODY}


def is_internal() -> bool:
    """Whether the running code is a library's own transport; inside a span opened meanwhile it is work again."""
    within = get_context().get(INTERNAL_KEY)
    return within is not None and within is (current_span() or _NOBODY)


def leave(token: Token[Context]) -> None:
    """Undo an `enter`; a context that was torn down or belongs to another task is left as it is."""
    try:  # noqa: SIM105 - `suppress` costs ten times as much, on the hot path
        reset_context(token)
    except ValueError:
        pass


def capture() -> dict[str, object]:
    """What of ours the running code carries, to be attached in another thread: nothing of anybody else's."""
    context = get_context()
    span = _own(context)
    carried: dict[str, object] = {} if span is None else {SPAN_KEY: span}
    carried.update({key: context[key] for key in (TRACE_KEY, FALLBACK_KEY) if key in context})
    return carried


def attach(carried: Mapping[str, object]) -> Token[Context] | None:
    """Make what was captured current here; the token goes to `detach`."""
    return set_context(Context({**get_context(), **carried})) if carried else None


def detach(token: Token[Context] | None) -> None:
    """Undo an `attach`."""
    if token is not None:
        leave(token)


@contextlib.contextmanager
def attached(carried: Mapping[str, object]) -> Generator[None]:
    """What was captured, current in the block."""
    token = attach(carried)
    try:
        yield
    finally:
        detach(token)


def is_suppressed() -> bool:
    """Whether the running code is our own work, which is not recorded."""
    return SUPPRESSED_KEY in get_context()


@contextlib.contextmanager
def suppressed() -> Generator[None]:
    """Nothing in the block is recorded: for our own deliveries."""
    with attached({SUPPRESSED_KEY: True}):
        yield


def carrier(default: Trace | None = None) -> dict[str, str]:
    """The current span and session as environment variables for a child process.

    W3C trace context and baggage, as https://opentelemetry.io/docs/specs/otel/context/env-carriers/ names them.
    """
    span = current_span()
    trace = span.trace if span is not None else default
    if trace is None:
        return {}
    trace.touch()  # others are going to refer to it
    parent = span or trace.root
    span_id = parent.id.hex() if parent is not None else "0" * 16
    return {
        "TRACEPARENT": f"00-{trace.trace_id.hex()}-{span_id}-{sampling.flags_of(trace):02x}",
        "BAGGAGE": f"{SESSION_BAGGAGE}={trace.session_id}",
    }


def inherited(environ: Mapping[str, str]) -> tuple[str, int] | None:
    """The session and the span id of the parent process, where its `carrier` came down to us."""
    members = dict[str, str]()
    for member in environ.get("BAGGAGE", "").split(","):
        name, _, value = member.partition(";")[0].partition("=")
        members[name.strip()] = value.strip()
    session_id = members.get(SESSION_BAGGAGE)
    parts = environ.get("TRACEPARENT", "").split("-")
    if session_id is None or len(parts) != _TRACEPARENT_PARTS:
        return None
    try:
        return session_id_of(session_id), int(parts[2], 16)
    except ValueError:
        return None
