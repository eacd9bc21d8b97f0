"""The functions around the current session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops.client import state
from agentops.client.setup import configure
from agentops.config import is_setting
from agentops.domain.ids import session_id_of
from agentops.domain.states import EndState
from agentops.recording.guard import logger
from agentops.session.session import Session

if TYPE_CHECKING:
    from decimal import Decimal

    from agentops.domain.events import Event
    from agentops.session.description import Tags


def current_session() -> Session | None:
    """The session that the running code belongs to."""
    return None if state.current.assembly is None else state.current.assembly.manager.registry.current()


def _session_to(do: str) -> Session | None:
    """The session that a function is meant for; None, with a warning, where that cannot be told."""
    session = current_session()
    if session is None:
        assembly = state.current.assembly
        count = 0 if assembly is None else len(assembly.manager.registry.active())
        if count > 1:
            logger.warning(
                "%d sessions are running and none is current here: call the method of the one to %s", count, do
            )
        else:
            logger.warning("there is no session to %s", do)
    return session


def start_session(
    tags: Tags = None,
    inherited_session_id: object = None,
    *,
    name: str | None = None,
    config: object = None,
    **settings: Any,
) -> Session | None:
    """Start a session and make it current here, or join the one that another process started.

    Before `init` this begins to record, unless `auto_init` is off.

    Args:
        tags: words to find it by.
        inherited_session_id: the id of the session to join.
        name: what it is called; `trace_name` if None.
        config: settings as attributes of an object, as AgentOps 0.3 had them.
        settings: settings by name, as `agentops.configure` takes them: they are those of the program from then on.

    Returns:
        The session; None, with a warning, where recording is off.

    Raises:
        ConfigurationError: if tags are no words or a setting cannot be what it was given.
        ValueError: if the inherited id is no UUID.
    """
    if config is not None:
        said = {name: value for name, value in vars(config).items() if is_setting(name) and value is not None}
        settings = said | settings
    if settings:
        configure(**settings)
    sessions = state.manager()
    if sessions is None or state.current.assembly is None:
        state.explain("no session was started")
        return None
    return sessions.start(name or state.current.assembly.config.trace_name, tags, inherited_session_id)


def end_session(
    session_or_status: object = None,
    end_state_reason: str | None = None,
    video: str | None = None,
    is_auto_end: bool = False,  # noqa: FBT001, FBT002 - AgentOps's signature
    *,
    end_state: object = None,
    **more: Any,
) -> Decimal | None:
    """End a session; its cost in USD, None where nothing was ended.

    Args:
        session_or_status: how the current session went, `Success`, `Fail` or `Indeterminate`; or the session to end.
        end_state_reason: why, in words.
        video: address of a recording.
        is_auto_end: a framework ends it, not the program: nothing happens where `skip_auto_end_session` is on.
        end_state: how it went; `Success` where nobody says.
        more: kept with the session's own span, as `agentops.legacy.<name>`.
    """
    session = session_of(session_or_status)
    if session is None:
        end_state = end_state if session_or_status is None else session_or_status
        session = _session_to("end")
    if session is None:
        return None
    end_state = EndState.SUCCESS if end_state is None else end_state
    return session.end_session(end_state, end_state_reason, video, is_auto_end=is_auto_end, **more)


def session_of(value: object) -> Session | None:
    """The session that an object is, or is the trace of."""
    found = value if isinstance(value, Session) else getattr(value, "session", None)
    return found if isinstance(found, Session) else None


def end_all_sessions(end_state: object = "Indeterminate", reason: str | None = None) -> None:
    """End every session that this process started."""
    if state.current.assembly is not None:
        state.current.assembly.manager.end_all(end_state, reason)


def record(event: Event) -> Event:
    """Record an event in the current session.

    Returns:
        The event, now with the time of its end.

    Raises:
        TypeError: if it is no event.
    """
    session = _session_to(f"record {type(event).__name__} in")
    if session is not None:
        session.record(event)
    return event


def add_tags(tags: Tags) -> None:
    """Add words to find the current session by.

    Raises:
        ConfigurationError: if one of them is no string.
    """
    session = _session_to("tag")
    if session is not None:
        session.add_tags(tags)


def set_tags(tags: Tags) -> None:
    """Replace the words to find the current session by.

    Raises:
        ConfigurationError: if one of them is no string.
    """
    session = _session_to("tag")
    if session is not None:
        session.set_tags(tags)


def create_agent(name: str, agent_id: object = None) -> str | None:
    """Make an actor known in the current session.

    Returns:
        Its id; None, with a warning, where there is no session.

    Raises:
        ValueError: if the id is no UUID.
    """
    session = _session_to("make an agent known in")
    return None if session is None else session.create_agent(name, agent_id)


def get_session(session_id: object) -> Session | None:
    """The running session of this id, a UUID or its text; None if there is none."""
    try:
        wanted = session_id_of(session_id)
    except ValueError:
        return None
    return None if state.current.assembly is None else state.current.assembly.manager.registry.get(wanted)
