"""Finding spans by what they say: through the index, and by reading what it does not have yet."""

from collections.abc import Callable, Iterator
from typing import Final

from agentops.store.protocol import SearchHit
from agentops.store.sqlite.logs import texts_of
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.removal import as_list
from agentops.store.sqlite.rows import MESSAGE, read_body, read_message
from agentops.store.sqlite.texts import fold, plain_text_of_log, plain_text_of_message, plain_text_of_span, snippet
from agentops.store.sqlite.transaction import INDEXED_LOG, INDEXED_MESSAGE, INDEXED_SPAN

PIECE: Final = 3
"""Characters in one entry of the index."""

_PAGE: Final = 64
_TERM_LIMIT: Final = 300
_LAST_CHARACTER: Final = "\U0010ffff"
_BEYOND: Final = 2**63 - 1

Texts = Callable[[Reading, list[int]], dict[int, str]]


def search(reading: Reading, phrase: str, limit: int) -> list[SearchHit]:
    """The spans that hold the phrase, newest first.

    A message that a session sends again and again is found at the first span that carried it.
    """
    folded = fold(phrase).strip()
    if not folded or limit <= 0:
        return []
    ways = (_spans_that_say, _messages_that_say, _logs_that_say)
    hits = [hit for way in ways for hit in way(reading, folded, limit)]
    hits.sort(key=lambda hit: hit.start, reverse=True)
    unique = {(hit.session_id, hit.span_id): hit for hit in reversed(hits)}
    return sorted(unique.values(), key=lambda hit: hit.start, reverse=True)[:limit]


def _spans_that_say(reading: Reading, folded: str, limit: int) -> Iterator[SearchHit]:
    found: dict[int, str] = {}
    for rid, text in _matching(reading, "span", folded, reading.counter(INDEXED_SPAN), _texts_of_spans):
        found[rid] = text
        if len(found) == limit:
            break
    for rid, session_id, span_id, name, started in reading.rows("spans_at", (as_list(found),)).fetchall():
        yield SearchHit(
            session_id=session_id, span_id=span_id, span_name=name, start=started, snippet=snippet(found[rid], folded)
        )


def _messages_that_say(reading: Reading, folded: str, limit: int) -> Iterator[SearchHit]:
    count = 0
    for mid, text in _matching(reading, "message", folded, reading.counter(INDEXED_MESSAGE), _texts_of_messages):
        for _, session_id, span_id, name, started in reading.rows("holders_of", (mid, limit)).fetchall():
            count += 1
            yield SearchHit(
                session_id=session_id, span_id=span_id, span_name=name, start=started, snippet=snippet(text, folded)
            )
        if count >= limit:
            return


def _logs_that_say(reading: Reading, folded: str, limit: int) -> Iterator[SearchHit]:
    found: set[tuple[str, str]] = set()
    for lid, text in _matching(reading, "log", folded, reading.counter(INDEXED_LOG), _texts_of_logs):
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


def _matching(reading: Reading, what: str, folded: str, indexed: int, texts: Texts) -> Iterator[tuple[int, str]]:
    """Rows, and their texts, that hold the phrase, newest first."""
    expression = _expression(reading, what, folded)
    pages = [_pages(reading, f"{what}s_below", (indexed,), _BEYOND)]
    if expression is None:
        pages.append(_pages(reading, f"{what}s_below", (0,), indexed + 1))
    elif expression:
        pages.append(_pages(reading, f"match_{what}s", (expression,), indexed + 1))
    for page in (page for way in pages for page in way):
        found = texts(reading, page)
        yield from ((row, found[row]) for row in page if row in found and folded in fold(found[row]))


def _pages(reading: Reading, name: str, fixed: tuple[int | str, ...], below: int) -> Iterator[list[int]]:
    while True:
        page = [row for (row,) in reading.rows(name, (*fixed, below, _PAGE))]
        if page:
            yield page
        if len(page) < _PAGE:
            return
        below = page[-1]


def _expression(reading: Reading, what: str, folded: str) -> str | None:
    """What to ask the index; nothing ('') where it holds no such text, None where it is of no help."""
    if len(folded) >= PIECE:
        pieces = dict.fromkeys(folded[at : at + PIECE] for at in range(len(folded) - PIECE + 1))
        return " AND ".join(_quoted(piece) for piece in pieces)
    bounds = (folded, folded + _LAST_CHARACTER, _TERM_LIMIT + 1)
    terms = [term for (term,) in reading.rows(f"{what}_terms_between", bounds)]
    return None if len(terms) > _TERM_LIMIT else " OR ".join(_quoted(term) for term in terms)


def _quoted(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"'


def _texts_of_spans(reading: Reading, rids: list[int]) -> dict[int, str]:
    rows = reading.rows("read_bodies", (as_list(rids),))
    return {rid: plain_text_of_span(read_body(body)) for rid, body, _ in rows}


def _texts_of_messages(reading: Reading, mids: list[int]) -> dict[int, str]:
    found = reading.messages(set(mids))
    return {mid: plain_text_of_message(read_message(body)) for mid, (kind, body) in found.items() if kind == MESSAGE}


def _texts_of_logs(reading: Reading, lids: list[int]) -> dict[int, str]:
    found = texts_of(reading.rows("read_logs", (as_list(lids),)))
    return {lid: plain_text_of_log(text) for lid, text in found.items()}
