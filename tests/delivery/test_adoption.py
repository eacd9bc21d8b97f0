"""What dead processes left behind is taken in, whole and once."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from delivery_samples import Collecting

from agentops.delivery.adoption import DAMAGED, JOURNALS, Adopted, adopt
from agentops.domain.ids import new_session_id
from agentops.domain.spans import Record, SpanRecord, SpanStatus
from agentops.errors import StoreError
from agentops.recording.journal import Journal
from agentops.recording.segment import SUFFIX
from agentops.store.protocol import Acknowledgement
from agentops.store.sqlite import SqliteStore

PROGRAM = Path(__file__).parent / "programs" / "record_and_die.py"


def let_die(directory: Path, session_id: str, count: int = 10) -> None:
    """A process that records so many tool calls inside an agent and dies in one more."""
    command = [sys.executable, str(PROGRAM), str(directory), session_id, str(count)]
    died = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (died.returncode, died.stdout, died.stderr) == (-signal.SIGKILL, "ready\n", "")


@pytest.fixture
def store(data_directory: Path) -> SqliteStore:
    """The store in the data directory."""
    return SqliteStore(data_directory / "agentops.db", closing_budget=0)


def test_everything_a_killed_process_recorded_is_taken_in(data_directory: Path, store: SqliteStore) -> None:
    """What had ended counts, what was running is interrupted, and the session says where it died."""
    session_id = new_session_id()
    let_die(data_directory, session_id)
    assert adopt(data_directory, store) == Adopted(journals=1, spans=12, interrupted=2)
    summary = store.find(session_id)
    assert (summary.state, summary.interrupted, summary.spans, summary.tool_calls) == ("INDETERMINATE", True, 12, 11)
    assert "in tool 'search'" in (summary.end_state_reason or "")
    assert summary.end is not None
    statuses = [span.status for span in store.spans(session_id)]
    assert statuses.count(SpanStatus.INTERRUPTED) == 2
    assert statuses.count(SpanStatus.OK) == 10
    assert list((data_directory / JOURNALS).iterdir()) == []
    assert adopt(data_directory, store) == Adopted()
    store.close()


def test_the_journal_of_a_living_process_is_left_alone(data_directory: Path, store: SqliteStore) -> None:
    """Its owner holds a lock on it."""
    living = Journal(data_directory / JOURNALS, "living")
    assert adopt(data_directory, store) == Adopted()
    assert living.directory.exists()
    living.close()
    store.close()


def test_where_there_is_nothing_nothing_is_done(data_directory: Path, store: SqliteStore) -> None:
    """Not even a folder of journals."""
    assert adopt(data_directory / "not there", store) == Adopted()
    store.close()


class SlowStore(SqliteStore):
    """Takes longer for a batch than its adopter has."""

    def ingest(self, records: Sequence[Record], *, journal: str | None = None) -> Acknowledgement:
        """Take records in, slowly."""
        taken = super().ingest(records, journal=journal)
        time.sleep(0.3)
        return taken


def test_an_adopter_whose_time_is_up_leaves_the_rest_to_the_next(data_directory: Path, store: SqliteStore) -> None:
    """On the way out there is only so much time: it stops between two batches, and nothing is lost or doubled."""
    session_id = new_session_id()
    let_die(data_directory, session_id, 3000)
    assert adopt(data_directory, store, until=time.monotonic()) == Adopted()
    slow = SlowStore(data_directory / "agentops.db", closing_budget=0)
    partly = adopt(data_directory, slow, until=time.monotonic() + 0.2)
    slow.close()
    assert partly.journals == 0
    assert 0 < partly.spans < 3002
    assert adopt(data_directory, store).journals == 1
    assert (store.find(session_id).spans, store.find(session_id).tool_calls) == (3002, 3001)
    store.close()


def test_two_adopters_at_once_neither_double_nor_lose(data_directory: Path, store: SqliteStore) -> None:
    """Each journal is taken by one of them."""
    ids = [new_session_id() for _ in range(4)]
    for session_id in ids:
        let_die(data_directory, session_id, 5)
    with ThreadPoolExecutor(3) as pool:
        adopted = [each.result() for each in [pool.submit(adopt, data_directory, store) for _ in range(3)]]
    assert sum(each.journals for each in adopted) == 4
    assert sum(each.spans for each in adopted) == 28
    assert sorted(each.session_id for each in store.sessions()) == sorted(ids)
    assert {each.tool_calls for each in store.sessions()} == {6}
    store.close()


def test_an_adopter_that_fails_leaves_all_to_the_next(
    data_directory: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when it fails between taking the spans in and interrupting the rest."""
    session_id = new_session_id()
    let_die(data_directory, session_id)

    def refuse(self: SqliteStore, journal: str, *, at: int) -> int:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteStore, "interrupt", refuse)
        with pytest.raises(StoreError, match="the disk is full"):
            adopt(data_directory, store)
    assert adopt(data_directory, store) == Adopted(journals=1, spans=0, interrupted=2)
    assert store.find(session_id).tool_calls == 11
    store.close()


def test_a_damaged_journal_is_read_as_far_as_it_goes_and_kept_aside(data_directory: Path, store: SqliteStore) -> None:
    """What was lost is counted."""
    session_id = new_session_id()
    let_die(data_directory, session_id, 50)
    (journal,) = (data_directory / JOURNALS).iterdir()
    segment = max(journal.glob(f"*{SUFFIX}"), key=lambda each: len(each.read_bytes().rstrip(b"\0")))
    content = bytearray(segment.read_bytes())
    written = len(content.rstrip(b"\0"))
    content[written // 2 : written // 2 + 40] = b"\xa5" * 40
    segment.write_bytes(content)
    adopted = adopt(data_directory, store)
    assert (adopted.journals, 20 < adopted.spans < 52) == (1, True)
    assert sum(drop.count for drop in store.health().drops) >= 1
    assert [kept.name for kept in (data_directory / DAMAGED).iterdir()] == [journal.name]
    assert list((data_directory / JOURNALS).iterdir()) == []
    store.close()


def test_other_destinations_get_what_they_lack_and_the_journal_waits_for_them(
    data_directory: Path, store: SqliteStore
) -> None:
    """A destination that refuses has another chance at the next adoption."""
    session_id = new_session_id()
    let_die(data_directory, session_id, 3000)
    other = Collecting("other", refusing=1)
    assert adopt(data_directory, store, destinations=[other]).spans == 3002
    assert other.records == []
    assert len(list((data_directory / JOURNALS).iterdir())) == 1
    assert adopt(data_directory, store, destinations=[other]) == Adopted(journals=1, spans=0, interrupted=0)
    assert len({record.span_id for record in other.records if isinstance(record, SpanRecord)}) == 3002
    assert list((data_directory / JOURNALS).iterdir()) == []
    store.close()
