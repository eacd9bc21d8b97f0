"""A whole session as `GET /v2/sessions/<id>/export` gives it, piece by piece however large it is.

The original gives the session and its actions, model calls, tool calls and errors; the statistics that its
documentation promises, the agents and events of other types are here as well.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

import msgspec

from agentops.collector.asked import Asked
from agentops.collector.replies import JSON, Stream, download, to_json
from agentops.collector.v2.statistics import session_in_path, statistics_of
from agentops.domain import v2
from agentops.domain.events.times import timestamp_of
from agentops.domain.spans import SessionRecord
from agentops.domain.states import EndState

GROUPS: Final = ("actions", "llms", "tools", "errors", "events")
"""The lists of an export; the last has the events of all other types."""

_IN_MEMORY: Final = 1 << 18
"""Bytes of a list that are held in memory."""
_CHUNK: Final = 1 << 16
_OURS: Final = ("span", "started", "ended")
"""What events repeat of our own records: exports of `/api/v1` have all of it."""


def export_session(asked: Asked[None, None]) -> Stream:
    """Everything about a session; that it exists is known before the first piece goes out."""
    session_id = session_in_path(asked)
    summary = asked.store.find(session_id)
    record = asked.store.session(session_id)
    head = {
        "session": _session(record, asked.principal.project),
        "statistics": statistics_of(summary),
        "agents": [{"id": agent.id, "name": agent.name, "session_id": session_id} for agent in record.agents],
    }
    return Stream(_pieces(asked, session_id, head), JSON, download(f"session-{session_id}.json"))


def _session(record: SessionRecord, project: str) -> dict[str, Any]:
    return {
        "id": record.session_id,
        "project_id": project,
        "project_id_secondary": None,
        "name": record.name,
        "init_timestamp": timestamp_of(record.start),
        "end_timestamp": None if record.end is None else timestamp_of(record.end),
        "tags": record.tags or [],
        "end_state": record.end_state or EndState.INDETERMINATE.value,
        "end_state_reason": record.end_state_reason,
        "video": record.video,
        "host_env": record.host_env,
    }


def _pieces(asked: Asked[None, None], session_id: str, head: dict[str, Any]) -> Iterator[bytes]:
    """The export; spans are read once, and wait in a file for the list that they belong to."""
    yield to_json(head)[:-1]
    with ExitStack() as opened:
        groups = {group: opened.enter_context(SpooledTemporaryFile[bytes](_IN_MEMORY)) for group in GROUPS}
        store = opened.enter_context(asked.services.projects.lease(asked.principal.project))
        for record in store.spans(session_id):
            for event in v2.events_of(record):
                group = groups.get(event.event_type) or groups["events"]
                group.write(b"," if group.tell() else b"")
                group.write(to_json(_row(event)))
        for name, group in groups.items():
            yield b',"%b":[' % name.encode()
            yield from _content(group)
            yield b"]"
    yield b"}"


def _content(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk


def _row(event: v2.Event) -> dict[str, Any]:
    """An event as the original exports it."""
    row: dict[str, Any] = {name: getattr(event, name) for name in msgspec.structs.asdict(event) if name not in _OURS}
    if isinstance(event, v2.Llm):
        row |= {"prompt": chat(event.prompt), "completion": chat(event.completion), "promptarmor_flag": None}
    return row


def chat(said: Any) -> dict[str, Any] | None:
    """What was said to a model, or by it, as the original keeps it: text, or messages."""
    if said is None:
        return None
    return {"type": "string", "string": said} if isinstance(said, str) else {"type": "chatml", "messages": said}
