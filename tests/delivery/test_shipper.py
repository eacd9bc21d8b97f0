"""From the journal to destinations: everything, once, and nobody holds up anybody."""

import contextvars
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from delivery_samples import Collecting, Hanging, Recording, llm_span, tool_span

from agentops.delivery.bell import Bell
from agentops.delivery.local import LocalDestination
from agentops.delivery.shipper import Shipper
from agentops.recording import guard
from agentops.recording.context import is_suppressed
from agentops.store.sqlite import SqliteStore

PROGRAMS = Path(__file__).parent / "programs"
SOON = 0.01
LATER = 3600.0
"""Seconds between two looks: never, as far as a test is concerned."""


@pytest.fixture
def recording(data_directory: Path) -> Recording:
    """A journal of the test's own."""
    return Recording(data_directory)


def test_everything_recorded_reaches_every_destination_once(recording: Recording) -> None:
    """Whether it was there before the shipper started or came later."""
    first, second = Collecting("first"), Collecting("second")
    spans = recording.add_tool_spans(700)
    shipper = Shipper(recording.open_reader, [first, second], interval=SOON)
    shipper.start()
    spans += recording.add_tool_spans(700)
    assert shipper.flush(30)
    spans += recording.add_tool_spans(10)
    assert shipper.stop(30)
    assert first.records == second.records == spans
    assert first.is_closed
    assert second.is_closed


def test_nothing_is_deleted_before_every_destination_has_it(recording: Recording) -> None:
    """Not even before the thread of one of them has begun."""
    spans = [span for _ in range(8) for span in recording.add_tool_spans(500)]
    many = [Collecting(f"number-{number}") for number in range(6)]
    shipper = Shipper(recording.open_reader, many, interval=SOON)
    shipper.start()
    assert shipper.stop(60)
    assert all(each.records == spans for each in many)


def test_a_destination_that_fails_gets_everything_when_it_is_well_again(recording: Recording) -> None:
    """In order and once, while the other had it all at once."""
    failing, well = Collecting("failing", refusing=4), Collecting("well")
    shipper = Shipper(recording.open_reader, [failing, well], interval=SOON)
    shipper.start()
    spans = recording.add_tool_spans(20)
    assert not shipper.flush(30)
    assert well.records == spans
    while not shipper.flush(30):
        pass
    assert failing.records == spans
    assert failing.offered == 5
    assert shipper.stop(30)


def test_a_failing_destination_is_tried_again_by_itself(recording: Recording) -> None:
    """Nobody has to ask."""
    delivered = threading.Event()
    failing = Collecting("failing", refusing=2)
    failing.on_offer = lambda: delivered.set() if failing.offered == 3 else None
    shipper = Shipper(recording.open_reader, [failing], interval=SOON)
    spans = recording.add_tool_spans(3)
    shipper.start()
    assert delivered.wait(30)
    assert shipper.stop(30)
    assert failing.records == spans


def test_a_destination_that_hangs_is_abandoned_at_the_end(recording: Recording) -> None:
    """The other has everything, and what the hanging one lacks stays in the journal."""
    hanging, well = Hanging(), Collecting("well")
    shipper = Shipper(recording.open_reader, [hanging, well], interval=SOON)
    shipper.start()
    spans = recording.add_tool_spans(5)
    assert hanging.is_asked.wait(30)
    assert not shipper.flush(0.05)
    assert not shipper.stop(0.05)
    assert well.records == spans
    again = recording.open_reader("hanging")
    assert again.read() == spans
    again.close()
    hanging.release.set()


def test_what_was_not_delivered_is_delivered_by_the_next(recording: Recording) -> None:
    """From where the cursor stands."""
    spans = recording.add_tool_spans(5)
    refusing = Collecting(refusing=1)
    first = Shipper(recording.open_reader, [refusing], interval=LATER)
    first.start()
    assert not first.stop(30)
    assert refusing.records == []
    spans += recording.add_tool_spans(5)
    accepting = Collecting()
    second = Shipper(recording.open_reader, [accepting], interval=LATER)
    second.start()
    assert second.stop(30)
    assert accepting.records == spans


def test_waking_delivers_before_the_interval_is_over(recording: Recording) -> None:
    """The journal rings when a segment is full."""
    offered = threading.Event()
    destination = Collecting()
    destination.on_offer = offered.set
    shipper = Shipper(recording.open_reader, [destination], interval=LATER)
    shipper.start()
    recording.add_tool_spans(1)
    shipper.wake()
    shipper.wake()
    assert offered.wait(30)
    assert shipper.stop(30)


def test_calls_are_priced_on_the_way_where_they_are_not(recording: Recording) -> None:
    """A cost that was recorded is left as it is, and a tool costs nothing by itself."""
    destination = Collecting()
    recording.add(llm_span(1), llm_span(2, cost="7"), tool_span(3), llm_span(4, response=None))
    shipper = Shipper(recording.open_reader, [destination])
    shipper.start()
    assert shipper.stop(30)
    costs = [getattr(record, "cost", None) for record in destination.records]
    assert costs == ["0.00021", "7", None, None]  # 1000 x $0.15 and 100 x $0.60 a million


VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("the program's", default="untouched")


def test_delivering_happens_outside_the_programs_context_and_is_not_recorded(recording: Recording) -> None:
    """Neither the program's context variables nor its current span are seen there."""
    seen: list[tuple[str, bool]] = []
    destination = Collecting()
    destination.on_offer = lambda: seen.append((VARIABLE.get(), is_suppressed()))
    token = VARIABLE.set("the program's")
    shipper = Shipper(recording.open_reader, [destination], interval=SOON)
    shipper.start()
    recording.add_tool_spans(1)
    assert shipper.stop(30)
    VARIABLE.reset(token)
    assert set(seen) == {("untouched", True)}


def test_where_no_thread_can_be_had_asking_delivers(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of the interpreter, or of the system's resources."""

    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    seen: list[bool] = []
    destination = Collecting()
    destination.on_offer = lambda: seen.append(is_suppressed())
    shipper = Shipper(recording.open_reader, [destination])
    shipper.start()
    spans = recording.add_tool_spans(2)
    assert shipper.flush(30)
    assert destination.records == spans
    spans += recording.add_tool_spans(2)
    assert shipper.stop(30)
    assert destination.records == spans
    assert destination.is_closed
    assert (set(seen), is_suppressed()) == ({True}, False)


def test_a_mistake_in_a_destination_does_not_end_delivery(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged, and the records are offered again."""
    monkeypatch.setattr(guard, "strict", False)
    destination = Collecting()

    def stumble() -> None:
        if destination.offered == 1:
            raise ZeroDivisionError

    destination.on_offer = stumble
    shipper = Shipper(recording.open_reader, [destination], interval=SOON)
    spans = recording.add_tool_spans(3)
    shipper.start()
    while not shipper.flush(30):
        pass
    assert destination.records == spans
    assert shipper.stop(30)


def test_a_journal_that_is_gone_fails_quietly(recording: Recording) -> None:
    """Somebody deleted the data directory under a running program."""

    def vanished(cursor: str) -> Recording:
        raise FileNotFoundError(cursor)

    shipper = Shipper(vanished, [Collecting()], interval=SOON)  # pyright: ignore[reportArgumentType] - it never gives one
    shipper.start()
    assert not shipper.flush(30)
    assert not shipper.stop(30)


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_delivers_what_is_its_own(recording: Recording, data_directory: Path) -> None:
    """Into the same store, beside its parent."""
    store = SqliteStore(data_directory / "agentops.db")
    shipper = Shipper(recording.open_reader, [LocalDestination(lambda: store, "mine")], interval=SOON)
    shipper.start()
    mine = recording.add_tool_spans(3)
    assert shipper.flush(30)
    child = os.fork()
    if child == 0:
        try:
            own = Recording(data_directory, "childs")
            shipper.after_fork(own.open_reader, [LocalDestination(lambda: store, "childs")])
            shipper.start()
            own.add(tool_span(1, mine[0].session_id))
            os._exit(0 if shipper.stop(30) else 3)
        finally:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    mine += recording.add_tool_spans(2)
    assert shipper.stop(30)
    with SqliteStore(data_directory / "agentops.db") as again:
        assert sum(summary.spans for summary in again.sessions()) == len(mine) + 1


def test_a_program_that_falls_off_its_end_has_delivered_everything(data_directory: Path) -> None:
    """Stopping in an exit handler is early enough."""
    command = [sys.executable, str(PROGRAMS / "record_and_end.py"), str(data_directory)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "delivered True\n", "")
    with SqliteStore(data_directory / "agentops.db") as store:
        assert [summary.tool_calls for summary in store.sessions()] == [25]


def test_a_bell_may_be_rung_from_a_signal_handler_that_interrupts_a_ring() -> None:
    """However often it is rung, whoever waits is woken once."""
    bell = Bell()
    before = signal.signal(signal.SIGUSR1, lambda number, frame: bell.ring())
    try:
        for _ in range(100):
            signal.raise_signal(signal.SIGUSR1)
            bell.ring()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert bell.wait(0)
    assert not bell.wait(0)
    assert not bell.wait(-1)
