"""What people and judges say of sessions and spans: tags, scores and notes."""

import time
from typing import Annotated, Any, Final
from uuid import uuid4

from msgspec import Meta, Struct

from agentops.collector.access import Scope
from agentops.collector.api.naming import SESSION, session_named
from agentops.collector.asked import Asked
from agentops.collector.problems import not_found
from agentops.collector.routes import Route, Tag
from agentops.store.protocol import Note, Score

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Id = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=100_000)]
Time = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Tags(Struct, frozen=True):
    """The tags of a session."""

    tags: Annotated[list[Name], Meta(max_length=1000)]


class NewScore(Struct, kw_only=True, frozen=True):
    """A judgement to keep. One of the same id is replaced; an id is made where none is given, `time` is now."""

    name: Name
    value: float | bool | Text
    id: Id | None = None
    span_id: Id | None = None
    comment: Text | None = None
    author: Name | None = None
    time: Time | None = None


class NewNote(Struct, kw_only=True, frozen=True):
    """Something to write down. One of the same id is replaced; an id is made where none is given, `time` is now."""

    text: Text
    id: Id | None = None
    span_id: Id | None = None
    author: Name | None = None
    time: Time | None = None


class Scores(Struct, frozen=True):
    """The scores of a session and its spans, by time."""

    items: list[Score]


class Notes(Struct, frozen=True):
    """The notes on a session and its spans, by time."""

    items: list[Note]


def set_tags(asked: Asked[None, Tags]) -> Tags:
    """Give a session these tags and no others."""
    session_id = session_named(asked)
    asked.store.set_tags(session_id, list(dict.fromkeys(asked.body.tags)))
    _ring(asked)
    return Tags(asked.store.session(session_id).tags or [])


def add_score(asked: Asked[None, NewScore]) -> Score:
    """Keep a score."""
    new = asked.body
    score = Score(
        id=new.id or str(uuid4()),
        session_id=session_named(asked),
        span_id=new.span_id,
        name=new.name,
        value=new.value,
        comment=new.comment,
        author=new.author,
        time=_time(new.time),
    )
    asked.store.add_score(score)
    _ring(asked)
    return score


def list_scores(asked: Asked[None, None]) -> Scores:
    """The scores of a session."""
    return Scores(asked.store.scores(session_named(asked)))


def remove_score(asked: Asked[None, None]) -> Score:
    """Forget a score; what it was."""
    found = _find(asked.store.scores(session_named(asked)), asked.path["score_id"], "score")
    asked.store.remove_score(found.id)
    _ring(asked)
    return found


def add_note(asked: Asked[None, NewNote]) -> Note:
    """Keep a note."""
    new = asked.body
    note = Note(
        id=new.id or str(uuid4()),
        session_id=session_named(asked),
        span_id=new.span_id,
        text=new.text,
        author=new.author,
        time=_time(new.time),
    )
    asked.store.add_note(note)
    _ring(asked)
    return note


def list_notes(asked: Asked[None, None]) -> Notes:
    """The notes on a session."""
    return Notes(asked.store.notes(session_named(asked)))


def remove_note(asked: Asked[None, None]) -> Note:
    """Forget a note; what it was."""
    found = _find(asked.store.notes(session_named(asked)), asked.path["note_id"], "note")
    asked.store.remove_note(found.id)
    _ring(asked)
    return found


def _find(items: list[Any], wanted: str, word: str) -> Any:
    for item in items:
        if item.id == wanted:
            return item
    raise not_found(f"the session has no such {word}")


def _time(given: int | None) -> int:
    return time.time_ns() if given is None else given


def _ring(asked: Asked[Any, Any]) -> None:
    asked.services.live.note(asked.principal.project)


ROUTES: Final = (
    Route(
        method="PUT",
        path=f"{SESSION}/tags",
        answer=set_tags,
        summary="Give a session these tags and no others",
        tag=Tag.ANNOTATIONS,
        scope=Scope.WRITE,
        body=Tags,
        reply=Tags,
    ),
    Route(
        method="POST",
        path=f"{SESSION}/scores",
        answer=add_score,
        summary="Score a session or one of its spans",
        tag=Tag.ANNOTATIONS,
        scope=Scope.WRITE,
        body=NewScore,
        reply=Score,
        status=201,
    ),
    Route(
        method="GET",
        path=f"{SESSION}/scores",
        answer=list_scores,
        summary="The scores of a session and its spans",
        tag=Tag.ANNOTATIONS,
        reply=Scores,
    ),
    Route(
        method="DELETE",
        path=f"{SESSION}/scores/{{score_id}}",
        answer=remove_score,
        summary="Forget a score",
        tag=Tag.ANNOTATIONS,
        scope=Scope.WRITE,
        reply=Score,
    ),
    Route(
        method="POST",
        path=f"{SESSION}/notes",
        answer=add_note,
        summary="Write a note on a session or one of its spans",
        tag=Tag.ANNOTATIONS,
        scope=Scope.WRITE,
        body=NewNote,
        reply=Note,
        status=201,
    ),
    Route(
        method="GET",
        path=f"{SESSION}/notes",
        answer=list_notes,
        summary="The notes on a session and its spans",
        tag=Tag.ANNOTATIONS,
        reply=Notes,
    ),
    Route(
        method="DELETE",
        path=f"{SESSION}/notes/{{note_id}}",
        answer=remove_note,
        summary="Forget a note",
        tag=Tag.ANNOTATIONS,
        scope=Scope.WRITE,
        reply=Note,
    ),
)
