"""Spans as CSV (RFC 4180, UTF-8, with a line of names), one a row."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, Final

from agentops.collector.export.rows import COLUMNS, rows_of
from agentops.store.protocol import Store

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How texts begin that spreadsheets would calculate (https://owasp.org/www-community/attacks/CSV_Injection)."""


def write_csv(store: Store, session_ids: Iterable[str]) -> Iterator[bytes]:
    """The spans of sessions; what a spreadsheet would take for a formula begins with an apostrophe."""
    yield _line(column.name for column in COLUMNS)
    for row in rows_of(store, session_ids):
        yield _line(_cell(column.kind, column.read(row)) for column in COLUMNS)


def _line(cells: Iterable[str]) -> bytes:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode(errors="replace")


def _cell(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == "time":
        return iso(value)
    if kind == "bool":
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if kind == "str" and text.startswith(_FORMULAS) else text


def iso(nanoseconds: int) -> str:
    """A moment as ISO 8601 in UTC, with microseconds; as the number it is where no calendar goes so far."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return str(nanoseconds)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
