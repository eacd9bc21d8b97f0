"""Listening to Python's `logging`: every record that the program's own configuration lets through, once.

A handler on the root logger would not see what does not propagate, and `logging.basicConfig` does nothing where the
root logger has one. So `Logger.callHandlers` is covered, by which all records go, and `Handler.handle`, so that what
handlers print of a record on the streams is known to be that record.
"""

from __future__ import annotations

import logging
import os
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from agentops.domain.severities import severity_of
from agentops.recording.capture import encode
from agentops.recording.failures import error_info
from agentops.recording.guard import FAILURES, guarded, logger, report, text_of
from agentops.session.lines import LIMIT
from agentops.session.listening import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.domain.spans import ErrorInfo
    from agentops.session.listening import Captures
    from agentops.session.log_capture import LogCapture

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_OF_LOGGING: Final = logging.addLevelName.__code__.co_filename


class Logged(NamedTuple):
    """What is kept of a record of `logging`; the fields are those of `domain.spans.LogRecord`."""

    body: str
    severity: int
    severity_text: str
    logger: str
    attributes: dict[str, Any]
    error: ErrorInfo | None


class LoggingTap:
    """Listens to all loggers of the process."""

    def __init__(self, captures: Captures) -> None:
        self._captures = captures
        self._covers: list[tuple[type[Any], str, Any, Any]] = []

    def install(self) -> None:
        """Begin to listen."""
        if not self._covers:
            self._cover(logging.Logger, "callHandlers", self._logging)
            self._cover(logging.Handler, "handle", self._handling)

    def _cover(self, target: type[Any], name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        original = getattr(target, name)
        hook = _as_of_logging(make(original))
        hook.__wrapped__ = original
        self._covers.append((target, name, hook, original))
        setattr(target, name, hook)

    def undo(self) -> None:
        """Stop listening; what somebody else has put over ours stays, and ours below."""
        left: list[tuple[type[Any], str, Any, Any]] = []
        for target, name, hook, original in self._covers:
            if vars(target).get(name) is hook:
                setattr(target, name, original)
            else:
                left.append((target, name, hook, original))
        self._covers = left

    def _logging(self, original: Callable[..., Any]) -> Callable[..., Any]:
        find = self._find

        def callHandlers(self: logging.Logger, record: logging.LogRecord) -> Any:  # noqa: N802 - its name
            found = find(record)
            try:
                return original(self, record)
            except BaseException as error:
                frames = error.__traceback__
                error.__traceback__ = None if frames is None else frames.tb_next
                raise
            finally:
                if found is not None:
                    _keep(*found, record)

        return callHandlers

    def _handling(self, original: Callable[..., Any]) -> Callable[..., Any]:
        sessions, now, own_id = self._captures.sessions, here, os.getpid

        def handle(self: logging.Handler, record: logging.LogRecord) -> Any:
            outer = now.handler
            try:
                if sessions and getattr(record, "process", None) in {None, own_id()}:
                    now.handler = self
                return original(self, record)
            except BaseException as error:
                frames = error.__traceback__
                error.__traceback__ = None if frames is None else frames.tb_next
                raise
            finally:
                now.handler = outer

        return handle

    def _find(self, record: logging.LogRecord) -> tuple[LogCapture, str | None, int] | None:
        """Where a record belongs, and when it came; None where nobody listens, and for our own."""
        try:
            if not self._captures.sessions or record.name.partition(".")[0] == logger.name:
                return None
            found = self._captures.find()
            return None if found is None else (found.capture, found.span_id, found.capture.now())
        except FAILURES as error:
            report("capturing a log record", error)
            return None


def _keep(capture: LogCapture, span_id: str | None, time: int, record: logging.LogRecord) -> None:
    with guarded("capturing a log record"):
        capture.keep_logged(span_id, time, logged_of(record))


def _as_of_logging(function: Callable[..., Any]) -> Any:
    """The same function as one of the module `logging`.

    Where a handler fails, `logging` prints the stack from the first frame on that is not its own.
    """
    assert isinstance(function, FunctionType)  # noqa: S101 - they are defined above
    code = function.__code__.replace(co_filename=_OF_LOGGING)
    made = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    made.__doc__ = function.__doc__
    return made


def logged_of(record: logging.LogRecord) -> Logged:
    """What a record says, read after the program's handlers have formatted it."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    return Logged(
        body=message_of(record)[:LIMIT],
        severity=severity_of(record.levelno),
        severity_text=text_of(record.levelname),
        logger=text_of(record.name),
        attributes=_attributes_of(record),
        error=None if error is None else error_info(error),
    )


def message_of(record: logging.LogRecord) -> str:
    """The text of a record, as a handler has made it; where none has, made so that no code of the program runs."""
    formatted = vars(record).get("message")
    if isinstance(formatted, str):
        return formatted
    template, args = record.msg, record.args
    if not isinstance(template, str):
        return text_of(template) if isinstance(template, BaseException) else _shown(template)
    if not args:
        return template
    try:
        if isinstance(args, dict):
            return template % {key: _shown_argument(value) for key, value in args.items()}
        return template % tuple(map(_shown_argument, args))
    except (TypeError, ValueError, KeyError, OverflowError):
        return f"{template} {_shown(args)}"


def _shown_argument(value: object) -> object:
    return value if type(value) in _PLAIN else _shown(value)


def _shown(value: object) -> str:
    data = encode(value)
    text: object = msgspec.json.decode(data) if data[:1] == b'"' else None
    return text if isinstance(text, str) else data.decode()


def _attributes_of(record: logging.LogRecord) -> dict[str, Any]:
    """Where in the code it was logged, and what was given with it (https://opentelemetry.io/docs/specs/semconv/code/)."""
    attributes: dict[str, Any] = {
        "code.file.path": record.pathname,
        "code.function.name": record.funcName,
        "code.line.number": record.lineno,
        "code.stacktrace": record.stack_info,
        "thread.name": record.threadName,
    }
    given = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    known = {name: value for name, value in attributes.items() if value is not None}
    return known | msgspec.json.decode(encode(given)) if given else known
