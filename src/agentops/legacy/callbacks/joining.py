"""What a handler does when a program makes it: begin to record, or take part in what is being recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable


def join(tags: Iterable[str] | str | None, default_tags: Iterable[str], settings: dict[str, Any]) -> None:
    """Begin to record, or tag the session that is being recorded.

    Args:
        tags: words to find the session by.
        default_tags: those of a session that begins here, where no others are given.
        settings: of `agentops.init`, where it was not called yet; None is not given.
    """
    from agentops import client  # noqa: PLC0415 - what it imports, only programs that record need

    with guarded("beginning to record callbacks"):
        given = {name: value for name, value in settings.items() if value is not None}
        if client.get_assembly() is None:
            client.init(tags=list(default_tags) if tags is None else tags, **given)
            return
        session = client.current_session()
        if tags and session is not None:
            session.add_tags(tags)
