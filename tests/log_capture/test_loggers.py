"""What is logged is captured once, as the program's own configuration lets it through, and printed as ever."""

import io
import logging
import logging.handlers
import queue
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TextIO

import pytest
from capture_samples import text_of

from agentops import decorators
from agentops.domain.spans import LogSource
from agentops.session.loggers import message_of
from agentops.testing.recording import Recording

LOGGING, ERR, OUT = LogSource.LOGGING, LogSource.STDERR, LogSource.STDOUT


@pytest.fixture(name="logger")
def own_logger() -> Iterator[logging.Logger]:
    """A logger of the test's own, all levels, no handler."""
    logger = logging.getLogger("log_capture.tests")
    logger.setLevel(1)
    logger.propagate = False
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True


def test_a_record_is_captured_whole(captured: Any, recording: Recording, logger: logging.Logger) -> None:
    """Message, level, logger, place, what was given with it and the exception, in the span it was logged in."""
    try:
        int("no number")
    except ValueError:
        with decorators.span("work", kind="tool"):
            logger.exception("order %d of %s", 4, "bees", extra={"order": {"id": 4}}, stack_info=False)
    captured.end()
    (log,) = recording.logs()
    assert (log.source, log.body, log.severity, log.severity_text) == (LOGGING, "order 4 of bees", 17, "ERROR")
    assert (log.logger, log.span_id) == ("log_capture.tests", recording.span("work").span_id)
    assert log.error is not None
    assert (log.error.type, log.error.message) == ("ValueError", "invalid literal for int() with base 10: 'no number'")
    assert log.attributes["order"] == {"id": 4}
    assert log.attributes["code.function.name"] == "test_a_record_is_captured_whole"
    assert log.attributes["code.file.path"] == __file__
    assert isinstance(log.attributes["code.line.number"], int)


def test_what_handlers_print_is_no_second_record(captured: Any, recording: Recording, logger: logging.Logger) -> None:
    """On whatever stream, however formatted, through however many handlers; the streams have it as ever."""
    echoes = io.StringIO()
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.addHandler(logging.StreamHandler(sys.stdout))
    logger.addHandler(logging.StreamHandler(echoes))
    logger.warning("only %s", "once")
    captured.end()
    assert [(log.source, log.body) for log in recording.logs()] == [(LOGGING, "only once")]
    assert echoes.getvalue() == "only once\n"


class Decorating(logging.Handler):
    """A handler without a stream of its own that prints a record in parts."""

    def emit(self, record: logging.LogRecord) -> None:
        """Prints."""
        print("|", end="", file=sys.stderr)
        print(record.getMessage().upper(), file=sys.stderr)


def test_a_handler_of_ones_own_is_recognised(captured: Any, recording: Recording, logger: logging.Logger) -> None:
    """What it prints is the record, whatever it looks like."""
    logger.addHandler(Decorating())
    logger.info("once")
    captured.end()
    assert [(log.source, log.body) for log in recording.logs()] == [(LOGGING, "once")]


def test_a_record_without_any_handler_is_captured_once(
    captured: Any, recording: Recording, logger: logging.Logger
) -> None:
    """`logging` prints it by itself where it is a warning."""
    logger.warning("last resort")
    logger.info("nowhere")
    captured.end()
    assert [(log.source, log.body) for log in recording.logs()] == [(LOGGING, "last resort"), (LOGGING, "nowhere")]


def test_a_record_handled_by_another_thread_is_captured_once(
    captured: Any, recording: Recording, logger: logging.Logger
) -> None:
    """As programs do that must not wait for their log."""
    recording.manager.registry.default = captured
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    logger.addHandler(logging.handlers.QueueHandler(waiting))  # pyright: ignore[reportArgumentType] - any queue does
    listener = logging.handlers.QueueListener(waiting, logging.StreamHandler(sys.stderr))  # pyright: ignore[reportArgumentType] - likewise
    listener.start()
    logger.warning("only %s", "once")
    listener.stop()
    captured.end()
    assert [(log.source, log.body) for log in recording.logs()] == [(LOGGING, "only once")]


def test_levels_filters_and_propagation_are_the_programs(
    captured: Any, recording: Recording, logger: logging.Logger
) -> None:
    """What it does not let through is not captured; what does not propagate is."""
    logger.setLevel(logging.WARNING)
    logger.addFilter(lambda record: "secret" not in str(record.msg))
    logger.info("too mild")
    logger.warning("a secret")
    logger.warning("let through")
    child = logger.getChild("child")
    child.error("from a child")
    captured.end()
    assert [(log.body, log.logger) for log in recording.logs()] == [
        ("let through", "log_capture.tests"),
        ("from a child", "log_capture.tests.child"),
    ]


def test_the_configuration_of_logging_is_untouched(
    recording: Recording, streams: tuple[TextIO, TextIO], logger: logging.Logger
) -> None:
    """No handler is added anywhere, and the methods that are covered are as they were afterwards."""
    del streams
    before = logging.Logger.callHandlers, logging.Handler.handle, list(logging.getLogger().handlers)
    session = recording.manager.start("captured")
    session.start_log_capture()
    assert logging.Logger.callHandlers is not before[0]
    assert list(logging.getLogger().handlers) == before[2]
    assert logger.handlers == []
    session.end()
    assert (logging.Logger.callHandlers, logging.Handler.handle, list(logging.getLogger().handlers)) == before


def test_our_own_log_is_not_captured(captured: Any, recording: Recording) -> None:
    """Neither as records nor as what is printed of them."""
    ours = logging.getLogger("agentops")
    handler = logging.StreamHandler(sys.stderr)
    ours.addHandler(handler)
    try:
        ours.error("about recording")
        logging.getLogger("agentops.part").error("likewise")
    finally:
        ours.removeHandler(handler)
    captured.end()
    assert recording.logs() == []


class Counting:
    """An object that counts how often it is made to text, and prints while it is."""

    def __init__(self) -> None:
        self.count = 0

    def __str__(self) -> str:
        """Counts and prints."""
        self.count += 1
        print("being shown")
        return f"shown {self.count}"


def test_arguments_are_made_to_text_by_the_program_alone(
    captured: Any, recording: Recording, logger: logging.Logger
) -> None:
    """Once where a handler does so, never where none does; and what they print meanwhile is output."""
    counting = Counting()
    logger.info("%s", counting)
    assert counting.count == 0
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.info("%s", counting)
    captured.end()
    assert counting.count == 1
    assert [log.body for log in recording.logs() if log.source is LOGGING][1] == "shown 1"
    assert text_of(recording.logs(), OUT) == "being shown\n"
    assert text_of(recording.logs(), ERR) == ""


class Failing:
    """An object that cannot be made to text."""

    def __str__(self) -> str:
        """Fails."""
        raise ValueError("no text")


def test_what_logging_says_of_its_own_failures_is_output(
    captured: Any, recording: Recording, logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no record, and has no frames of ours in it."""
    monkeypatch.setattr(logging, "raiseExceptions", True)
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.info("%s", Failing())
    logger.info("afterwards")
    captured.end()
    said = text_of(recording.logs(), ERR)
    assert said.startswith("--- Logging error ---\n")
    assert "ValueError: no text" in said
    assert "/session/" not in said
    assert [log.body for log in recording.logs() if log.source is LOGGING][1] == "afterwards"


class Raising(logging.Handler):
    """A handler that fails aloud."""

    def emit(self, record: logging.LogRecord) -> None:
        """Fails."""
        raise LookupError(record.getMessage())


def test_a_handlers_exception_is_the_programs(captured: Any, recording: Recording, logger: logging.Logger) -> None:
    """It comes out where it would, and the record is captured."""
    logger.addHandler(Raising())
    with pytest.raises(LookupError, match="aloud") as raised:
        logger.info("aloud")
    captured.end()
    files = [entry.path for entry in raised.traceback]
    assert not any("session" in str(path) for path in files)
    assert [log.body for log in recording.logs()] == ["aloud"]


def test_a_handler_may_log(captured: Any, recording: Recording, logger: logging.Logger) -> None:
    """Each is captured once, and there is no recursion of ours."""

    class Passing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logging.getLogger("log_capture.other").warning("passed on: %s", record.getMessage())

    logger.addHandler(Passing())
    logger.info("first")
    captured.end()
    assert sorted(log.body for log in recording.logs() if log.source is LOGGING) == ["first", "passed on: first"]


def test_threads_log_into_their_own_sessions(
    recording: Recording, streams: tuple[TextIO, TextIO], logger: logging.Logger
) -> None:
    """At the same time."""
    del streams

    def work(name: str) -> None:
        with recording.manager.make(name) as session:
            session.start_log_capture()
            for number in range(50):
                logger.info("%s %d", name, number)

    names = [f"session-{number}" for number in range(8)]
    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_id = {session.session_id: session.name for session in recording.sessions()}
    found: dict[str | None, list[str]] = {}
    for log in recording.logs():
        found.setdefault(by_id[log.session_id], []).append(log.body)
    assert found == {name: [f"{name} {number}" for number in range(50)] for name in names}


@pytest.mark.parametrize(
    ("message", "args", "expected"),
    [
        ("plain", (), "plain"),
        ("100%", (), "100%"),
        ("%s and %5.1f", ("one", 2.0), "one and   2.0"),
        ("%(a)s", ({"a": 1},), "1"),
        ("%s", (Decimal("1.50"),), "1.50"),
        ("%d", ("no number",), '%d ["no number"]'),
        ("%s %s", ("too few",), '%s %s ["too few"]'),
        ("%s", (Counting(),), '{"$type":'),
        ({"a": 1}, (), '{"a":1}'),
        (ValueError("an error"), (), "an error"),
    ],
)
def test_messages_that_nobody_formats_are_made_without_the_programs_code(
    message: object, args: tuple[object, ...], expected: str
) -> None:
    """As they would be, where that needs none; and legible otherwise."""
    record = logging.LogRecord("x", logging.INFO, "file.py", 1, message, args, None)
    assert message_of(record).startswith(expected)
    assert not any(arg.count for arg in args if isinstance(arg, Counting))
