"""The signs of the terminal output, and plain ones for terminals that cannot show them."""

from dataclasses import dataclass

from rich.console import Console


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What is drawn where words would be too many."""

    done: str = "●"
    failed: str = "✖"
    running: str = "◐"
    stopped: str = "◌"
    succeeded: str = "✔"
    fork: str = "├─ "
    end: str = "╰─ "
    line: str = "│  "
    gap: str = "   "
    bar: str = "━"
    arrow: str = "→"
    cut: str = "…"
    rule: str = "─"
    dot: str = "·"


PLAIN = Glyphs(
    done="*",
    failed="x",
    running=">",
    stopped="!",
    succeeded="+",
    fork="|- ",
    end="`- ",
    line="|  ",
    gap="   ",
    bar="=",
    arrow="->",
    cut="~",
    rule="-",
    dot="-",
)
"""For terminals without Unicode."""

DRAWN = Glyphs()


def glyphs_for(console: Console) -> Glyphs:
    """The signs that a console can show."""
    return DRAWN if console.encoding.lower().startswith("utf") else PLAIN
