"""What is written down of a session besides its spans."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from agentops.domain.spans import SessionRecord
from agentops.errors import ConfigurationError

if TYPE_CHECKING:
    from agentops.session.session import Session

Tags: TypeAlias = Mapping[str, object] | Iterable[str] | str | None
"""What users pass as tags."""


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
