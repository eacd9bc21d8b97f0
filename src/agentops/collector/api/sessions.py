"""Sessions: the list of them, one of them, and forgetting them."""

import math
from decimal import Decimal
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from agentops.collector.access import Scope
from agentops.collector.api.naming import (
    PREFIX,
    SESSION,
    Cursor,
    Limit,
    Moment,
    SessionId,
    Word,
    read_moment,
    read_session_id,
    session_named,
)
from agentops.collector.asked import Asked
from agentops.collector.problems import bad_request, not_found, refusing
from agentops.collector.routes import Route, Tag
from agentops.domain.spans import SessionRecord
from agentops.domain.states import EndState, SessionState
from agentops.store.protocol import Note, Page, Score, SessionFilter, SessionOrder, SessionSummary


class Wanted(Struct, kw_only=True, frozen=True):
    """Which sessions are meant; every given field must hold."""

    state: Annotated[SessionState | None, Meta(description="Where they stand.")] = None
    end_state: Annotated[EndState | None, Meta(description="How they ended, as the program said.")] = None
    tag: Annotated[Word | None, Meta(description="One of their tags.")] = None
    name: Annotated[Word | None, Meta(description="Their name.")] = None
    agent: Annotated[Word | None, Meta(description="The name of one of their agents.")] = None
    model: Annotated[Word | None, Meta(description="A model that answered one of their calls.")] = None
    user: Annotated[Word | None, Meta(description="Whom they served.")] = None
    text: Annotated[Word | None, Meta(description="What one of their spans, messages or lines says.")] = None
    since: Annotated[
        Moment | None,
        Meta(description="The earliest start: ISO 8601 (UTC unless it says otherwise) or Unix nanoseconds."),
    ] = None
    until: Annotated[Moment | None, Meta(description="The moment before which they began.")] = None
    has_errors: Annotated[bool | None, Meta(description="Whether something went wrong in them.")] = None
    min_cost: Annotated[Decimal | None, Meta(description="What they cost at least, in USD.")] = None
    max_cost: Annotated[Decimal | None, Meta(description="What they cost at most, in USD.")] = None
    min_duration: Annotated[float | None, Meta(description="How long they took at least, in seconds.")] = None
    max_duration: Annotated[float | None, Meta(description="How long they took at most, in seconds.")] = None


class SessionQuery(Wanted, kw_only=True, frozen=True):
    """Which sessions to list, in which order."""

    order: Annotated[SessionOrder, Meta(description="What they are sorted by.")] = SessionOrder.START
    descending: Annotated[bool, Meta(description="Whether the largest, or latest, comes first.")] = True
    cursor: Cursor | None = None
    limit: Limit = 50


class SessionDetail(Struct, kw_only=True, frozen=True):
    """All that is known of a session besides what happened in it; `lines` counts what its program wrote."""

    session: SessionRecord
    summary: SessionSummary
    scores: list[Score]
    notes: list[Note]
    lines: int


class SessionIds(Struct, frozen=True):
    """Sessions by their ids."""

    ids: Annotated[list[SessionId], Meta(max_length=1000)]


class Deleted(Struct, frozen=True):
    """How many sessions were forgotten."""

    sessions: int


def filter_of(wanted: Wanted) -> SessionFilter:
    """What a query asks for, as the store takes it.

    Raises:
        RequestError: 400 if a moment is none, or a number is not finite.
    """
    for name in ("min_cost", "max_cost", "min_duration", "max_duration"):
        number = getattr(wanted, name)
        if number is not None and not math.isfinite(number):
            raise bad_request(f"{name} is no finite number")
    return SessionFilter(
        state=wanted.state,
        end_state=wanted.end_state,
        tag=wanted.tag,
        name=wanted.name,
        agent=wanted.agent,
        model=wanted.model,
        user=wanted.user,
        text=wanted.text,
        since=read_moment(wanted.since, "since"),
        until=read_moment(wanted.until, "until"),
        has_errors=wanted.has_errors,
        min_cost=wanted.min_cost,
        max_cost=wanted.max_cost,
        min_duration=wanted.min_duration,
        max_duration=wanted.max_duration,
    )


def list_sessions(asked: Asked[SessionQuery, None]) -> Page:
    """A page of sessions."""
    query = asked.query
    with refusing():
        return asked.store.page(
            filter_of(query),
            order=query.order,
            descending=query.descending,
            cursor=query.cursor,
            limit=query.limit,
        )


def read_session(asked: Asked[None, None]) -> SessionDetail:
    """One session."""
    store, session_id = asked.store, session_named(asked)
    return SessionDetail(
        session=store.session(session_id),
        summary=store.find(session_id),
        scores=store.scores(session_id),
        notes=store.notes(session_id),
        lines=store.count_lines(session_id),
    )


def delete_session(asked: Asked[None, None]) -> Deleted:
    """Forget one session."""
    session_id = session_named(asked)
    count = asked.store.delete([session_id])
    if not count:
        raise not_found(f"there is no session {session_id}")
    return _told(asked, count)


def delete_sessions(asked: Asked[None, SessionIds]) -> Deleted:
    """Forget several sessions; those that are not there are passed over."""
    return _told(asked, asked.store.delete([read_session_id(text) for text in asked.body.ids]))


def _told(asked: Asked[Any, Any], count: int) -> Deleted:
    asked.services.live.note(asked.principal.project)
    return Deleted(count)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{PREFIX}/sessions",
        answer=list_sessions,
        summary="List sessions",
        tag=Tag.SESSIONS,
        query=SessionQuery,
        reply=Page,
    ),
    Route(
        method="POST",
        path=f"{PREFIX}/sessions/delete",
        answer=delete_sessions,
        summary="Forget several sessions, and all that is in them",
        tag=Tag.SESSIONS,
        scope=Scope.ADMIN,
        body=SessionIds,
        reply=Deleted,
    ),
    Route(
        method="GET", path=SESSION, answer=read_session, summary="One session", tag=Tag.SESSIONS, reply=SessionDetail
    ),
    Route(
        method="DELETE",
        path=SESSION,
        answer=delete_session,
        summary="Forget a session, and all that is in it",
        tag=Tag.SESSIONS,
        scope=Scope.ADMIN,
        reply=Deleted,
    ),
)
