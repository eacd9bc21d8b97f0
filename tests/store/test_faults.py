"""What is said, and what is kept, when the file cannot be written or is damaged at its end."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_samples import by_start, check_integrity, session_of

from agentops.store.sqlite import SqliteStore

PROGRAM = Path(__file__).parent / "programs" / "lose_the_right.py"
FRAME = 4096 + 24
"""Bytes of a page in the write-ahead log, with its header (https://sqlite.org/fileformat2.html#the_write_ahead_log)."""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that anybody may enter, unlike those that pytest makes."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_file_that_may_not_be_written_is_said_to_be(open_folder: Path) -> None:
    """Nothing is acknowledged; the same store goes on once it may be written again."""
    path = open_folder / "agentops.db"
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    told, after = done.stdout.splitlines()
    assert told.startswith(f"StoreReadOnlyError the store {path}: it, or its folder, cannot be written")
    assert after == "1 1"


def copied_while_open(store: SqliteStore, folder: Path) -> Path:
    """The store's files as a crash of the machine would leave them."""
    folder.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{store.path}{suffix}", folder / f"copy.db{suffix}")
    return folder / "copy.db"


@pytest.mark.parametrize("seed", range(6))
def test_a_garbled_end_of_the_log_loses_nothing_that_was_acknowledged(
    store: SqliteStore, tmp_path: Path, seed: int
) -> None:
    """A commit that was under way is gone as a whole, and may come again."""
    chance = random.Random(seed)
    kept, lost = session_of(30), session_of(30)
    store.ingest(kept)
    wal = Path(f"{store.path}-wal")
    end = wal.stat().st_size
    store.ingest(lost)
    path = copied_while_open(store, tmp_path / "copy")
    broken = Path(f"{path}-wal")
    assert broken.stat().st_size > end + FRAME
    if seed % 2:
        os.truncate(broken, chance.randrange(end, broken.stat().st_size))
    else:
        with broken.open("r+b") as file:
            file.seek(chance.randrange(end, end + FRAME - 100))
            file.write(chance.randbytes(100))
    with SqliteStore(path, closing_budget=0) as reopened:
        assert list(reopened.spans(kept[0].session_id)) == by_start(kept)
        assert [summary.spans for summary in reopened.sessions()] == [30]
        assert reopened.ingest(lost).new == 30
        assert list(reopened.spans(lost[0].session_id)) == by_start(lost)
        assert sum(total.calls for total in reopened.totals()) == 60
    assert check_integrity(path) == "ok"


def test_rubbish_behind_the_log_is_passed_over(store: SqliteStore, tmp_path: Path) -> None:
    """Blocks of a file system that were never written."""
    spans = session_of(30)
    store.ingest(spans)
    path = copied_while_open(store, tmp_path / "copy")
    with Path(f"{path}-wal").open("ab") as file:
        file.write(b"\xff" * 3 * FRAME)
    with SqliteStore(path, closing_budget=0) as reopened:
        assert list(reopened.spans(spans[0].session_id)) == by_start(spans)
        assert reopened.ingest(spans).known == 30
