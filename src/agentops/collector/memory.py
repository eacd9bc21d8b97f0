"""Memory that large requests took, given back to the system.

The C library keeps what was freed, in pieces, for each thread; a server that has seen a few large bodies would look
several times as large for the rest of its life. https://man7.org/linux/man-pages/man3/malloc_trim.3.html
"""

import ctypes
from collections.abc import Callable
from functools import cache

LARGE: int = 4 << 20
"""Bytes of a request after which it is worth the milliseconds that it takes."""


def give_back_memory(used: int) -> None:
    """Give back what a request freed that used so many bytes, where the C library can."""
    if used >= LARGE:
        _trimmer()(0)


@cache
def _trimmer() -> Callable[[int], object]:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return lambda _: None
