"""What is written down of a session besides its spans."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from agentops.domain.spans import SessionRecord
from agentops.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops.session.session import Session


def record_of(session: Session) -> SessionRecord:
    """What is known of a session now."""
    return SessionRecord(
        session_id=session.session_id,
        name=session.name if session.owned else None,
        state=str(session.state),
        start=session.started_at or session.telemetry.now(),
        end=session.ended_at,
        end_state=None if session.end_state is None else str(session.end_state),
        end_state_reason=session.end_state_reason,
        tags=session.tags or None,
        agents=session.agents,
        host_env=session.host_env if session.ended_at is None else None,  # said before, and large
        video=session.video,
        entrypoint=session.entrypoint,
        process_id=os.getpid(),
        inherited=not session.owned,
    )


def words(tags: Iterable[str] | str | None) -> list[str]:
    """Tags as a list without doubles; one word is a list of one.

    Raises:
        ConfigurationError: if one of them is no string.
    """
    found: list[Any] = [tags] if isinstance(tags, str) else list(tags or ())
    if not all(isinstance(tag, str) for tag in found):
        raise ConfigurationError(f"tags are words, not {tags!r}: pass strings")
    return list(dict.fromkeys(found))
