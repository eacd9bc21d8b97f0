"""Which sessions say something, be it in few of them or in most."""

from collections.abc import Iterator
from typing import Final

from agentops.store.sqlite.bodies import read_body, read_message
from agentops.store.sqlite.logs import texts_of
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.removal import as_list
from agentops.store.sqlite.search import KINDS, matching
from agentops.store.sqlite.texts import (
    fold,
    plain_text_of_log,
    plain_text_of_message,
    plain_text_of_span,
)

_MOST: Final = 2000
"""Texts that hold a phrase, beyond which it is quicker to read sessions until enough are found."""


def sessions_that_say(reading: Reading, folded: str) -> set[int] | None:
    """The rows of the sessions that hold a folded phrase; None where that is said all too often to tell."""
    holders: set[int] = set()
    for kind in KINDS:
        rows: list[int] = []
        for row, _ in matching(reading, kind, folded):
            rows.append(row)
            if len(rows) > _MOST:
                return None
        holders.update(sid for (sid,) in reading.rows(f"sids_of_{kind.name}s", (as_list(rows),)))
    return holders


def session_says(reading: Reading, sid: int, folded: str) -> bool:
    """Whether a session holds a folded phrase, said by reading it."""
    return any(folded in fold(text) for text in _texts_of_session(reading, sid))


def _texts_of_session(reading: Reading, sid: int) -> Iterator[str]:
    for (body,) in reading.rows("messages_of_session", (sid,)).fetchall():
        yield plain_text_of_message(read_message(body))
    for (body,) in reading.rows("bodies_of_session", (sid,)).fetchall():
        yield plain_text_of_span(read_body(body))
    yield from (
        plain_text_of_log(text) for text in texts_of(reading.rows("logs_of_session", (sid,)).fetchall()).values()
    )
