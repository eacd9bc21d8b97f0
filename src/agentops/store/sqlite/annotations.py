"""Tags, scores and notes that sessions and spans are given afterwards."""

from collections.abc import Sequence
from typing import Any

from agentops.errors import UnknownSessionError, UnknownSpanError
from agentops.store.protocol import Note, Score
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.rows import moment
from agentops.store.sqlite.sessions import SessionRow, read_row, tag_by_hand
from agentops.store.sqlite.transaction import Transaction

NUMBER, BOOLEAN, TEXT = "number", "boolean", "text"


def set_tags(transaction: Transaction, session_id: str, tags: Sequence[str]) -> None:
    """Give a session these tags and no others."""
    row = _session(transaction, session_id)
    tag_by_hand(transaction, row, tags)
    transaction.run("change_session", row.values())


def add_score(transaction: Transaction, score: Score) -> None:
    """Write a score, in place of one of the same id."""
    sid = _place(transaction, score)
    kind = BOOLEAN if isinstance(score.value, bool) else TEXT if isinstance(score.value, str) else NUMBER
    values = (score.name, kind, score.value, score.comment, score.author, moment(score.time))
    transaction.run("write_score", (score.id, sid, score.span_id, *values))


def add_note(transaction: Transaction, note: Note) -> None:
    """Write a note, in place of one of the same id."""
    sid = _place(transaction, note)
    transaction.run("write_note", (note.id, sid, note.span_id, note.text, note.author, moment(note.time)))


def remove(transaction: Transaction, statement: str, annotation_id: str) -> bool:
    """Remove a score or a note; whether there was one."""
    return transaction.run(statement, (annotation_id,)).rowcount > 0


def _place(transaction: Transaction, annotation: Score | Note) -> int:
    """The row of the session that something is said of."""
    sid = _session(transaction, annotation.session_id).sid
    if annotation.span_id is not None and not transaction.run("has_span", (sid, annotation.span_id)).fetchone():
        raise UnknownSpanError(f"the session {annotation.session_id} has no span {annotation.span_id}")
    return sid


def _session(transaction: Transaction, session_id: str) -> SessionRow:
    found = transaction.run("find_session", (session_id,)).fetchone()
    if found is None:
        raise UnknownSessionError(f"there is no session {session_id}")
    return read_row(found)


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
        value=bool(value) if kind == BOOLEAN else value,
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
