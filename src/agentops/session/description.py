"""What is written down of a session besides its spans."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from msgspec import to_builtins

from agentops.domain.ids import session_id_of
from agentops.domain.spans import SessionRecord
from agentops.errors import ConfigurationError
from agentops.recording.guard import text_of

if TYPE_CHECKING:
    from agentops.domain.analytics import Analytics
    from agentops.session.session import Session

Tags: TypeAlias = Mapping[str, object] | Iterable[str] | str | None
"""What users pass as tags."""


def record_of(session: Session) -> SessionRecord:
    """What is known of a session now."""
    return SessionRecord(
        session_id=str(session.session_id),
        name=session.name if session.owned else None,
        state=str(session.state),
        start=session.started_at or session.telemetry.now(),
        end=session.ended_at,
        end_state=None if session.ended_at is None else str(session.end_state),
        end_state_reason=session.end_state_reason,
        tags=session.tags or None,
        agents=session.agents,
        host_env=session.host_env if session.ended_at is None else None,  # said before, and large
        video=session.video,
        entrypoint=session.entrypoint,
        process_id=os.getpid(),
        inherited=not session.owned,
    )


def describe(session: Session) -> dict[str, Any]:
    """Everything that is known of a session besides its spans, as plain values."""
    return {
        "session_id": str(session.session_id),
        "name": session.name,
        "state": str(session.state),
        "is_running": session.is_running,
        "init_timestamp": session.init_timestamp,
        "end_timestamp": session.end_timestamp,
        "end_state": str(session.end_state),
        "end_state_reason": session.end_state_reason,
        "tags": list(session.tags),
        "agents": to_builtins(session.agents),
        "video": session.video,
        "token_cost": str(session.token_cost),
        "event_counts": session.event_counts,
        "host_env": session.host_env,
        "session_url": session.session_url,
    }


def time_of(moment: int | None) -> str | None:
    """Unix nanoseconds as ISO 8601 in UTC."""
    from agentops.domain.events import timestamp_of  # noqa: PLC0415 - 5 ms that only those pay who ask

    return None if moment is None else timestamp_of(moment)


def event_counts(analytics: Analytics) -> dict[str, int]:
    """Counts by type of event, as AgentOps 0.3 has them."""
    return {
        "llms": analytics.llm_calls,
        "tools": analytics.tool_calls,
        "actions": analytics.actions,
        "errors": analytics.errors,
        "apis": analytics.apis,
    }


def place_of(session: Session) -> str:
    """Where to look at a session: at the configured dashboard or collector, else with a command on this machine."""
    address = getattr(session.config, "app_url", None) or getattr(session.config, "endpoint", None)
    if address is None:
        return f"agentops show {session.session_id}"
    return f"{address}/drilldown?session_id={session.session_id}"


def as_text(value: object) -> str | None:
    """What programs pass where text is meant, as text: other values as they print, None as None."""
    return value if value is None or type(value) is str else text_of(value)


def agent_id_from(value: object) -> str:
    """An actor's id, from a UUID or its text.

    Raises:
        ValueError: if it is none; the message says what to pass.
    """
    try:
        return session_id_of(value)
    except ValueError:
        advice = "pass a UUID such as uuid4(), or none, to be given one"
        raise ValueError(f"agent_id {value!r} is a badly formed UUID: {advice}") from None


def words(tags: Tags) -> list[str]:
    """Tags as a list without doubles; one word is a list of one, a mapping is a list of `key:value`.

    Raises:
        ConfigurationError: if one of them is no string.
    """
    if isinstance(tags, str):
        return [tags]
    found: list[Any] = []
    if isinstance(tags, Mapping):
        found = [f"{key}:{value}" for key, value in cast("Mapping[object, object]", tags).items()]
    elif isinstance(tags, Iterable):
        found = list(tags)
    elif tags is not None:
        raise ConfigurationError(f"tags are words, not {tags!r}: pass a list of strings")
    if not all(isinstance(tag, str) for tag in found):
        raise ConfigurationError(f"tags are words, not {tags!r}: pass strings")
    return list(dict.fromkeys(found))
