"""What people and judges say of sessions and spans afterwards."""

from msgspec import Struct


class Score(Struct, kw_only=True, frozen=True, tag_field="record", tag="score"):
    """A judgement of a session, or of one of its spans: a number, a yes or no, or a word.

    `time` is Unix nanoseconds, `author` whoever judged: a person, a program or a model.
    """

    id: str
    session_id: str
    name: str
    value: float | bool | str
    span_id: str | None = None
    comment: str | None = None
    author: str | None = None
    time: int = 0


class Note(Struct, kw_only=True, frozen=True, tag_field="record", tag="note"):
    """Something written beside a session, or one of its spans; `time` is Unix nanoseconds."""

    id: str
    session_id: str
    text: str
    span_id: str | None = None
    author: str | None = None
    time: int = 0
