"""Killed at any moment, every call that had come back is in the store, once, and the open ones are known."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_samples import PATIENCE, SOAK, check, come_back, start, take_in, wait_for_calls

from agentops.delivery.adoption import DAMAGED, JOURNALS
from agentops.domain.spans import SpanStatus
from agentops.recording.segment import SUFFIX
from agentops.testing.provider import Provider

ROUNDS = 50 if SOAK else 8


@pytest.fixture(scope="module")
def provider() -> Iterator[dict[str, str]]:
    """A model to talk to, as environment variables."""
    with Provider() as provider:
        yield provider.environment()


@pytest.fixture
def nursery(provider: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """What makes busy programs."""
    process = start("nursery.py", **provider)
    yield process
    process.communicate(timeout=PATIENCE)


def tell(process: subprocess.Popen[str], line: str) -> int:
    """Tell the nursery something; the number that it answers."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_kill_9_loses_no_call_that_came_back(nursery: subprocess.Popen[str], tmp_path: Path) -> None:
    """Threads, tasks, streams and nested calls of a program that is killed at random moments."""
    chance = random.Random(os.urandom(8))
    for number in range(ROUNDS):
        folder, path = tmp_path / str(number), tmp_path / f"{number}.returns"
        pid = tell(nursery, f"{folder} {path}")
        wait_for_calls(path, chance.choice([1, 10, 60, 150, 300 if SOAK else 150]), nursery)
        time.sleep(chance.uniform(0, 0.05))
        os.kill(pid, signal.SIGKILL)
        assert tell(nursery, "reap") == -signal.SIGKILL
        found = take_in(folder)
        check(found, come_back(path))
        assert (found.lost, len(found.sessions)) == (0, 1)
        assert found.interrupted
        assert list((folder / JOURNALS).iterdir()) == []
        assert not (folder / DAMAGED).exists()


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_kill_9_of_a_family_of_processes_loses_no_call_that_came_back(tmp_path: Path) -> None:
    """Forked by hand and started by multiprocessing in two ways, killed all at once, in one session."""
    chance = random.Random(os.urandom(8))
    for number in range(10 if SOAK else 2):
        folder, path = tmp_path / str(number), tmp_path / f"{number}.returns"
        process = start("family.py", AGENTOPS_DIR=str(folder), FILE_OF_RETURNS=str(path))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        wait_for_family(path, process)
        time.sleep(chance.uniform(0, 0.05))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
        found = take_in(folder)
        check(found, come_back(path))
        assert (found.lost, len(found.sessions)) == (0, 1)
        assert {name for kind, name in found.interrupted if kind == "agent"} == {"parent", "child", "fork", "spawn"}


def wait_for_family(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until every member has recorded."""
    deadline = time.monotonic() + PATIENCE
    while len({name.split(".")[0] for _, name in come_back(path)}) < 4:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_forks_in_mid_flight_lose_and_double_nothing(tmp_path: Path) -> None:
    """While threads record and a span is open around the fork; no child hangs, no descriptor is left open."""
    folder, path = tmp_path / "data", tmp_path / "returns"
    count = 1_000 if SOAK else 200
    process = start("forking.py", path, count, AGENTOPS_DIR=str(folder), PYTHONWARNINGS="ignore")
    printed, complaints = process.communicate(timeout=PATIENCE * (10 if SOAK else 1))
    assert process.returncode == 0, complaints
    before, after = map(int, printed.split())
    assert after <= before
    found = take_in(folder)
    calls = come_back(path)
    assert {call: found.ended[call] for call in calls} == dict.fromkeys(calls, 1)
    assert len(calls) > 4 * count
    assert max(found.ended.values()) == 1
    names = {span.span_id: span.name for span in found.spans}
    forks = [span for span in found.spans if span.name == "fork"]
    assert (len(forks), {span.status for span in forks}) == (count, {SpanStatus.OK})
    children = [span for span in found.spans if span.name == "crew"]
    assert [names.get(span.parent_id or "") for span in children] == ["fork"] * count
    assert (found.lost, {span.status for span in found.spans}) == (0, {SpanStatus.OK})
    assert [(session.state, session.interrupted) for session in found.sessions] == [("INDETERMINATE", False)]
    assert not (folder / DAMAGED).exists()


@pytest.mark.parametrize("number", range(4 if SOAK else 2))
def test_two_adopters_at_once_double_nothing(number: int, tmp_path: Path) -> None:
    """Real processes that take in what several dead ones left."""
    folder, signs = tmp_path / "data", [tmp_path / f"{each}.returns" for each in range(5)]
    dead = [start("dying.py", path, 300, "kill", AGENTOPS_DIR=str(folder)) for path in signs]
    for process in dead:
        process.communicate(timeout=PATIENCE)
    adopters = [start("adopt.py", folder, tmp_path / "go") for _ in range(2)]
    for process in adopters:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    reports = [process.communicate(timeout=PATIENCE) for process in adopters]
    assert [process.returncode for process in adopters] == [0, 0], reports
    assert sum(int(printed.split()[0]) for printed, _ in reports) == 5
    found = take_in(folder)
    assert [session.tool_calls for session in found.sessions] == [300] * 5
    assert found.ended == dict.fromkeys(come_back(signs[0]), 5)
    assert found.lost == 0


@pytest.mark.soak
def test_a_damaged_segment_costs_what_was_hit_and_says_so(tmp_path: Path) -> None:
    """The rest is taken in, nothing is made up, and the journal is kept for whoever wants to look."""
    chance = random.Random(os.urandom(8))
    for number in range(20 if SOAK else 3):
        folder, path = tmp_path / str(number), tmp_path / f"{number}.returns"
        start("dying.py", path, 400, "kill", AGENTOPS_DIR=str(folder)).communicate(timeout=PATIENCE)
        (journal,) = (folder / JOURNALS).iterdir()
        segment = chance.choice(sorted(journal.glob(f"*{SUFFIX}")))
        data = bytearray(segment.read_bytes())
        used = len(data.rstrip(b"\0"))
        for _ in range(3):
            at = chance.randrange(used)
            data[at : at + 40] = chance.randbytes(40)
        segment.write_bytes(data)
        found = take_in(folder)
        calls = set(come_back(path))
        assert found.ended.keys() <= calls
        assert len(calls) - len(found.ended) <= 12
        assert len(calls) == len(found.ended) or found.lost > 0
        assert [kept.name for kept in (folder / DAMAGED).iterdir()] == [journal.name]
        assert list((folder / JOURNALS).iterdir()) == []


def test_a_folder_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    """The program does what it does, and is told once."""
    (tmp_path / "file").write_text("")
    process = start("dying.py", tmp_path / "returns", 50, "end", AGENTOPS_DIR=str(tmp_path / "file" / "below"))
    printed, complaints = process.communicate(timeout=PATIENCE)
    assert (process.returncode, printed) == (0, f"{50 * 2_000 + 90}\n")
    assert complaints.count("nothing will be kept of this run") == 1
    assert "Traceback" not in complaints
