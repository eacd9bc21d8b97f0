"""Sessions as AgentOps 0.4 has them: traces, each a root of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from msgspec.json import encode

from agentops.client import state
from agentops.client.sessions import current_session, session_of, start_session
from agentops.client.tracestate import TraceState
from agentops.recording.guard import logger
from agentops.session.endings import end_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from opentelemetry.trace import Span, Tracer

    from agentops.session.description import Tags
    from agentops.session.session import Session


class TraceContext:
    """A trace that was started, and a block that ends it: well, or with the exception that leaves the block.

    Attributes:
        span: the root span; None where this process only takes part.
        token: always None: what is current is given back when the trace ends.
        is_init_trace: whether `init` started it.
        session: the session that the trace is.
    """

    def __init__(
        self,
        span: Span | None,
        token: object = None,
        is_init_trace: bool = False,  # noqa: FBT001, FBT002 - AgentOps's signature
        *,
        session: Session | None = None,
    ) -> None:
        self.span = span
        self.token = token
        self.is_init_trace = is_init_trace
        self.session = session

    @classmethod
    def of(cls, session: Session) -> Self:
        """The trace that a session is."""
        assembly = state.current.assembly
        is_default = assembly is not None and assembly.manager.registry.default is session
        return cls(session.telemetry.root, is_init_trace=is_default, session=session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.session is not None:
            self.session.close(error)

    def __repr__(self) -> str:
        return f"<TraceContext of {self.session!r}>"


def start_trace(trace_name: str = "session", tags: Tags = None) -> TraceContext | None:
    """Start a trace, which is a session: a new root, whatever is current.

    Before `init` this begins to record, unless `auto_init` is off.

    Args:
        trace_name: what it is called.
        tags: words to find it by; of a mapping, `key:value` of each.

    Returns:
        The trace; None, with a warning, where recording is off.

    Raises:
        ConfigurationError: if tags are no words.
    """
    session = start_session(tags, name=trace_name)
    return None if session is None else TraceContext.of(session)


def end_trace(trace_context: object = None, end_state: object = TraceState.SUCCESS) -> None:
    """End a trace, or all that this process started.

    Args:
        trace_context: what `start_trace` gave, or a session; None ends all.
        end_state: how it went, as `TraceState`, status code or word: `Success`, `Fail`, `Indeterminate`.

    Raises:
        TypeError: if the trace is none.
    """
    if isinstance(trace_context, (str, TraceState)):
        trace_context, end_state = None, trace_context
    session = session_of(trace_context)
    if session is not None:
        session.end(*end_of(end_state, None))
    elif trace_context is not None:
        raise TypeError(f"end_trace takes what start_trace gave, not {type(trace_context).__name__}")
    elif state.current.assembly is not None:
        state.current.assembly.manager.end_all(end_state)


_OWN_NAMES: Final = {
    **{f"agent_{name}": f"agent.{name}" for name in ("id", "name", "role", "models", "tools", "reasoning")},
    **{f"workflow_{name}": f"workflow.{name}" for name in ("name", "type", "input", "output")},
    **{f"tool_{name}": f"tool.{name}" for name in ("name", "description", "parameters", "result", "status")},
    "operation_name": "operation.name",
    "operation_version": "operation.version",
    "error_type": "error.type",
    "error_message": "error.message",
}
"""Metadata that have names of their own in AgentOps 0.4, and no prefix."""


def update_trace_metadata(metadata: Mapping[str, object], prefix: str = "trace.metadata") -> bool:
    """Note what else is known of the current session, on its own span.

    Args:
        metadata: text, numbers, switches and lists of these; others are left out, with a warning. `tags` are added to
            the tags of the session.
        prefix: of the attributes' names.

    Returns:
        Whether anything was noted.
    """
    session = current_session()
    root = None if session is None else session.telemetry.root
    if session is None or root is None or not root.is_recording():
        logger.warning("no metadata were noted: there is no running session of this process")
        return False
    noted = False
    for key, value in metadata.items():
        attribute = _attribute_of(value)
        if key == "tags" and isinstance(value, (str, list, tuple, set)):
            session.add_tags(str(tag) for tag in ([value] if isinstance(value, str) else value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - whatever the program lists
        elif attribute is None:
            logger.warning("metadata %r was left out: pass text, a number, a switch, or a list of these", key)
            continue
        else:
            root.set_attribute(_OWN_NAMES.get(key) or (f"{prefix}.{key}" if prefix else key), attribute)
        noted = True
    return noted


def _attribute_of(value: Any) -> str | int | float | bool | None:
    """A value as an attribute, lists as JSON; None if it cannot be one."""
    if isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(item, (str, int, float, bool)) for item in value):  # pyright: ignore[reportUnknownVariableType] - whatever the program lists
        return encode(value).decode()
    return None


class ActiveTraces:
    """The traces of this process, under the name that AgentOps 0.4 has for what starts and ends them."""

    @property
    def initialized(self) -> bool:
        """Whether the program is being recorded."""
        return state.current.assembly is not None

    @property
    def config(self) -> Any:
        """The settings in use; None before `init`."""
        return None if state.current.assembly is None else state.current.assembly.config

    def start_trace(self, trace_name: str = "session", tags: Tags = None) -> TraceContext | None:
        """See `agentops.start_trace`."""
        return start_trace(trace_name, tags)

    def end_trace(self, trace_context: object = None, end_state: object = TraceState.SUCCESS) -> None:
        """See `agentops.end_trace`."""
        end_trace(trace_context, end_state)

    def get_active_traces(self) -> dict[str, TraceContext]:
        """The running traces by their ids, 32 hexadecimal digits."""
        assembly = state.current.assembly
        sessions = [] if assembly is None else assembly.manager.registry.active()
        return {session.telemetry.trace.trace_id.hex(): TraceContext.of(session) for session in sessions}

    def get_active_trace_count(self) -> int:
        """How many traces are running."""
        return len(self.get_active_traces())

    def get_tracer(self, name: str = "agentops") -> Tracer:
        """An OpenTelemetry tracer, whose spans stand in the current session."""
        from opentelemetry.trace import get_tracer  # noqa: PLC0415 - only for those who ask

        return get_tracer(name)

    def shutdown(self) -> None:
        """See `agentops.shutdown`."""
        state.shutdown()


tracer: Final = ActiveTraces()
"""The traces of this process."""
