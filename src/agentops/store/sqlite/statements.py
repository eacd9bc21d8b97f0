"""The SQL of the embedded store, read from the .sql files beside this module."""

from functools import cache
from importlib.resources import files
from typing import Final

_PACKAGE: Final = "agentops.store.sqlite"
_MARK: Final = "-- name: "


def read_statements(text: str) -> dict[str, str]:
    """The statements of a file, each under the name in the comment line above it."""
    statements: dict[str, str] = {}
    for block in text.split(_MARK)[1:]:
        name, _, statement = block.partition("\n")
        statements[name.strip()] = statement.strip().removesuffix(";")
    return statements


SQL: Final = read_statements((files(_PACKAGE) / "queries.sql").read_text(encoding="utf-8"))


@cache
def spread(name: str, width: int, count: int) -> str:
    """The named statement for `count` rows of `width` values each."""
    row = f"({', '.join('?' * width)})"
    return SQL[name].replace("{rows}", ", ".join([row] * count))


def read_migrations() -> list[str]:
    """The scripts that make the newest schema out of an empty file, in order; the first is number 1."""
    folder = files(_PACKAGE) / "migrations"
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [script.read_text(encoding="utf-8") for script in scripts]
