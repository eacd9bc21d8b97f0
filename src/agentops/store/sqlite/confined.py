"""A program that runs one SELECT of a stranger's, and is confined: in what it reads, how long, and how much it holds.

It is run by path, in a process of its own that imports nothing of this package, so that a statement that outgrows
every limit of SQLite's takes nobody with it. Stdin has the question and stdout the answer, as `marshal` writes them.
"""

import marshal
import re
import resource
import secrets
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

MEMORY: Final = 256 * 1024 * 1024
"""Bytes of address space."""

SPILLED: Final = 128 * 1024 * 1024
"""Bytes in one temporary file, into which large sorts go."""

ANSWER: Final = 8 * 1024 * 1024
"""Bytes of texts in the rows together, beyond which they are cut off."""

_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: 16 * 1024 * 1024,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 1_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}

_FUNCTIONS: Final = re.compile(
    r"""
    abs | avg | ceil | ceiling | char | coalesce | count | cume_dist | current_date | current_time | current_timestamp
    | date | datetime | dense_rank | exp | first_value | floor | group_concat | hex | ifnull | iif | instr | json
    | json_array | json_array_length | json_extract | json_group_array | json_group_object | json_object | json_quote
    | json_type | json_valid | julianday | lag | last_value | lead | length | like | ln | log | log10 | log2 | lower
    | ltrim | max | min | mod | nth_value | ntile | nullif | percent_rank | pow | power | quote | rank | replace | round
    | row_number | rtrim | sign | sqrt | strftime | substr | substring | sum | time | total | trim | trunc | typeof
    | unicode | unixepoch | upper | ->>?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TABLE_FUNCTIONS: Final = frozenset({"json_each", "json_tree"})
_ASKS: Final = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*(?:SELECT|WITH|VALUES)\b", re.IGNORECASE | re.DOTALL)
_STEPS: Final = 2_000
"""Instructions of SQLite's between two looks at the clock."""

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def confine(seconds: float) -> None:
    """Limit this process for good."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (SPILLED, SPILLED))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 2, int(seconds) + 3))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def add_views(connection: sqlite3.Connection, views: Mapping[str, str]) -> Authorizer:
    """Make the views, each under its name and the one without version; what may be read is decided by the result.

    The tables are read by views of secret names alone, so that no part of a statement can pass for one of them.
    """
    secret = f"view_{secrets.token_hex(8)}_"
    visible = set[str]()
    for name, statement in views.items():
        short = name.rpartition("_v")[0]
        whole = "SELECT * FROM"
        for view, read in (
            (f"{secret}{name}", statement),
            (name, f"{whole} {secret}{name}"),
            (short, f"{whole} {name}"),
        ):
            connection.execute(f"CREATE TEMP VIEW {view} AS {read}")
        visible |= {name, short}
    connection.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')")  # known from now on: nobody else may add any

    def authorize(action: int, first: str | None, second: str | None, database: str | None, source: str | None) -> int:
        if action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            return sqlite3.SQLITE_OK if _FUNCTIONS.fullmatch(second or "") else sqlite3.SQLITE_DENY
        if action != sqlite3.SQLITE_READ or first is None:
            return sqlite3.SQLITE_DENY
        is_view = database == "temp" and (first in visible or first.startswith(secret))
        is_read_by_view = source is not None and source.startswith(secret)
        is_counted = second == ""  # the rows of a table no column of which is read
        is_allowed = is_view or is_read_by_view or is_counted or first in _TABLE_FUNCTIONS
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY

    return authorize


class Question(NamedTuple):
    """What is asked: a statement and its parameters, of views of a file, for so many rows and seconds at most."""

    path: str
    views: dict[str, str]
    sql: str
    parameters: tuple[Any, ...]
    rows: int
    seconds: float


def ask(question: Question) -> tuple[list[str], list[list[Any]], bool]:
    """The columns and the rows that a statement finds, and whether there are more.

    Raises:
        ValueError: if it is no SELECT.
        sqlite3.Error: if it is not allowed, or not to be done within the limits.
    """
    if not _ASKS.match(question.sql):
        raise ValueError("only SELECT, WITH and VALUES can be asked")
    connection = sqlite3.connect(question.path, uri=True, isolation_level=None)
    connection.text_factory = _legible
    authorize = add_views(connection, question.views)
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    connection.set_authorizer(authorize)
    deadline = time.monotonic() + question.seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    cursor = connection.execute(question.sql, question.parameters)
    columns = [column[0] for column in cursor.description]
    found: list[list[Any]] = []
    size = 0
    for row in cursor:
        size += sum(len(value) if isinstance(value, (str, bytes)) else 8 for value in row)
        if len(found) == question.rows or size > ANSWER:
            return columns, found, True
        found.append(list(row))
    return columns, found, False


def _legible(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def main() -> None:
    """Read the question, answer it, and be gone."""
    question = Question(*marshal.loads(sys.stdin.buffer.read()))  # noqa: S302 - written by our own program
    confine(question.seconds)
    try:
        answer: tuple[Any, ...] = ("found", *ask(question))
    except MemoryError:
        answer = ("failed", "it takes more memory than it may")
    except (ValueError, OverflowError, sqlite3.Error, sqlite3.Warning) as error:
        answer = ("failed", _told(error, question.seconds))
    sys.stdout.buffer.write(marshal.dumps(answer))


def _told(error: Exception, seconds: float) -> str:
    said = str(error)
    if said == "interrupted":
        return f"it takes longer than {seconds:g} seconds"
    if said == "string or blob too big":
        return "it makes a text that is longer than it may be"
    if "not authorized" in said or "is prohibited" in said or said.startswith("vtable constructor failed"):
        return f"only the documented views and functions can be used: {said}"
    return "it takes more room than it may" if said == "disk I/O error" else said


if __name__ == "__main__":
    main()
