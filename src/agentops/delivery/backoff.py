"""When to offer again what was not taken."""

from random import Random
from typing import Final

FIRST: Final = 0.5
LONGEST: Final = 60.0
LONGEST_ASKED: Final = 600.0
"""Seconds; what a destination asks for beyond that is cut."""


def delay_after(failures: int, chance: Random, asked: float | None = None) -> float:
    """Seconds to wait after so many failures in a row: doubling, spread by a half so that many do not come at once."""
    wait = min(LONGEST, FIRST * 2 ** min(failures - 1, 16)) * chance.uniform(0.5, 1.5)
    return wait if asked is None else max(wait, min(asked, LONGEST_ASKED))
