"""`doctor` and `resend`: how it stands with the collector, and what it refused."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from agentops.cli.checks.collector import check_collector
from agentops.cli.checks.finding import Finding, Level
from agentops.cli.checks.journals import check_journals
from agentops.config import resolve
from agentops.delivery.collector import open_collector
from agentops.delivery.deadletters import DeadLetters
from agentops.delivery.destination import DeliveryError
from agentops.domain.spans import SessionRecord, SpanKind, SpanRecord
from agentops.recording.journal import Journal
from agentops.recording.reading import JournalReader
from agentops.testing import Collector

Invoke = Callable[..., Result]
SESSION = "0a000000-0000-4000-8000-000000000001"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that the environment names."""
    with Collector(api_key="right") as collector:
        for name, value in collector.environment().items():
            monkeypatch.setenv(name, value)
        yield collector


def span(number: int) -> SpanRecord:
    """A tool call."""
    return SpanRecord(session_id=SESSION, span_id=f"{number:016x}", kind=SpanKind.TOOL, name="look", start=1, end=2)


def deliver(collector: Collector, directory: Path, *, api_key: str = "right") -> None:
    """Tell the collector of three calls."""
    directory.mkdir(parents=True, exist_ok=True)
    destination = open_collector(collector.url, api_key, directory)
    destination.deliver([SessionRecord(session_id=SESSION, start=1), *map(span, range(1, 4))])


def findings(directory: Path, endpoint: str | None) -> list[Finding]:
    """What the doctor finds of a collector."""
    arguments = {"directory": directory} | ({} if endpoint is None else {"endpoint": endpoint})
    return list(check_collector(resolve(arguments)))


def test_without_a_collector_there_is_nothing_to_say(data_directory: Path) -> None:
    """Nobody is asked to set one."""
    assert findings(data_directory, None) == []


def test_all_is_well_where_the_collector_takes_everything(collector: Collector, data_directory: Path) -> None:
    """And it is not sent anything to find out."""
    deliver(collector, data_directory)
    before = len(collector.requests)
    (finding,) = findings(data_directory, collector.url)
    assert (finding.level, finding.text) == (Level.FINE, f"recordings go to {collector.url}")
    assert len(collector.requests) == before


def test_a_key_that_is_not_accepted_is_broken(collector: Collector, data_directory: Path) -> None:
    """Since when, in the collector's words, and what to set."""
    with pytest.raises(DeliveryError):
        deliver(collector, data_directory, api_key="wrong")
    (finding,) = findings(data_directory, collector.url)
    assert finding.level is Level.BROKEN
    assert "has not accepted the API key since" in finding.text
    assert finding.text.endswith("401: unknown API key")
    assert "AGENTOPS_API_KEY" in finding.fix


def test_a_collector_that_is_away_is_a_warning(collector: Collector, data_directory: Path) -> None:
    """Nothing is lost by it."""
    collector.close()
    (finding,) = findings(data_directory, collector.url)
    assert finding.level is Level.WARNING
    assert f"nobody listens at 127.0.0.1:{collector.port}" in finding.text


def test_the_doctor_tells_of_what_was_refused(collector: Collector, data_directory: Path, invoke: Invoke) -> None:
    """How many, why, and what to do."""
    collector.refuse_events(lambda event: event["span_id"].endswith("2"))
    deliver(collector, data_directory)
    shown = invoke("doctor").stdout
    assert "the collector refused 1 record: 422: one of the events is not acceptable (1)" in shown
    assert "agentops resend" in shown


def test_journals_that_wait_for_the_collector_are_no_trouble(data_directory: Path) -> None:
    """They are told apart from those that cannot be taken in."""
    journal = Journal(data_directory / "journals", "00000000000000000001-999999999-aaaaaaaa")
    for cursor in ("local", "collector"):
        JournalReader(journal.directory, cursor).close()
    journal.close()
    texts = [(finding.level, finding.text) for finding in check_journals(data_directory)]
    waits = "1 journal to be brought to a collector that could not be reached"
    assert texts == [(Level.FINE, "no program is recording now"), (Level.NOTE, waits)]


def test_what_was_refused_is_offered_again(collector: Collector, data_directory: Path, invoke: Invoke) -> None:
    """It is listed, refused once more, taken when the cause is mended, and then gone."""
    collector.refuse_events(lambda event: event["span_id"].endswith("2"))
    deliver(collector, data_directory)
    listed = invoke("resend", "--dry-run")
    assert listed.stdout == "1 event refused: 422: one of the events is not acceptable\n"
    again = invoke("resend")
    assert (again.exit_code, again.stderr) == (1, "The collector took 0 records, and refused 1 again.\n")
    collector.mend()
    taken = invoke("resend")
    assert (taken.exit_code, taken.stderr) == (0, "The collector took 1 record.\n")
    assert len(collector.events) == 3
    assert invoke("resend", "--dry-run").stderr == "Nothing was refused.\n"


def test_nothing_is_lost_where_it_cannot_be_offered(
    collector: Collector, data_directory: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No collector set, a key that is not accepted, nobody there: each says what to do."""
    collector.refuse_events(lambda event: True)
    deliver(collector, data_directory)
    collector.accept_key("another")
    assert "does not accept the API key" in invoke("resend").stderr
    collector.close()
    assert "nobody listens" in invoke("resend").stderr
    monkeypatch.delenv("AGENTOPS_API_ENDPOINT")
    refused = invoke("resend")
    assert refused.exit_code == 1
    assert "AGENTOPS_API_ENDPOINT" in refused.stderr
    assert len(list(DeadLetters(data_directory, "collector"))) == 3


def test_what_was_refused_may_be_given_up(collector: Collector, data_directory: Path, invoke: Invoke) -> None:
    """After a question, unless told not to ask."""
    collector.refuse_events(lambda event: True)
    deliver(collector, data_directory)
    assert invoke("resend", "--discard", input="n\n").exit_code == 1
    assert len(list(DeadLetters(data_directory, "collector"))) == 3
    assert "Deleted 3 refused records." in invoke("resend", "--discard", "--yes").stderr
    assert list(DeadLetters(data_directory, "collector")) == []
