"""What is worth saying of a request in the log."""

import logging
from typing import Any, Final

from agentops.collector.logs import Sieve, logger, say

SLOW: Final = 1.0
"""Seconds from which on an answer is worth a remark."""

_sieve: Final = Sieve()
_REFUSED: Final = frozenset({401, 403})
_UNAVAILABLE: Final = 503


def note_answer(route: str, status: int, seconds: float, *, client: str | None, reason: object = None) -> None:
    """Say that a request was answered; one of many that are slow or turned away in the same second is enough.

    Args:
        route: method and path, with the names of what varies: what a client sent does not belong into the log.
        status: of the answer.
        seconds: until it began.
        client: the address of whoever asked.
        reason: why it was turned away.
    """
    took = round(seconds, 4)
    if logger.isEnabledFor(logging.DEBUG):
        say(logging.DEBUG, "answered", route=route, status=status, seconds=took, client=client)
    if status in _REFUSED:
        _remark("refused", route=route, status=status, client=client, reason=reason)
    elif status == _UNAVAILABLE:
        _remark("turned away", route=route, status=status, client=client, reason=reason)
    elif seconds > SLOW:
        _remark("slow", route=route, status=status, seconds=took, client=client)


def note_report(text: str) -> None:
    """Say what a client tells of its own troubles; one of many in the same second is enough."""
    _remark("a client reports", report=text)


def note_fault(route: str, error: BaseException | None) -> None:
    """Say that a request failed through a fault of ours."""
    say(logging.ERROR, "failed", error=error, route=route)


def _remark(message: str, **fields: Any) -> None:
    held_back = _sieve.let_through(message)
    if held_back is not None:
        say(logging.WARNING, message, **fields, also=held_back or None)
