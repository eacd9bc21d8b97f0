"""A full disk harms no program, costs no more than it has to, and says what it cost."""

import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_samples import PATIENCE, PROGRAMS, come_back, start, take_in

from agentops.delivery.adoption import JOURNALS

LIMIT = 1 << 20
CALLS = 2_500


def size_of_answers(count: int) -> int:
    """What the program prints when nothing harms it."""
    return sum(len(str(number)) + 2_000 for number in range(count))


def mount(folder: Path, *options: str) -> bool:
    """Mount a small file system; whether this user may."""
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount(folder, "size=3m", "mode=700"):
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("ending", ["end", "kill"])
def test_a_full_disk_harms_nobody_and_what_it_cost_is_counted(small_disk: Path, tmp_path: Path, ending: str) -> None:
    """What fitted is taken in when there is room again; the rest was counted, also by the killed one."""
    folder, path = small_disk / "data", tmp_path / "returns"
    process = start("dying.py", path, CALLS, ending, AGENTOPS_DIR=str(folder), AGENTOPS_EXIT_TIMEOUT="0.5")
    printed, complaints = process.communicate(timeout=PATIENCE)
    assert (process.returncode, printed) == (0 if ending == "end" else -signal.SIGKILL, f"{size_of_answers(CALLS)}\n")
    assert "Traceback" not in complaints
    assert complaints.count("cannot record for now") == 1
    assert mount(small_disk, "remount", "size=100m")
    found = take_in(folder)
    calls = come_back(path)
    assert len(calls) == CALLS
    kept = {call: count for call, count in found.ended.items() if call[0] == "tool"}
    assert set(kept.values()) == {1}
    assert kept.keys() < set(calls)
    assert len(kept) > 300
    assert CALLS - len(kept) <= found.lost
    assert list((folder / JOURNALS).iterdir()) == []


def limit_file_size() -> None:
    """No file of this process may grow beyond the limit."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


@pytest.mark.parametrize("ending", ["end", "kill"])
def test_files_that_may_not_grow_lose_nothing(tmp_path: Path, ending: str) -> None:
    """The store cannot take it all in then; the journal can, in smaller segments, and is taken in later."""
    folder, path = tmp_path / "data", tmp_path / "returns"
    command = [sys.executable, str(PROGRAMS / "dying.py"), str(path), str(CALLS), ending]
    process = subprocess.run(
        command,
        preexec_fn=limit_file_size,
        env={"AGENTOPS_DIR": str(folder), "AGENTOPS_EXIT_TIMEOUT": "0.5"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert process.stdout == f"{size_of_answers(CALLS)}\n"
    assert process.returncode == (0 if ending == "end" else -signal.SIGKILL)
    assert "Traceback" not in process.stderr
    found = take_in(folder)
    calls = come_back(path)
    assert {call: found.ended[call] for call in calls} == dict.fromkeys(calls, 1)
    assert (len(calls), found.lost) == (CALLS, 0)
