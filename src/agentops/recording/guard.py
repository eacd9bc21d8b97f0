"""The one place where our own failures are caught, so that they never become the program's.

Most code uses `guarded`. Paths too hot for a context manager write `except FAILURES as error: report(doing, error)`.
"""

import logging
from types import TracebackType

logger = logging.getLogger("agentops")

FAILURES = (Exception,)
"""What counts as a failure of ours. KeyboardInterrupt, SystemExit and cancellation are the program's."""

strict = False
"""Whether failures are raised instead of swallowed; our own tests switch it on."""

_seen: set[tuple[str, type[BaseException]]] = set()


class guarded:  # noqa: N801 - reads as the verb that it is
    """Log and swallow whatever goes wrong in the block; `doing` names it in the log ("reading the response")."""

    __slots__ = ("_doing",)

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, FAILURES):
            return False
        report(self._doing, error)
        return True


def report(doing: str, error: BaseException, level: int = logging.WARNING) -> None:
    """Log a failure of ours, the same one once a process; raise it instead where `strict` says so."""
    if strict:
        raise error
    key = (doing, type(error))
    if key not in _seen:
        _seen.add(key)
        shown = error if level >= logging.WARNING else None
        logger.log(level, "agentops failed while %s and goes on without it: %r", doing, error, exc_info=shown)


def text_of(value: object) -> str:
    """`str(value)`, whatever the value's own code does; for exceptions, whose messages are worth that risk."""
    try:
        return str(value)
    except BaseException:  # noqa: BLE001 - an exception's __str__ may itself raise anything, even SystemExit
        return f"<{type(value).__qualname__}>"
