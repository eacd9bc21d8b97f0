"""What `init` put together, once a process: how it begins, goes on in forked processes, and ends."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops.config import find_pyproject, resolve
from agentops.recording.context import inherited
from agentops.recording.guard import guarded, logger
from agentops.recording.recorder import active
from agentops.stderr import speak

if TYPE_CHECKING:
    from agentops.assembly import Assembly
    from agentops.config import Config
    from agentops.domain.spans import AgentRecord
    from agentops.recording.recorder import Recorder
    from agentops.recording.trace import Trace
    from agentops.session.description import Tags
    from agentops.session.manager import SessionManager
    from agentops.session.session import Session


class State:
    """What `init` put together, once a process.

    Attributes:
        assembly: the parts; None before `init` and after `shutdown`.
        off: why nothing is recorded, and stays so until `init`; None where recording has not been tried.
        remembered: settings that `configure` was given before `init`.
        expected: actors that were made known before `init`, for the first session.
        was_told: whether the program was told that nothing is recorded.
    """

    def __init__(self) -> None:
        self.assembly: Assembly | None = None
        self.off: str | None = None
        self.remembered: dict[str, Any] = {}
        self.was_told = False
        self.expected: list[AgentRecord] = []
        self.lock = threading.RLock()


current = State()


def read_settings(given: dict[str, Any]) -> Config:
    """The configuration with these arguments, with what was wrong in its other sources told."""
    config = resolve(current.remembered | given, os.environ, _find_pyproject())
    speak(config.log_level)
    for problem in config.problems:
        logger.warning("%s", problem)
    return config


def _find_pyproject() -> Path | None:
    try:
        return find_pyproject(Path.cwd())
    except OSError:  # the working directory is gone
        return None


def put_together(config: Config, **parts: Any) -> None:
    """Make and start the parts, or none of them."""
    from agentops.assembly import Assembly  # noqa: PLC0415 - most of what init costs, and nobody else needs it

    with guarded("starting to record"):
        assembly = Assembly(config, **parts)
        assembly.manager.expected, current.expected = current.expected, []
        if config.auto_start_session:
            assembly.recorder.start_session = default_trace
        assembly.start()
        current.assembly = assembly
        if not _forks:
            _forks.append(True)
            os.register_at_fork(before=_before_fork, after_in_child=_after_fork)


_forks: list[bool] = []


def _before_fork() -> None:
    """What the child records goes into the session that is current here, which is to be written down for that."""
    session = None if current.assembly is None else current.assembly.manager.registry.current()
    if session is not None:
        with guarded("writing a session down for a child process"):
            session.telemetry.trace.touch()


def _after_fork() -> None:
    current.lock = threading.RLock()
    if current.assembly is not None:
        with guarded("going on in a forked process"):
            current.assembly.after_fork()


def start_default(manager: SessionManager, config: Config, tags: Tags, inherited_session_id: object = None) -> Session:
    """Start the session of code that no other is current for; in a child of a recorded program, join its session.

    Programs that start sessions of their own leave it unused, so nothing is written of it before something happens.
    """
    parent_id = 0
    if inherited_session_id is None:
        inherited_session_id, parent_id = inherited(os.environ) or (None, 0)
    if inherited_session_id is None:
        session = manager.wait(config.trace_name, tags)
    else:
        session = manager.start(config.trace_name, tags, inherited_session_id, parent_id)
    manager.registry.default = session
    return session


def default_trace() -> Trace | None:
    """What is recorded where no session is: opens the default session."""
    assembly = current.assembly
    if assembly is None:
        return None
    return start_default(assembly.manager, assembly.config, None).telemetry.trace


def wake() -> Recorder | None:
    """The recorder, started now if the configuration allows starting without `init`."""
    with current.lock:
        if current.assembly is None and current.off is None:
            with guarded("starting to record"):
                config = read_settings({})
                if config.enabled and config.auto_init:
                    put_together(config)
                else:
                    current.off = "call agentops.init() first, as auto_init is off" if config.enabled else ""
    return active.recorder


active.wake = wake


def manager() -> SessionManager | None:
    """What starts and ends sessions; None where recording is off."""
    if current.assembly is None:
        wake()
    return None if current.assembly is None else current.assembly.manager


def explain(undone: str) -> None:
    """Say once what to do where recording is off and the program did not switch it off: `undone` is what it missed."""
    if current.off and not current.was_told:
        current.was_told = True
        logger.warning("%s: %s", undone, current.off)


def expected_agents() -> list[AgentRecord]:
    """Actors that are to be made known in the first session."""
    return current.expected if current.assembly is None else current.assembly.manager.expected


def get_assembly() -> Assembly | None:
    """The parts that `init` put together."""
    return current.assembly


def flush(timeout: float = 5.0) -> bool:
    """Deliver what was recorded so far; whether everything arrived within so many seconds."""
    return current.assembly is None or current.assembly.flush(timeout)


def shutdown() -> None:
    """End every session, deliver what is left and stop observing; `init` may begin anew."""
    with current.lock:
        assembly, current.assembly = current.assembly, None
        current.off = "recording was ended by agentops.shutdown(): call agentops.init() to begin anew"
    if assembly is not None:
        with guarded("shutting down"):
            assembly.manager.forget_unused()
            assembly.manager.end_all()
            assembly.undo()
            assembly.finish()
