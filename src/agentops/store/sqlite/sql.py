"""SQL that users write, asked of the documented views and of nothing else."""

import marshal
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from agentops.errors import QueryError
from agentops.store.protocol import Table
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.statements import read_statements

_PROGRAM: Final = Path(__file__).with_name("confined.py")

_GRACE: Final = 5.0
"""Seconds that the process may take to begin and to end."""

_MOST_ROWS: Final = 100_000
_LONGEST: Final = 60.0
"""Seconds."""


@cache
def read_views() -> dict[str, str]:
    """The statement behind each documented view, by its name."""
    return read_statements((files("agentops.store.sqlite") / "views.sql").read_text(encoding="utf-8"))


def columns_of_views(reading: Reading) -> dict[str, list[str]]:
    """The columns of each documented view, by its name."""
    return {name: [column for column, *_ in reading.select(sql).description] for name, sql in read_views().items()}


def query(path: Path, sql: str, parameters: Sequence[Any], *, rows: int, seconds: float) -> Table:
    """What one SELECT finds; it runs in a process of its own, which is gone afterwards whatever it did.

    Raises:
        QueryError: if it is no such statement, or takes more time or room than it may.
    """
    seconds = min(seconds, _LONGEST)
    place = f"{path.as_uri()}?mode=ro"
    bare = tuple(map(_bare, parameters))
    try:
        question = marshal.dumps((place, read_views(), sql, bare, min(rows, _MOST_ROWS), seconds))
    except (TypeError, ValueError) as error:
        raise QueryError("a parameter is a text, a number, bytes or None") from error
    command = [sys.executable, "-I", "-S", str(_PROGRAM)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program; what users write comes in by stdin
            command, input=question, capture_output=True, timeout=seconds + _GRACE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise QueryError(f"it takes longer than {seconds:g} seconds") from error
    if done.returncode != 0:
        raise QueryError("it takes more time or memory than it may")
    answer = marshal.loads(done.stdout)  # noqa: S302 - written by our own program
    if answer[0] == "failed":
        raise QueryError(answer[1])
    return Table(columns=answer[1], rows=answer[2], truncated=answer[3])


def _bare(value: Any) -> Any:
    """A parameter without whatever a program made of a text or a number."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float(value)
    return int(value) if isinstance(value, int) else value
