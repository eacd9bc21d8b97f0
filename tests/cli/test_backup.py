"""`agentops backup`: copies of everything, taken while it is in use."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from cli_samples import CREW_RECORDS, EVERYTHING, contents
from click.testing import Result

from agentops.domain.spans import Record
from agentops.store import LOCAL_STORE
from agentops.store.sqlite import SqliteStore

Invoke = Callable[..., Result]
Fill = Callable[[Sequence[Record]], None]


def test_a_backup_is_what_was_there(invoke: Invoke, fill: Fill, data_directory: Path, tmp_path: Path) -> None:
    """Sessions, projects and keys, readable by their owner only; put in the place of the folder it is that folder."""
    fill(EVERYTHING)
    key = invoke("keys", "create", "ci", "--project", "shop").stdout.strip()
    assert key
    project = data_directory / "projects" / "shop.db"
    SqliteStore(project).close()
    target = tmp_path / "backups" / "monday"
    done = invoke("backup", str(target))
    assert done.exit_code == 0
    assert "Copied 3 files, " in done.stderr
    names = sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())
    assert names == ["agentops.db", "collector.db", "projects/shop.db"]
    assert {path.stat().st_mode & 0o077 for path in target.rglob("*")} == {0}
    assert contents(target) == contents(data_directory)
    assert "shop" in invoke("keys", "list", "--data", str(target)).stdout


def test_a_backup_is_taken_while_others_write(invoke: Invoke, data_directory: Path, tmp_path: Path) -> None:
    """It holds what was committed when it was taken, also what is still in the log beside the file."""
    with SqliteStore(data_directory / LOCAL_STORE) as store:
        store.ingest(CREW_RECORDS)
        writer = sqlite3.connect(data_directory / LOCAL_STORE, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        assert invoke("backup", str(tmp_path / "copy")).exit_code == 0
        writer.execute("ROLLBACK")
        writer.close()
        assert contents(tmp_path / "copy") == contents(data_directory)


def test_a_backup_replaces_nothing(invoke: Invoke, fill: Fill, tmp_path: Path) -> None:
    """A folder that has something in it is left as it is."""
    fill(CREW_RECORDS)
    target = tmp_path / "copy"
    assert invoke("backup", str(target)).exit_code == 0
    before = (target / LOCAL_STORE).read_bytes()
    done = invoke("backup", str(target))
    assert done.exit_code == 1
    assert "a copy never replaces anything" in done.stderr
    assert (target / LOCAL_STORE).read_bytes() == before


def test_a_damaged_file_makes_no_backup(invoke: Invoke, fill: Fill, data_directory: Path, tmp_path: Path) -> None:
    """Nothing is left that could be taken for one."""
    fill(EVERYTHING)
    path = data_directory / LOCAL_STORE
    whole = bytearray(path.read_bytes())
    whole[8192:40960] = b"\x55" * (40960 - 8192)
    path.write_bytes(bytes(whole))
    done = invoke("backup", str(tmp_path / "copies" / "copy"))
    assert done.exit_code == 1
    assert "damaged" in done.stderr
    assert list((tmp_path / "copies").iterdir()) == []


def test_where_nothing_is_there_is_nothing_to_copy(invoke: Invoke, tmp_path: Path) -> None:
    """Which is said, for a backup of the wrong folder is none."""
    done = invoke("backup", str(tmp_path / "copy"))
    assert done.exit_code == 1
    assert "There is nothing to copy" in done.stderr
