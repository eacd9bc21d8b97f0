"""Tags, scores and notes that sessions and spans are given afterwards.

What is written shares its transaction with others' work, so that what is missing is handed back and not raised there.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any, Final

from agentops.errors import UnknownSessionError, UnknownSpanError
from agentops.store.protocol import Note, Score
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.rows import moment
from agentops.store.sqlite.sessions import SessionRow, read_row, tag_by_hand, write_session
from agentops.store.sqlite.texts import legible
from agentops.store.sqlite.transaction import Transaction

_NUMBER: Final = "number"
_BOOLEAN: Final = "boolean"
_TEXT: Final = "text"

Missing = UnknownSessionError | UnknownSpanError | None
"""What the store does not have that something is to be said of."""


def set_tags(transaction: Transaction, session_id: str, tags: Sequence[str]) -> Missing:
    """Give a session these tags and no others."""
    row = _session(transaction, session_id)
    if isinstance(row, UnknownSessionError):
        return row
    tag_by_hand(transaction, row, [legible(tag) for tag in tags])
    write_session(transaction, row)
    return None


def check_score(score: Score) -> None:
    """Make sure that a score can be kept.

    Raises:
        ValueError: if it is no finite number.
    """
    if isinstance(score.value, (int, float)) and not isfinite(score.value):
        raise ValueError("a score is a finite number, a yes or no, or a text")


def add_score(transaction: Transaction, score: Score) -> Missing:
    """Write a score, in place of one of the same id."""
    place = _place(transaction, score)
    if not isinstance(place, int):
        return place
    if isinstance(score.value, str):
        kind, value = _TEXT, legible(score.value)
    else:
        kind, value = (_BOOLEAN if isinstance(score.value, bool) else _NUMBER), float(score.value)
    said = (legible(score.name), kind, value, _said(score.comment), _said(score.author), moment(score.time))
    transaction.run("write_score", (legible(score.id), place, score.span_id, *said))
    return None


def add_note(transaction: Transaction, note: Note) -> Missing:
    """Write a note, in place of one of the same id."""
    place = _place(transaction, note)
    if not isinstance(place, int):
        return place
    said = (legible(note.text), _said(note.author), moment(note.time))
    transaction.run("write_note", (legible(note.id), place, note.span_id, *said))
    return None


def remove(transaction: Transaction, statement: str, annotation_id: str) -> bool:
    """Remove a score or a note; whether there was one."""
    return transaction.run(statement, (legible(annotation_id),)).rowcount > 0


def _place(transaction: Transaction, annotation: Score | Note) -> int | UnknownSessionError | UnknownSpanError:
    """The row of the session that something is said of."""
    row = _session(transaction, annotation.session_id)
    if isinstance(row, UnknownSessionError) or annotation.span_id is None:
        return row if isinstance(row, UnknownSessionError) else row.sid
    if not transaction.run("has_span", (row.sid, legible(annotation.span_id))).fetchone():
        return UnknownSpanError(f"the session {annotation.session_id} has no span {annotation.span_id}")
    return row.sid


def _session(transaction: Transaction, session_id: str) -> SessionRow | UnknownSessionError:
    found = transaction.run("find_session", (legible(session_id),)).fetchone()
    return UnknownSessionError(f"there is no session {session_id}") if found is None else read_row(found)


def _said(text: str | None) -> str | None:
    return None if text is None else legible(text)


def read_scores(reading: Reading, session_id: str, sid: int) -> list[Score]:
    """The scores of a session, by time."""
    return [_score(session_id, row) for row in reading.rows("scores_of", (sid,))]


def _score(session_id: str, row: Sequence[Any]) -> Score:
    score_id, span_id, name, kind, value, comment, author, time = row
    return Score(
        id=score_id,
        session_id=session_id,
        span_id=span_id,
        name=name,
        value=bool(value) if kind == _BOOLEAN else value,
        comment=comment,
        author=author,
        time=time,
    )


def read_notes(reading: Reading, session_id: str, sid: int) -> list[Note]:
    """The notes on a session, by time."""
    return [
        Note(id=note_id, session_id=session_id, span_id=span_id, text=text, author=author, time=time)
        for note_id, span_id, text, author, time in reading.rows("notes_of", (sid,))
    ]
