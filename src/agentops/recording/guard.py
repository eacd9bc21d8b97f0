"""The one place where our own failures are caught, so that they never become the program's.

Most code uses `guarded`. Paths too hot for a context manager write `except FAILURES as error: report(doing, error)`.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager

logger = logging.getLogger("agentops")

FAILURES = (Exception,)
"""What counts as a failure of ours. KeyboardInterrupt, SystemExit and cancellation are the program's."""

strict = False
"""Whether failures are raised instead of swallowed; our own tests switch it on."""

_seen: set[tuple[str, type[BaseException]]] = set()


@contextmanager
def guarded(doing: str) -> Generator[None]:
    """Log and swallow whatever goes wrong in the block; `doing` names it in the log ("reading the response")."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the one broad except of the package: telemetry must not break programs
        report(doing, error)


def report(doing: str, error: BaseException) -> None:
    """Log a failure of ours, the same one once a process; raise it instead where `strict` says so."""
    if strict:
        raise error
    key = (doing, type(error))
    if key not in _seen:
        _seen.add(key)
        logger.warning("agentops failed while %s and goes on without it: %r", doing, error, exc_info=error)


def text_of(value: object) -> str:
    """`str(value)`, whatever the value's own code does; for exceptions, whose messages are worth that risk."""
    try:
        return str(value)
    except BaseException:  # noqa: BLE001 - an exception's __str__ may itself raise anything, even SystemExit
        return f"<{type(value).__qualname__}>"
