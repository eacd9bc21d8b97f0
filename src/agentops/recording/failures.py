"""Exceptions of the program as error values, read without touching them."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, NamedTuple

from agentops.domain.redaction.texts import cut_before_word
from agentops.domain.spans import ErrorInfo
from agentops.recording.guard import text_of

if TYPE_CHECKING:
    from types import CodeType, TracebackType

FRAME_LIMIT = 50
MESSAGE_LIMIT = 16 * 1024
MARK_LIMIT = 256

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


class Mark(NamedTuple):
    """An exception as it left a span: it is known again further out, without being kept alive.

    Attributes:
        error: its identity, which another exception may have once this one is gone.
        code: of the function that raised it.
        instruction: where in that.
    """

    error: int
    code: CodeType | None
    instruction: int


class Told(NamedTuple):
    """An exception that ended a session, and what it said: told to the session around it, which may end with it too."""

    mark: Mark
    info: ErrorInfo


def mark_of(error: BaseException) -> Mark:
    """The mark of an exception."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return Mark(id(error), None, 0) if frame is None else Mark(id(error), frame.tb_frame.f_code, frame.tb_lasti)


def is_marked(error: BaseException, mark: Mark | None) -> bool:
    """Whether this exception is the one that was marked, come further out.

    Origins beyond `MARK_LIMIT` frames are not looked at, so that deep recursion does not cost its square.
    """
    if mark is None or mark.error != id(error):
        return False
    frame = error.__traceback__
    for _ in range(MARK_LIMIT):
        if frame is None or frame.tb_next is None:
            break
        frame = frame.tb_next
    else:
        return True
    return mark.code is None if frame is None else (frame.tb_frame.f_code, frame.tb_lasti) == mark[1:]


def error_info(error: BaseException | None, message: str = "", *, traced: bool = True) -> ErrorInfo:
    """What an exception says: its type, message and, where it is to be traced, where it was raised from."""
    if error is None:
        return ErrorInfo(type="error", message=cut_before_word(message, MESSAGE_LIMIT))
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return ErrorInfo(
        type=name,
        message=cut_before_word(message or text_of(error), MESSAGE_LIMIT).encode("utf-8", "replace").decode(),
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
