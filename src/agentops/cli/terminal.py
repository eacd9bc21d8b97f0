"""Where the commands write: results to standard output, remarks to standard error, colours only on a terminal."""

import os
import sys
from typing import Any

import msgspec
from rich.console import Console
from rich.theme import Theme

_UNBOUNDED = 10_000
THEME = Theme(
    {
        "agent": "magenta",
        "workflow": "magenta",
        "task": "default",
        "tool": "yellow",
        "llm": "cyan",
        "embedding": "cyan",
        "retrieval": "blue",
        "guardrail": "blue",
        "action": "default",
        "session": "bold",
        "ok": "green",
        "bad": "red",
        "unsure": "yellow",
        "live": "blue",
        "faint": "dim",
        "heading": "dim",
        "command": "bold cyan",
    },
    inherit=True,
)
"""The words for styles: kinds of span, how things stand, and parts of the page."""


def output() -> Console:
    """The console of results."""
    return _console(stderr=False)


def remarks() -> Console:
    """The console of everything that is not the result."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    """Without a terminal, and without `COLUMNS`, lines are as long as they need to be: nothing is cut in a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else _UNBOUNDED
    return Console(
        stderr=stderr,
        theme=THEME,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        width=width,
        legacy_windows=False,
    )


def bounded(console: Console, limit: int = 120) -> int:
    """How wide running text may be."""
    return min(console.width, limit)


def print_json(value: Any) -> None:
    """A value as indented JSON on standard output, whatever the terminal."""
    sys.stdout.write(msgspec.json.format(_encoder.encode(value).decode(), indent=2) + "\n")


def print_json_line(value: Any) -> None:
    """A value as one line of JSON on standard output, at once."""
    sys.stdout.write(_encoder.encode(value).decode() + "\n")
    sys.stdout.flush()


_encoder = msgspec.json.Encoder(decimal_format="string")
