"""What the tests of captured output share: a recording, streams to write to, and a session that captures them."""

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from agentops.session.session import Session
from agentops.testing.recording import Recording, record

sys.path.append(str(Path(__file__).parent))


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording:
        yield recording


@pytest.fixture
def streams() -> Iterator[tuple[TextIO, TextIO]]:
    """Text streams as Python makes them, which are stdout and stderr while the test's function runs."""
    with (
        open(os.devnull, "w", encoding="utf-8") as out,  # noqa: PTH123 - as Python opens its own
        open(os.devnull, "w", encoding="utf-8") as err,  # noqa: PTH123 - likewise
    ):
        yield out, err


@pytest.fixture
def captured(recording: Recording, streams: tuple[TextIO, TextIO]) -> Session:
    """A session whose output is captured while the test's function runs; it is current there."""
    del streams
    return recording.manager.make("captured")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Put the streams in their places, which pytest takes between the phases of a test, and begin to capture.

    The same goes for the handlers that pytest gives to loggers.
    """
    logger: Any = pyfuncitem.funcargs.get("logger")
    if logger is not None:
        logger.handlers.clear()
    before = sys.stdout, sys.stderr
    streams: Any = pyfuncitem.funcargs.get("streams", before)
    sys.stdout, sys.stderr = streams
    session: Any = pyfuncitem.funcargs.get("captured")
    if session is not None:
        session.start()
        session.start_log_capture()
    try:
        return (yield)
    finally:
        if session is not None:
            session.end()
        sys.stdout, sys.stderr = before
