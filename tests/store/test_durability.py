"""What was acknowledged is there, whatever happens to the process and the disk."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_samples import check_integrity, counts_of, expected_counts

from agentops.errors import StoreError
from agentops.store.sqlite import SqliteStore

PROGRAMS = Path(__file__).parent / "programs"
ROUNDS = 60 if os.environ.get("AGENTOPS_SOAK") else 3


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    """One of the programs beside this file, with what it prints."""
    command = [sys.executable, str(PROGRAMS / program), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_output(process: subprocess.Popen[str]) -> str:
    """What a program that ends printed."""
    printed, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, "")
    return printed


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_when_writers_are_killed(path: Path) -> None:
    """Two writers at a time, killed at random moments; the counts stay those of the spans."""
    acknowledged: set[tuple[str, str]] = set()
    for _ in range(ROUNDS):
        writers = [start("keep_writing.py", path, f"journal-{number}") for number in range(2)]
        time.sleep(random.uniform(0.3, 1.2))
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            printed, complaints = writer.communicate(timeout=60)
            assert complaints == ""
            whole = [line.split() for line in printed.splitlines(keepends=True) if line.endswith("\n")]
            acknowledged |= {(session_id, span_id) for session_id, span_id in whole}
    assert acknowledged
    with SqliteStore(path) as store:
        held: set[tuple[str, str]] = set()
        for summary in store.sessions(limit=100_000):
            spans = list(store.spans(summary.session_id))
            held |= {(span.session_id, span.span_id) for span in spans}
            assert counts_of(summary) == expected_counts(spans)
        assert acknowledged - held == set()
        assert sum(total.calls for total in store.totals()) == len(held)
        store.index()
        assert store.health().unindexed == 0
    assert check_integrity(path) == "ok"


def test_many_processes_write_one_file_and_none_loses_anything(path: Path) -> None:
    """All starting at once on a file that is not there yet, in one session, some repeating what others wrote."""
    session_id = "0a000000-0000-4000-8000-000000000001"
    writers = [start("write_and_end.py", path, session_id, first, 20) for first in (0, 0, 200, 400, 500, 600)]
    for writer in writers:
        wait_for_output(writer)
    with SqliteStore(path) as store:
        assert {int(span.span_id, 16) for span in store.spans(session_id)} == set(range(800))
        assert store.find(session_id).tool_calls == 800
        assert [total.calls for total in store.totals()] == [800]
    assert check_integrity(path) == "ok"


def test_a_full_disk_is_said_to_be_full_and_nothing_is_acknowledged(path: Path) -> None:
    """Once there is room again the same store goes on."""
    printed = wait_for_output(start("fill_the_disk.py", path)).splitlines()
    (kept, acknowledged, held), told, (then, expected, after) = printed[0].split(), printed[1], printed[2].split()
    assert (kept, then) == ("kept", "then")
    assert int(acknowledged) == int(held) > 0
    assert expected == after
    assert told.startswith("told StoreFullError ")
    assert str(path) in told
    assert check_integrity(path) == "ok"


def test_a_copy_that_is_made_while_others_write_is_whole(path: Path, tmp_path: Path) -> None:
    """What was acknowledged before is in it, its counts are those of its spans, and nobody had to stop."""
    writers = [start("keep_writing.py", path, f"journal-{number}") for number in range(2)]
    with SqliteStore(path, closing_budget=0) as store:
        while not store.sessions():
            time.sleep(0.05)
        for number in range(3):
            before = {summary.session_id: summary.spans for summary in store.sessions(limit=100_000)}
            copy = tmp_path / f"{number}.db"
            assert store.backup(copy) == copy.stat().st_size
            assert copy.stat().st_mode & 0o777 == 0o600
            with SqliteStore(copy, closing_budget=0) as copied:
                after = {summary.session_id: summary for summary in copied.sessions(limit=100_000)}
                assert all(after[session_id].spans >= spans for session_id, spans in before.items())
                for session_id, summary in after.items():
                    assert counts_of(summary) == expected_counts(copied.spans(session_id))
            with pytest.raises(StoreError, match="there already"):
                store.backup(copy)
    for writer in writers:
        assert writer.poll() is None
        writer.kill()
        writer.communicate(timeout=60)
