"""Journals of dead processes are found, taken by one adopter each, and removed whole."""

import os
import shutil
import time
from pathlib import Path

import pytest
from recording_samples import Writing, ended, read_all

from agentops.recording import orphans as adopting
from agentops.recording.clock import Clock
from agentops.recording.orphans import orphans
from agentops.recording.ownership import LOCK_NAME
from agentops.recording.templates import TEMPLATES_NAME

LONG_AGO = 1_000_000_000


@pytest.fixture
def root(data_directory: Path) -> Path:
    """Where journals are."""
    return data_directory / "journals"


def left(root: Path, name: str) -> Writing:
    """A journal whose process is gone."""
    writing = Writing(root, name)
    writing.call()
    writing.journal.abandon()
    return writing


def test_only_dead_journals_are_found_oldest_first(root: Path) -> None:
    """The lock of the living one is held; what is no journal is no journal."""
    for name in ("2", "1"):
        left(root, name)
    living = Writing(root, "0")
    (root / "file").write_text("")
    (root / "folder").mkdir()
    found: list[str] = []
    for orphan in orphans(root):
        with orphan:
            found.append(orphan.name)
            for other in orphans(root):
                with other:
                    assert other.name != orphan.name
    assert found == ["1", "2"]
    assert list(orphans(root / "nowhere")) == list(orphans(root / "file")) == []
    living.journal.close()


def test_a_journal_that_was_removed_while_it_was_being_locked_is_gone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where another one has taken its name meanwhile."""
    first = left(root, "1")
    lock = adopting.fcntl.flock

    def slow(descriptor: int, operation: int) -> None:
        shutil.rmtree(first.journal.directory)
        first.journal.directory.mkdir()
        (first.journal.directory / LOCK_NAME).touch()
        lock(descriptor, operation)

    with monkeypatch.context() as patched:
        patched.setattr(adopting.fcntl, "flock", slow)
        assert list(orphans(root)) == []


def test_a_reader_of_an_orphan_goes_on_where_the_process_stopped(root: Path) -> None:
    """With what was open then."""
    writing = Writing(root, "1")
    span = writing.open()
    reader = writing.reader()
    read_all(reader)
    reader.commit()
    reader.close()
    writing.recorder.close(span, b"1")
    writing.journal.abandon()
    (orphan,) = orphans(root)
    with orphan:
        reader = orphan.reader("local")
        assert ended(read_all(reader)).keys() == {span.span_id}
        assert orphan.cursors() == ["local"]
        reader.close()


def test_the_last_sign_of_life_is_the_latest_thing_read_or_written(root: Path) -> None:
    """Writing to a map does not always change the time of its file, and reading it is no sign of life."""
    ahead = time.time_ns() + 10**12
    writing = Writing(root, "1", clock=Clock(lambda: ahead, offset=0))
    writing.call()
    writing.journal.abandon()
    for path in writing.journal.directory.iterdir():
        os.utime(path, ns=(LONG_AGO, LONG_AGO))
    (orphan,) = orphans(root)
    with orphan:
        reader = orphan.reader("local")
        assert orphan.ended_at == LONG_AGO
        read_all(reader)
        reader.commit()
        assert orphan.ended_at == ahead
        reader.close()


def test_removing_is_all_or_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A death in the middle leaves nothing that looks like a journal, and somebody sweeps it up later."""
    left(root, "1")
    (orphan,) = orphans(root)

    def die(path: Path) -> None:
        (path / TEMPLATES_NAME).unlink()
        raise KeyboardInterrupt

    with orphan, monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", die)
        with pytest.raises(KeyboardInterrupt):
            orphan.remove()
    assert [path.name for path in root.iterdir()] == [".1"]
    assert list(orphans(root)) == []
    assert [path.name for path in root.iterdir()] == [".1"]
    os.utime(root / ".1", (LONG_AGO / 1e9, LONG_AGO / 1e9))
    assert list(orphans(root)) == []
    assert list(root.iterdir()) == []


def test_what_is_being_made_is_not_swept_up(root: Path) -> None:
    """However long it takes; without a lock, only what is old is rubbish."""
    living = Writing(root, "1")
    living.journal.directory.rename(root / ".1")
    (root / ".2").mkdir()
    (root / ".3").mkdir()
    for name in (".1", ".2"):
        os.utime(root / name, (LONG_AGO / 1e9, LONG_AGO / 1e9))
    assert list(orphans(root)) == []
    assert sorted(path.name for path in root.iterdir()) == [".1", ".3"]
    living.journal.abandon()


def test_a_journal_of_somebody_else_does_not_keep_the_others(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told of at the end."""
    theirs, ours = left(root, "1"), left(root, "2")
    opening = os.open

    def refuse(path: Path, flags: int, mode: int = 0o777) -> int:
        if path == theirs.journal.directory / LOCK_NAME:
            raise PermissionError(13, "permission denied", str(path))
        return opening(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    found: list[str] = []

    def adopt() -> None:
        for orphan in orphans(root):
            with orphan:
                found.append(orphan.name)

    with pytest.raises(PermissionError):
        adopt()
    assert found == [ours.journal.name]
