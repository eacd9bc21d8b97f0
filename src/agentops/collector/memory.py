"""Memory that large requests took, given back to the system.

The C library keeps what was freed, in pieces, for each thread; a server that has seen a few large bodies would look
several times as large for the rest of its life. https://man7.org/linux/man-pages/man3/malloc_trim.3.html and
https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

import ctypes
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Final

LARGE: int = 4 << 20
"""Bytes of a request after which it is worth the milliseconds that it takes."""


_ARENA_MAX: Final = -8
"""`M_ARENA_MAX` of the GNU C library."""

_ARENAS: Final = 2


def give_back_memory(used: int) -> None:
    """Give back what a request freed that used so many bytes, where the C library can."""
    if used >= LARGE:
        _trimmer()(0)


def share_memory() -> None:
    """Let all threads take from few heaps, where the C library can: what one leaves, another takes."""
    with suppress(AttributeError, OSError, TypeError):  # musl, macOS, Windows
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)


@cache
def _trimmer() -> Callable[[int], object]:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return lambda _: None
