"""How a session ended, by what its block ended with."""

from __future__ import annotations

from agentops.domain.states import EndState
from agentops.recording.failures import error_info, is_cancellation


def ending_of(error: BaseException | None) -> tuple[EndState, str | None]:
    """The end state and its reason: a success, what went wrong, or by what it was given up on."""
    if error is None:
        return EndState.SUCCESS, None
    if is_cancellation(error):
        return EndState.INDETERMINATE, type(error).__name__
    info = error_info(error)
    return EndState.FAIL, f"{info.type}: {info.message}" if info.message else info.type
