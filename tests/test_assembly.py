"""The parts of a recording program, taken apart."""

import threading
from pathlib import Path

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

import agentops
from agentops import client
from agentops.recording.orphans import orphans


class Slow(SpanExporter):
    """An exporter that takes its time."""

    def __init__(self) -> None:
        self.is_at_work = threading.Event()
        self.may_end = threading.Event()

    def export(self, spans: object) -> SpanExportResult:
        """Wait to be allowed to end."""
        self.is_at_work.set()
        self.may_end.wait(30)
        return SpanExportResult.SUCCESS


def test_a_journal_is_its_process_s_until_everything_is_delivered(data_directory: Path) -> None:
    """While the last deliveries go on, no other process may take it in; afterwards it is gone."""
    slow = Slow()
    agentops.init(exporter=slow, exit_timeout=30)
    agentops.tool(lambda: 1)()
    journals = data_directory / "journals"
    seen: list[tuple[int, int]] = []

    def watch() -> None:
        slow.is_at_work.wait(30)
        seen.append((len(list(journals.iterdir())), len(list(orphans(journals)))))
        slow.may_end.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    client.shutdown()
    watcher.join()
    assert seen == [(1, 0)]
    assert list(journals.iterdir()) == []


def test_a_journal_that_could_not_be_delivered_is_left_to_others(data_directory: Path) -> None:
    """The deliveries were given up on: another process may take it in."""
    slow = Slow()
    agentops.init(exporter=slow, exit_timeout=0.3)
    agentops.tool(lambda: 1)()
    client.shutdown()
    (orphan,) = orphans(data_directory / "journals")
    with orphan:
        assert orphan.cursors()
    slow.may_end.set()
