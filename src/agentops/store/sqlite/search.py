"""Finding spans by what they say: through the index, and by reading what it does not have yet."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, Final, NamedTuple

from agentops.store.protocol import SearchHit
from agentops.store.sqlite.bodies import read_body, read_message
from agentops.store.sqlite.logs import texts_of
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.removal import as_list
from agentops.store.sqlite.statements import SQL
from agentops.store.sqlite.texts import (
    fold,
    folded_phrase,
    plain_text_of_log,
    plain_text_of_message,
    plain_text_of_span,
    snippet,
)
from agentops.store.sqlite.transaction import INDEXED_LOG, INDEXED_MESSAGE, INDEXED_SPAN

PIECE: Final = 3
"""Characters in one entry of the index."""

_STEP: Final = 2
"""Characters from one piece to the next: asking for every piece takes twice as long and spares few texts."""

_MOST_PIECES: Final = 16
_TERM_LIMIT: Final = 300
_LAST_CHARACTER: Final = "\U0010ffff"

_WRITTEN_ALIKE: Final = re.compile(r"[a-z _,.;!?'()@#/-]+")
"""Phrases that stand in JSON as they stand in the text: nothing in them is escaped, joined or rounded."""


class Kind(NamedTuple):
    """What can be searched: the name in statements, how far the index has come, and the text of a row."""

    name: str
    indexed: str
    text: Callable[[Sequence[Any]], str]


def search(reading: Reading, phrase: str, limit: int) -> list[SearchHit]:
    """The spans that hold the phrase, newest first.

    A message that a session sends again and again is found at the first span that carried it.
    """
    folded = folded_phrase(phrase)
    if not folded or limit <= 0:
        return []
    ways = (_spans_that_say, _messages_that_say, _logs_that_say)
    hits = [hit for way in ways for hit in way(reading, folded, limit)]
    hits.sort(key=lambda hit: hit.start, reverse=True)
    unique = {(hit.session_id, hit.span_id): hit for hit in reversed(hits)}
    return sorted(unique.values(), key=lambda hit: hit.start, reverse=True)[:limit]


def _spans_that_say(reading: Reading, folded: str, limit: int) -> Iterator[SearchHit]:
    found: dict[int, str] = {}
    for rid, text in matching(reading, SPANS, folded):
        found[rid] = text
        if len(found) == limit:
            break
    for rid, session_id, span_id, name, started in reading.rows("spans_at", (as_list(found),)).fetchall():
        yield SearchHit(
            session_id=session_id, span_id=span_id, span_name=name, start=started, snippet=snippet(found[rid], folded)
        )


def _messages_that_say(reading: Reading, folded: str, limit: int) -> Iterator[SearchHit]:
    count = 0
    for mid, text in matching(reading, MESSAGES, folded):
        for _, session_id, span_id, name, started in reading.rows("holders_of", (mid, limit)).fetchall():
            count += 1
            yield SearchHit(
                session_id=session_id, span_id=span_id, span_name=name, start=started, snippet=snippet(text, folded)
            )
        if count >= limit:
            return


def _logs_that_say(reading: Reading, folded: str, limit: int) -> Iterator[SearchHit]:
    found: set[tuple[str, str]] = set()
    for lid, text in matching(reading, LOGS, folded):
        session_id, span_id, name, time = reading.one("log_at", (lid,))
        found.add((session_id, span_id or ""))
        yield SearchHit(
            session_id=session_id,
            span_id=span_id or "",
            span_name=name or "",
            start=time,
            snippet=snippet(text, folded),
        )
        if len(found) == limit:
            return


def matching(reading: Reading, kind: Kind, folded: str) -> Iterator[tuple[int, str]]:
    """Rows, and their texts, that hold the folded phrase, newest first."""
    expression = _expression(reading, kind.name, folded)
    ways = [f"{kind.name}s_above"]
    if expression is None:
        ways.append(f"{kind.name}s_up_to")
    elif expression:
        ways.append(f"match_{kind.name}s")
    parameters = {
        "expression": expression,
        "indexed": reading.counter(kind.indexed),
        "sought": folded if _WRITTEN_ALIKE.fullmatch(folded) else None,
    }
    for way in ways:
        statement = SQL[way].replace("{may_hold}", SQL["may_hold"])
        with closing(reading.select(statement, parameters)) as rows:  # an open one would hold on to its moment
            for row in rows:
                text = kind.text(row)
                if folded in fold(text):
                    yield row[0], text


def _expression(reading: Reading, what: str, folded: str) -> str | None:
    """What to ask the index; nothing ('') where it holds no such text, None where it is of no help."""
    if len(folded) >= PIECE:
        return " AND ".join(_quoted(piece) for piece in _pieces(folded))
    bounds = (folded, folded + _LAST_CHARACTER, _TERM_LIMIT + 1)
    terms = [term for (term,) in reading.rows(f"{what}_terms_between", bounds)]
    return None if len(terms) > _TERM_LIMIT else " OR ".join(_quoted(term) for term in terms)


def _pieces(folded: str) -> Iterator[str]:
    """Pieces of a phrase that overlap, from its beginning to its end, or as many as pay; hits are checked anyway."""
    last = len(folded) - PIECE
    every = [*range(0, last, _STEP), last]
    step = -(-len(every) // _MOST_PIECES)
    return iter(dict.fromkeys(folded[at : at + PIECE] for at in every[::step]))


def _quoted(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"'


def _text_of_span(row: Sequence[Any]) -> str:
    return plain_text_of_span(read_body(row[1]))


def _text_of_message(row: Sequence[Any]) -> str:
    return plain_text_of_message(read_message(row[1]))


def _text_of_log(row: Sequence[Any]) -> str:
    return plain_text_of_log(texts_of([row])[row[0]])


SPANS: Final = Kind("span", INDEXED_SPAN, _text_of_span)
MESSAGES: Final = Kind("message", INDEXED_MESSAGE, _text_of_message)
LOGS: Final = Kind("log", INDEXED_LOG, _text_of_log)
KINDS: Final = (SPANS, MESSAGES, LOGS)
