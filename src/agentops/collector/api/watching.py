"""What happens, as it happens: in the list of sessions, and in one of them."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Annotated, Final

from msgspec import Meta, Struct

from agentops.collector.api.naming import PREFIX, SESSION, Word, session_named
from agentops.collector.api.telling import Look, Told, event, read_told, tell
from agentops.collector.asked import Asked
from agentops.collector.replies import EVENTS, Stream, to_json
from agentops.collector.routes import Route, Tag
from agentops.errors import UnknownSessionError
from agentops.store.protocol import Store

_SESSIONS_AT_ONCE: Final = 100
_SPANS_AT_ONCE: Final = 50
_LINES_AT_ONCE: Final = 500


class LiveQuery(Struct, kw_only=True, frozen=True):
    """Where to begin."""

    after: Annotated[
        Word | None,
        Meta(
            description="The id of the last event that came, or `0` for all there is; without it, what comes from now"
            " on. The header Last-Event-ID, which browsers send when they come back, goes before it.",
        ),
    ] = None


async def watch_sessions(asked: Asked[LiveQuery, None]) -> Stream:
    """Sessions as they change."""
    return tell(asked, read_told(asked, asked.query.after, 1), _look_at_sessions)


def _look_at_sessions(store: Store, told: Told) -> Look:
    sessions, cursor = store.session_changes(told.cursors[0], limit=_SESSIONS_AT_ONCE)
    now = Told((cursor,))
    return Look([event("sessions", sessions, now)] if sessions else [], now, len(sessions) == _SESSIONS_AT_ONCE)


def watch_session(asked: Asked[LiveQuery, None]) -> Stream:
    """One session as it changes."""
    session_id = session_named(asked)
    told = read_told(asked, asked.query.after, 2)
    asked.store.find(session_id)
    return tell(asked, told, _looking_at(session_id))


def _looking_at(session_id: str) -> Callable[[Store, Told], Look]:
    def look(store: Store, told: Told) -> Look:
        try:
            return _look_at_session(store, session_id, told)
        except UnknownSessionError:
            return Look([event("deleted", {"session_id": session_id}, told)], told, is_end=True)

    return look


def _look_at_session(store: Store, session_id: str, told: Told) -> Look:
    """What is new in a session: spans, lines, and its summary where it is another than was told."""
    summary = store.find(session_id)
    spans, last_span = store.changes(told.cursors[0], session_id=session_id, limit=_SPANS_AT_ONCE)
    lines, last_line = store.log_changes(told.cursors[1], session_id=session_id, limit=_LINES_AT_ONCE)
    events: list[bytes] = []
    told = Told((last_span, told.cursors[1]), told.digest)
    if spans:
        events.append(event("spans", spans, told))
    told = Told((last_span, last_line), told.digest)
    if lines:
        events.append(event("logs", lines, told))
    digest = blake2b(to_json(summary), digest_size=8).hexdigest()
    if digest != told.digest:
        told = Told(told.cursors, digest)
        events.append(event("session", summary, told))
    return Look(events, told, len(spans) == _SPANS_AT_ONCE or len(lines) == _LINES_AT_ONCE)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{PREFIX}/live",
        answer=watch_sessions,
        summary="Sessions as they change: events `sessions` (a list of summaries), and `ready` when all is told",
        tag=Tag.LIVE,
        query=LiveQuery,
        replies=(EVENTS,),
    ),
    Route(
        method="GET",
        path=f"{SESSION}/live",
        answer=watch_session,
        summary="A session as it changes: events `spans`, `logs`, `session`, `deleted`, and `ready` when all is told",
        tag=Tag.LIVE,
        query=LiveQuery,
        replies=(EVENTS,),
    ),
)
