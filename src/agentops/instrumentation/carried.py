"""What travels with work that is handed over: calls that run under what was current where they came from."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from opentelemetry.context.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext

from agentops.recording.context import (
    FALLBACK_KEY,
    SPAN_KEY,
    TRACE_KEY,
    attach,
    capture,
    carrier,
    current_trace,
    detach,
    get_context,
    inherited,
    set_context,
)
from agentops.recording.guard import guarded
from agentops.recording.recorder import active
from agentops.recording.sampling import NOT_SAMPLED, SAMPLED
from agentops.recording.span import Outside
from agentops.recording.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

_TRACE_ID: Final = slice(3, 35)
"""Where the trace id stands in a TRACEPARENT: https://www.w3.org/TR/trace-context/#traceparent-header"""

_traces: WeakValueDictionary[str, Trace] = WeakValueDictionary()
"""The sessions that came here from other processes, so that one session is one object while anything refers to it."""


class ArrivedSpan(NonRecordingSpan):
    """The span of another process under which work came here."""


class Starting(threading.local):
    """Whether this thread is inside a pool that starts its workers: they outlive what is current."""

    workers: bool = False


starting: Final = Starting()


class Carried:
    """A call under what was current where it was handed over; pickled, it carries that as text."""

    __slots__ = ("_call", "_carried")

    def __init__(self, call: Callable[..., Any], carried: Mapping[str, object]) -> None:
        self._call = call
        self._carried = carried

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make the call."""
        token = attach(self._carried)
        try:
            return self._call(*args, **kwargs)
        finally:
            detach(token)

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrive, (self._call, as_text(self._carried))


class ThreadRun:
    """A thread's `run`, once, under what was current where it was started."""

    __slots__ = ("_carried", "_own", "_thread")

    def __init__(self, thread: Any, carried: Mapping[str, object]) -> None:
        self._thread: Any = thread
        self._carried: Mapping[str, object] = carried
        self._own = _take_place(self, thread)

    def restore(self) -> None:
        """Give the thread its own `run` back."""
        _give_place(self._own, self._thread)

    def __call__(self) -> None:
        """Run the thread; afterwards nothing here refers to it, nor to what was carried."""
        self.restore()
        thread, self._thread = self._thread, None
        token = attach(self._carried)
        self._carried = {}
        try:
            thread.run()
        finally:
            detach(token)


class ProcessRun:
    """A process's `run`, once, in the child: under what was current where it was started, also in its environment.

    So it says the same after fork, spawn and forkserver, whatever the process came by before.
    A worker of a pool starts with nothing current: what it is to run comes later and carries its own.
    """

    def __init__(self, process: Any, text: Mapping[str, str]) -> None:
        self._process = process
        self._text = text
        self._is_worker = starting.workers
        self._own = _take_place(self, process)

    def restore(self) -> None:
        """Give the process object its own `run` back."""
        _give_place(self._own, self._process)

    def __call__(self) -> None:
        """Run the process, in the child."""
        self.restore()
        starting.workers = False
        with guarded("taking over the session of the parent process"):
            _enter_environment(self._text, os.environ)
            here = current_trace()
            arrived = revive(self._text)
            if self._is_worker:
                _clear()
            elif here is None or here is not arrived.get(TRACE_KEY):
                attach(arrived)
        self._process.run()


def _take_place(run: Callable[[], None], runner: Any) -> Any:
    """Put a `run` into the dictionary of a thread or process, whose class may forbid setting attributes."""
    own = runner.__dict__.get("run")
    runner.__dict__["run"] = run
    return own


def _give_place(own: Any, runner: Any) -> None:
    if own is None:
        runner.__dict__.pop("run", None)
    else:
        runner.__dict__["run"] = own


def _clear() -> None:
    context = get_context()
    others = {key: value for key, value in context.items() if key not in {SPAN_KEY, TRACE_KEY, FALLBACK_KEY}}
    set_context(Context(others))


def environment(given: Any) -> Any:
    """The environment that a program is started with, made out of the one it was given (None: that of this process).

    The mapping itself is left as it is. It comes back unchanged where nothing is current, and where the user named
    a span of another trace as the parent already.
    """
    text = as_text(captured())
    kept: Any = os.environ if given is None else given
    if not text or not isinstance(kept, Mapping):
        return given
    copy = dict[Any, Any](os.environ if given is None else given)
    if any(isinstance(name, bytes) and os.fsdecode(name) in text for name in copy):
        return given
    return copy if _enter_environment(text, copy) else given


def captured() -> dict[str, object]:
    """What is current here and may be carried; empty where nothing is."""
    here = capture()
    return here if any(value is not None for value in here.values()) else {}


def as_text(carried: Mapping[str, object]) -> dict[str, str]:
    """A carrier of what was captured; of the session that is current by default where nothing was."""
    token = attach(carried)
    try:
        return carrier(current_trace() or (active.recorder.find_trace() if active.recorder else None))
    finally:
        detach(token)


def revive(text: Mapping[str, str]) -> dict[str, object]:
    """What a carrier stands for, to be attached in this process."""
    origin = inherited(text)
    if origin is None:
        return {}
    session_id, span_id = origin
    trace = _trace_of(session_id)
    if trace.root is None:
        trace.root = Outside(span_id.to_bytes(8, "big"))
    flags = NOT_SAMPLED if text["TRACEPARENT"].endswith("-00") else SAMPLED
    context = SpanContext(int.from_bytes(trace.trace_id), span_id, is_remote=False, trace_flags=flags)
    return {SPAN_KEY: ArrivedSpan(context), TRACE_KEY: trace}


def _trace_of(session_id: str) -> Trace:
    """The one object for a session in this process: that of the parent after a fork, or the first that came here."""
    for known in (current_trace(), active.recorder.find_trace() if active.recorder else None):
        if known is not None and known.session_id == session_id:
            return _traces.setdefault(session_id, known)
    return _traces.setdefault(session_id, Trace(session_id))


def _arrive(call: Callable[..., Any], text: Mapping[str, str]) -> Carried:
    return Carried(call, revive(text))


def _enter_environment(text: Mapping[str, str], environ: MutableMapping[str, str]) -> bool:
    """Write a carrier into an environment, unless that names a parent of the user's; other baggage stays."""
    if not text or _is_the_users(environ, text["TRACEPARENT"][_TRACE_ID]):
        return False
    ours = text["BAGGAGE"]
    name = ours.partition("=")[0]
    members = [member for member in environ.get("BAGGAGE", "").split(",") if member.strip()]
    kept = [member for member in members if member.partition("=")[0].strip() != name]
    environ["TRACEPARENT"] = text["TRACEPARENT"]
    environ["BAGGAGE"] = ",".join((*kept, ours))
    return True


def _is_the_users(environ: Mapping[str, str], trace_id: str) -> bool:
    """Whether an environment names a parent that is neither of this trace nor handed down by agentops."""
    named = environ.get("TRACEPARENT", "")[_TRACE_ID]
    origin = inherited(environ)
    return bool(named) and named != trace_id and (origin is None or origin[0].replace("-", "") != named)
