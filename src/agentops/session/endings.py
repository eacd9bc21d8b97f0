"""How a session ended, by what its block ended with."""

from __future__ import annotations

from agentops.domain.states import EndState
from agentops.recording.failures import error_info, is_cancellation
from agentops.recording.guard import logger, text_of


def ending_of(error: BaseException | None) -> tuple[EndState, str | None]:
    """The end state and its reason: a success, what went wrong, or by what it was given up on."""
    if error is None:
        return EndState.SUCCESS, None
    if is_cancellation(error):
        return EndState.INDETERMINATE, type(error).__name__
    info = error_info(error, traced=False)
    return EndState.FAIL, f"{info.type}: {info.message}" if info.message else info.type


def end_of(end_state: object, reason: str | None) -> tuple[EndState, str | None]:
    """The end state that a program said, and its reason.

    No program of AgentOps fails over a word that is none: it is told, and the session ends undecided, with that word as
    the reason.
    """
    try:
        return EndState.of(end_state), reason
    except ValueError as error:
        logger.warning("%s; the session ends as Indeterminate", error)
        return EndState.INDETERMINATE, reason or f"ended as {text_of(end_state)!r}"
