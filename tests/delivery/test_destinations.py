"""The local store, the console, listeners for events, and forgetting what is old."""

import io
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from delivery_samples import START, llm_span, tool_span

from agentops.delivery.console import ConsoleDestination, line_of
from agentops.delivery.destination import DeliveryError
from agentops.delivery.exporter import SessionExporter
from agentops.delivery.local import LocalDestination
from agentops.delivery.retention import STAMP, apply_retention
from agentops.domain.events import Event, LLMEvent, ToolEvent
from agentops.domain.spans import ErrorInfo, SessionRecord, SpanKind, SpanStatus
from agentops.errors import StoreError
from agentops.store.sqlite import SqliteStore

DAY = 86_400


@pytest.fixture(autouse=True)
def somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of day are shown for one place."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def test_the_local_store_is_opened_when_there_is_something_to_keep(data_directory: Path) -> None:
    """Under the journal's name, so that what its process leaves running can be ended."""
    path = data_directory / "agentops.db"
    destination = LocalDestination(lambda: SqliteStore(path), "mine")
    assert not path.exists()
    running = tool_span(status=SpanStatus.RUNNING, end=None)
    destination.deliver([running])
    destination.close(0)
    destination.close(0)
    with SqliteStore(path) as store:
        assert store.interrupt("mine", at=START) == 1


def test_what_still_runs_when_the_process_ends_was_interrupted(data_directory: Path) -> None:
    """Where there is time to say so; else whoever takes in the journal says it."""
    path = data_directory / "agentops.db"
    destination = LocalDestination(lambda: SqliteStore(path), "mine")
    destination.deliver([tool_span(status=SpanStatus.RUNNING, end=None)])
    destination.close(5)
    with SqliteStore(path) as store:
        assert store.interrupt("mine", at=START) == 0


def test_a_store_that_cannot_be_opened_is_tried_again(data_directory: Path) -> None:
    """Its folder may be made later."""
    data_directory.parent.mkdir(exist_ok=True)
    data_directory.write_text("in the way")
    destination = LocalDestination(lambda: SqliteStore(data_directory / "agentops.db"), "mine")
    with pytest.raises(DeliveryError, match="cannot be made: Not a directory"):
        destination.deliver([tool_span()])
    data_directory.unlink()
    destination.deliver([tool_span()])
    destination.close(0)


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (tool_span(), "20:26:40.500  tool       search  500.0ms"),
        (
            llm_span(cost="0.00021"),
            "20:26:40.500  llm        chat gpt-4o-mini  500.0ms  1000→100 tokens  $0.00021",
        ),
        (
            tool_span(
                kind=SpanKind.AGENT,
                name="two\nlines\x1b[31m",
                end=START + 90 * 1_000_000_000,
                status=SpanStatus.ERROR,
                error=ErrorInfo(type="Boom", message="x" * 200),
            ),
            f"20:28:10.000  agent      two lines [31m  1m30s  error  Boom: {'x' * 113}…",
        ),
    ],
)
def test_a_span_is_one_readable_line(record: object, line: str) -> None:
    """Whatever its texts hold."""
    assert line_of(record) == line  # pyright: ignore[reportArgumentType] - parametrised


def test_the_console_shows_what_ended(capfd: pytest.CaptureFixture[str]) -> None:
    """On stderr; stdout is the program's."""
    running = tool_span(status=SpanStatus.RUNNING, end=None)
    destination = ConsoleDestination()
    destination.deliver([SessionRecord(session_id="x"), running, tool_span()])
    destination.deliver([running])
    destination.close(1)
    assert capfd.readouterr() == ("", "20:26:40.500  tool       search  500.0ms\n")


def test_a_console_that_is_closed_is_passed_over() -> None:
    """The program may close its streams."""
    stream = io.StringIO()
    stream.close()
    ConsoleDestination(stream).deliver([tool_span()])


def test_spans_are_handed_on_as_events() -> None:
    """Once they have ended."""
    taken: list[Event] = []
    exporter = SessionExporter(taken.extend)
    exporter.deliver([SessionRecord(session_id="x"), tool_span(status=SpanStatus.RUNNING, end=None)])
    assert taken == []
    exporter.deliver([tool_span(), llm_span()])
    exporter.close(1)
    tool, call = taken
    assert isinstance(tool, ToolEvent)
    assert (tool.name, tool.params, tool.returns) == ("search", {"query": "weather"}, "fine")
    assert isinstance(call, LLMEvent)
    assert (call.model, call.prompt_tokens, call.completion_tokens) == ("gpt-4o-mini", 1000, 100)


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ConnectionError("away"), "events: away"), (KeyError(), "events: KeyError"), (DeliveryError("later"), "later")],
)
def test_events_that_were_not_taken_are_offered_again(error: Exception, expected: str) -> None:
    """Whatever the callable raised."""

    def refuse(events: Sequence[Event]) -> None:
        raise error

    with pytest.raises(DeliveryError, match=expected):
        SessionExporter(refuse).deliver([tool_span()])


def test_what_is_older_than_wanted_is_forgotten_once_a_day(data_directory: Path) -> None:
    """And nothing where everything is kept."""
    now = START / 1e9 + 30 * DAY
    with SqliteStore(data_directory / "agentops.db", closing_budget=0) as store:
        store.ingest([tool_span()])
        assert apply_retention(store, data_directory, None, now=now) == 0
        assert apply_retention(store, data_directory, 31, now=now) == 0
        assert apply_retention(store, data_directory, 7, now=now + DAY / 2) == 0
        assert len(store.sessions()) == 1
        assert apply_retention(store, data_directory, 7, now=now + 1.5 * DAY) == 1
        assert store.sessions() == []
    assert (data_directory / STAMP).stat().st_mode & 0o077 == 0


def test_a_clock_that_was_set_back_does_not_stop_retention(data_directory: Path) -> None:
    """A note from the future counts as none."""
    now = START / 1e9 + 30 * DAY
    with SqliteStore(data_directory / "agentops.db", closing_budget=0) as store:
        store.ingest([tool_span()])
        (data_directory / STAMP).touch()
        os.utime(data_directory / STAMP, (now + 900 * DAY, now + 900 * DAY))
        assert apply_retention(store, data_directory, 7, now=now) == 1


def test_retention_that_fails_is_tried_the_next_day(data_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program goes on; whoever applied it is told."""

    def refuse(self: SqliteStore, *, before: int) -> int:
        raise StoreError("the disk is full")

    with SqliteStore(data_directory / "agentops.db", closing_budget=0) as store:
        monkeypatch.setattr(SqliteStore, "prune", refuse)
        with pytest.raises(StoreError):
            apply_retention(store, data_directory, 7)
        assert apply_retention(store, data_directory, 7) == 0
