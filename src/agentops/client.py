"""What programs call: `init` and the functions around the current session."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agentops.config import find_pyproject, resolve
from agentops.recording.context import inherited
from agentops.recording.guard import guarded, logger
from agentops.recording.recorder import active
from agentops.stderr import speak

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from agentops.assembly import Assembly
    from agentops.config import Config
    from agentops.domain.events import Event
    from agentops.recording.recorder import Recorder
    from agentops.recording.trace import Trace
    from agentops.session.manager import SessionManager
    from agentops.session.session import Session

_NO_LONGER_MEANT: Final = frozenset(
    {"app_url", "exporter_endpoint", "fail_safe", "log_session_replay_url", "parent_key", "prefetch_jwt_token"}
)
"""Arguments of AgentOps that programs may still pass; nothing here depends on them."""


class State:
    """What `init` put together, once a process.

    Attributes:
        assembly: the parts; None before `init` and after `shutdown`.
        is_over: whether recording was ended, until `init` begins anew.
    """

    def __init__(self) -> None:
        self.assembly: Assembly | None = None
        self.is_over = False
        self.lock = threading.RLock()


_state = State()


def init(  # noqa: PLR0913 - the settings that most programs give
    api_key: str | None = None,
    *,
    endpoint: str | None = None,
    tags: Iterable[str] | str | None = None,
    default_tags: Iterable[str] | None = None,
    auto_start_session: bool | None = None,
    inherited_session_id: object = None,
    exporter: Any = None,
    span_processor: Any = None,
    **settings: Any,
) -> Session | None:
    """Begin to record; calling it again gives the running session.

    Every setting may also come from the environment or from `[tool.agentops]` in pyproject.toml; see
    `agentops doctor` for each value and where it came from.

    Args:
        api_key: authenticates towards a collector; not needed to record on this machine.
        endpoint: the collector.
        tags: of the session that is started.
        default_tags: of every session.
        auto_start_session: whether to start a session now; True by default.
        inherited_session_id: take part in the session that another process started.
        exporter: an OpenTelemetry span exporter that gets every ended span.
        span_processor: an OpenTelemetry span processor that does.
        settings: any other setting by its name.

    Returns:
        The session, or None where none was to be started or recording is switched off.

    Raises:
        ConfigurationError: if a setting cannot be what it was given; the message says what to do.
    """
    given = {name: value for name, value in settings.items() if name not in _NO_LONGER_MEANT}
    given.update(api_key=api_key, endpoint=endpoint, default_tags=default_tags, auto_start_session=auto_start_session)
    config = _configure(given)
    with _state.lock:
        if not config.enabled:
            return None
        _state.is_over = False
        if _state.assembly is None:
            _put_together(config, exporter=exporter, span_processor=span_processor)
        manager = None if _state.assembly is None else _state.assembly.manager
    if manager is None:
        return None
    if inherited_session_id is not None:
        return _start_default(manager, config, tags, inherited_session_id)
    if not config.auto_start_session:
        return None
    return manager.registry.default or _start_default(manager, config, tags)


def _configure(given: dict[str, Any]) -> Config:
    config = resolve({name: value for name, value in given.items() if value is not None}, os.environ, _find_pyproject())
    speak(config.log_level)
    if _state.assembly is None:
        for problem in config.problems:
            logger.warning("%s", problem)
    return config


def _find_pyproject() -> Path | None:
    try:
        return find_pyproject(Path.cwd())
    except OSError:  # the working directory is gone
        return None


def _put_together(config: Config, **parts: Any) -> None:
    """Make and start the parts, or none of them."""
    from agentops.assembly import Assembly  # noqa: PLC0415 - most of what init costs, and nobody else needs it

    with guarded("starting to record"):
        assembly = Assembly(config, **parts)
        if config.auto_start_session:
            assembly.recorder.start_session = _default_trace
        assembly.start()
        _state.assembly = assembly
        if not _forks:
            _forks.append(True)
            os.register_at_fork(after_in_child=_after_fork)


_forks: list[bool] = []


def _after_fork() -> None:
    _state.lock = threading.RLock()
    if _state.assembly is not None:
        with guarded("going on in a forked process"):
            _state.assembly.after_fork()


def _start_default(
    manager: SessionManager, config: Config, tags: Iterable[str] | str | None, inherited_session_id: object = None
) -> Session:
    """Start the session of code that no other is current for; in a child of a recorded program, join its session."""
    parent_id = 0
    if inherited_session_id is None:
        inherited_session_id, parent_id = inherited(os.environ) or (None, 0)
    session = manager.start(config.trace_name, tags, inherited_session_id, parent_id)
    manager.registry.default = session
    return session


def _default_trace() -> Trace | None:
    assembly = _state.assembly
    if assembly is None:
        return None
    return _start_default(assembly.manager, assembly.config, None).telemetry.trace


def wake() -> Recorder | None:
    """The recorder, started now if the configuration allows starting without `init`."""
    with _state.lock:
        if _state.assembly is None and not _state.is_over:
            with guarded("starting to record"):
                config = _configure({})
                if config.enabled and config.auto_init:
                    _put_together(config)
    return active.recorder


active.wake = wake


def manager() -> SessionManager | None:
    """What starts and ends sessions; None where recording is off."""
    if _state.assembly is None:
        wake()
    return None if _state.assembly is None else _state.assembly.manager


def get_assembly() -> Assembly | None:
    """The parts that `init` put together."""
    return _state.assembly


def current_session() -> Session | None:
    """The session that the running code belongs to."""
    return None if _state.assembly is None else _state.assembly.manager.registry.current()


def start_session(
    tags: Iterable[str] | str | None = None, inherited_session_id: object = None, *, name: str | None = None
) -> Session | None:
    """Start a session and make it current here, or join the one that another process started.

    Args:
        tags: words to find it by.
        inherited_session_id: the id of the session to join.
        name: what it is called; `trace_name` if None.

    Raises:
        ValueError: if the inherited id is no UUID.
    """
    sessions = manager()
    if sessions is None or _state.assembly is None:
        return None
    return sessions.start(name or _state.assembly.config.trace_name, tags, inherited_session_id)


def end_session(
    end_state: object = "Indeterminate", end_state_reason: str | None = None, video: str | None = None
) -> Decimal | None:
    """End the current session; its cost in USD, None where there is none.

    Raises:
        ValueError: if the end state is none of `Success`, `Fail` and `Indeterminate`.
    """
    session = current_session()
    if session is None:
        logger.warning("there is no session to end")
        return None
    return session.end_session(end_state, end_state_reason, video)


def end_all_sessions(end_state: object = "Indeterminate", reason: str | None = None) -> None:
    """End every session that this process started.

    Raises:
        ValueError: if the end state is none of `Success`, `Fail` and `Indeterminate`.
    """
    if _state.assembly is not None:
        _state.assembly.manager.end_all(end_state, reason)


def record(event: Event) -> None:
    """Record an event in the current session.

    Raises:
        TypeError: if it is no event.
    """
    session = current_session()
    if session is None:
        logger.warning("there is no session to record %s in", type(event).__name__)
        return
    session.record(event)


def flush(timeout: float = 5.0) -> bool:
    """Deliver what was recorded so far; whether everything arrived within so many seconds."""
    return _state.assembly is None or _state.assembly.flush(timeout)


def shutdown() -> None:
    """End every session, deliver what is left and stop observing; `init` may begin anew."""
    with _state.lock:
        assembly, _state.assembly = _state.assembly, None
        _state.is_over = True
    if assembly is not None:
        with guarded("shutting down"):
            assembly.manager.end_all()
            assembly.undo()
            assembly.finish()
