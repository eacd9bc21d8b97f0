"""Exceptions of the program as error values, read without touching them."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from agentops.domain.spans import ErrorInfo
from agentops.recording.guard import text_of

if TYPE_CHECKING:
    from types import TracebackType

FRAME_LIMIT = 50
MESSAGE_LIMIT = 16 * 1024

_CANCELLATIONS = (GeneratorExit, KeyboardInterrupt, SystemExit)
_CONTROL_FLOW = (StopIteration, StopAsyncIteration)


def is_cancellation(error: BaseException) -> bool:
    """Whether the program gave up on the work rather than the work failing."""
    return isinstance(error, _CANCELLATIONS) or any(
        base.__name__ == "CancelledError" and base.__module__ == "asyncio.exceptions" for base in type(error).__mro__
    )


def is_control_flow(error: BaseException) -> bool:
    """Whether raising is how the callable says that it is done."""
    return isinstance(error, _CONTROL_FLOW)


def error_info(error: BaseException | None, message: str = "", *, traced: bool = True) -> ErrorInfo:
    """What an exception says: its type, message and, where it is to be traced, where it was raised from."""
    if error is None:
        return ErrorInfo(type="error", message=message[:MESSAGE_LIMIT])
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return ErrorInfo(
        type=name,
        message=(message or text_of(error))[:MESSAGE_LIMIT].encode("utf-8", "replace").decode(),
        stacktrace=_stack_of(error.__traceback__) if traced else None,
    )


def _stack_of(frames: TracebackType | None) -> str | None:
    """The innermost frames as a traceback prints them, without the source lines: reading files takes time."""
    lines = [
        f'  File "{frame.f_code.co_filename}", line {line}, in {frame.f_code.co_qualname}'
        for frame, line in traceback.walk_tb(frames)
        if "/agentops/recording/" not in frame.f_code.co_filename
    ]
    return "\n".join(lines[-FRAME_LIMIT:]) or None
