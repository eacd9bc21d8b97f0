"""Lists of sessions: filtered, sorted, and read a page at a time."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from agentops.domain import wire
from agentops.store.protocol import Page, SessionFilter, SessionOrder, SessionSummary
from agentops.store.sqlite.containing import session_says, sessions_that_say
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.removal import as_list
from agentops.store.sqlite.sessions import read_row
from agentops.store.sqlite.statements import SQL
from agentops.store.sqlite.texts import folded_phrase, legible
from agentops.store.sqlite.transaction import LAST_REVISION

_READ_AT_ONCE: Final = 100
"""Sessions that one page reads through for a text that many hold."""

_MOST: Final = 2**31
_LARGEST: Final = 2**63 - 1
_SECOND: Final = 1_000_000_000
_SECONDS: Final = frozenset({"min_duration", "max_duration"})


class Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """Where a page ended, and in which order that was."""

    order: SessionOrder
    descending: bool
    value: Annotated[int, Meta(ge=-_LARGEST, le=_LARGEST)] | float | str
    sid: Annotated[int, Meta(ge=0, le=_LARGEST)]


_decode_cursor = msgspec.json.Decoder(Cursor).decode


@dataclass(frozen=True, slots=True)
class Listing:
    """What is asked for: which sessions, in which order, from where, and how many."""

    where: SessionFilter
    order: SessionOrder = SessionOrder.START
    descending: bool = True
    cursor: str | None = None
    limit: int = 50


def read_sessions(
    reading: Reading, where: SessionFilter, *, limit: int, before: int | None = None
) -> list[SessionSummary]:
    """The latest sessions first, those that started before a moment (Unix nanoseconds) if one is given."""
    if before is not None:
        where = replace(where, until=before if where.until is None else min(before, where.until))
    return read_page(reading, Listing(where, limit=limit)).items


def read_page(reading: Reading, wanted: Listing) -> Page:
    """The page of a list that a cursor points to.

    Raises:
        ValueError: if the cursor is none, or one of another order.
    """
    conditions = conditions_of(wanted.where)
    if wanted.cursor is not None:
        position = _read_cursor(wanted)
        conditions["before" if wanted.descending else "after"] = {"value": position.value, "sid": position.sid}
    phrase = None if wanted.where.text is None else folded_phrase(wanted.where.text)
    if phrase:
        holders = sessions_that_say(reading, phrase)
        if holders is not None:
            conditions["sids"] = {"sids": as_list(holders)}
            phrase = None
    limit = max(0, min(wanted.limit, _MOST))
    count = max(_READ_AT_ONCE, limit) if phrase else limit
    parameters = {name: value for values in conditions.values() for name, value in values.items()}
    rows = reading.select(_statement(conditions, wanted), {**parameters, "limit": count + 1}).fetchall()
    items: list[SessionSummary] = []
    end: Sequence[Any] | None = None
    for row in rows[:count]:
        if len(items) == limit:
            break
        end = row
        session = read_row(row[:-1])
        if not phrase or session_says(reading, session.sid, phrase):
            items.append(session.summary())
    if end is None or end is rows[-1]:
        return Page(items=items)
    return Page(items=items, next=_write_cursor(Cursor(wanted.order, wanted.descending, end[-1], end[1])))


def read_changes(reading: Reading, after: int, limit: int) -> tuple[list[SessionSummary], int]:
    """Sessions changed since a cursor, each once, and the next cursor."""
    newest = reading.counter(LAST_REVISION)
    if after < 0:
        return [], newest
    rows = reading.rows("changed_sessions", (after, limit)).fetchall()
    return [read_row(row[1:]).summary() for row in rows], rows[-1][0] if len(rows) == limit else max(after, newest)


def conditions_of(where: SessionFilter) -> dict[str, Mapping[str, object]]:
    """The conditions of a filter by name, each with its parameters; that of a text is another matter."""
    found: dict[str, Mapping[str, object]] = {}
    for name in SessionFilter.__struct_fields__:
        value = getattr(where, name)
        if value is None or name == "text":
            continue
        match value:
            case str():
                value = legible(value)
            case Decimal():
                value = float("nan") if value.is_nan() else float(value)
            case _ if name in _SECONDS:
                value = float(value) * _SECOND
            case _:
                value = max(-_LARGEST, min(value, _LARGEST))
        found[name] = {name: value}
        if name in {"tag", "agent"}:
            found[name] = {name: value, f"{name}_json": wire.to_json(value).decode()}
    return found


def _statement(conditions: Mapping[str, object], wanted: Listing) -> str:
    all_of = " AND ".join(SQL[f"where_{name}"] for name in conditions) or SQL["everything"]
    statement = SQL["page_of_sessions"].replace("{conditions}", all_of).replace("{key}", SQL[f"by_{wanted.order}"])
    return statement.replace("{direction}", "DESC" if wanted.descending else "ASC")


def _write_cursor(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(wire.to_json(cursor)).decode().rstrip("=")


def _read_cursor(wanted: Listing) -> Cursor:
    text = wanted.cursor or ""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        cursor = _decode_cursor(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise ValueError("the cursor is none that a page gave") from error
    if (cursor.order, cursor.descending) != (wanted.order, wanted.descending):
        raise ValueError("the cursor belongs to another order")
    if isinstance(cursor.value, str) is not (wanted.order is SessionOrder.NAME):
        raise ValueError("the cursor is none that a page gave")
    return cursor
