"""The SQL of the embedded store, read from the .sql files in the folders beside this module."""

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


def read_scripts(package: str, folder: str) -> list[str]:
    """The .sql files in a folder of a package, by name."""
    entries = sorted((files(package) / folder).iterdir(), key=lambda entry: entry.name)
    return [entry.read_text(encoding="utf-8") for entry in entries if entry.name.endswith(".sql")]


SQL: Final = {name: sql for text in read_scripts(_PACKAGE, "queries") for name, sql in read_statements(text).items()}


@cache
def spread(name: str, width: int, count: int) -> str:
    """The named statement for `count` rows of `width` values each."""
    row = f"({', '.join('?' * width)})"
    return SQL[name].replace("{rows}", ", ".join([row] * count))


def read_migrations() -> list[str]:
    """The scripts that make the newest schema out of an empty file, in order; the first is number 1."""
    return read_scripts(_PACKAGE, "migrations")
