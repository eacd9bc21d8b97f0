"""A journal keeps every frame, whoever writes it and whatever happens meanwhile."""

import errno
import gc
import itertools
import mmap
import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Self

import pytest
from recording_samples import Writing, dropped, ended, names, read_all, running

from agentops.domain.spans import DropRecord
from agentops.errors import JournalError
from agentops.recording import segment as segments
from agentops.recording.clock import Clock
from agentops.recording.journal import Journal
from agentops.recording.late import LateJournal
from agentops.recording.segment import Segment, list_segments, write_nowhere
from agentops.recording.supply import FIRST_SEGMENT


@pytest.fixture
def root(data_directory: Path) -> Path:
    """Where journals are."""
    return data_directory / "journals"


def test_what_eight_threads_append_is_all_there(root: Path) -> None:
    """5,000 calls each, over many segments."""
    writing = Writing(root)

    def work() -> None:
        for _ in range(5_000):
            writing.call()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    reader = writing.reader()
    records = read_all(reader)
    for thread in threads:
        thread.join()
    records += read_all(reader)
    assert len(ended(records)) == 40_000
    assert (dropped(records), reader.damaged, len(list_segments(writing.journal.directory)) > 1) == (0, False, True)
    reader.close()
    writing.journal.close()


def test_nobody_takes_the_room_that_a_segment_was_made_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others may fill it as soon as it can be seen."""
    writing = Writing(root)
    begin = Segment.begin

    def fill(self: Segment, path: Path) -> None:
        begin(self, path)
        self.map.write(bytes(self.size - self.map.tell()))

    monkeypatch.setattr(Segment, "begin", fill)
    writing.note("x" * 300_000)
    writing.journal.close()
    assert names(read_all(writing.reader())) == ["x" * 300_000]


def test_a_signal_handler_may_record_at_any_moment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It interrupts the same thread, also where a segment follows another."""
    monkeypatch.setattr("agentops.recording.journal.LATER_SEGMENT", 40_000)
    writing = Writing(root)
    written: list[str] = []

    def handle(number: int, frame: FrameType | None) -> None:
        written.append(writing.call())

    previous = signal.signal(signal.SIGVTALRM, handle)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.0002, 0.0002)
    try:
        while len(written) < 300:
            written.append(writing.call(b'"%s"' % (b"x" * 2_000)))
            signal.raise_signal(signal.SIGVTALRM)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
    writing.journal.close()
    assert ended(read_all(writing.reader())).keys() == set(written)


def test_a_handler_that_interrupts_the_change_of_segments_leaves_its_frame_behind(root: Path) -> None:
    """To the one that it interrupted, who puts it behind its own."""
    writing = Writing(root)
    writing.journal.on_roll = lambda: writing.note("from the handler") if next(rolls) == 0 else None
    rolls = itertools.count()
    writing.note("x" * 300_000)
    writing.note("after")
    assert [(name or "")[:20] for name in names(read_all(writing.reader()))] == ["x" * 20, "from the handler", "after"]
    writing.journal.close()


def test_the_old_segment_takes_no_frame_once_the_new_one_can_be_seen(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader leaves it then, and would not see what another thread was about to write."""
    writing = Writing(root)
    begin = Segment.begin
    about_to_write = writing.journal.write
    outcomes: list[str] = []

    def seen(self: Segment, path: Path) -> None:
        begin(self, path)
        try:
            about_to_write(b"too late")
        except ValueError:
            outcomes.append("refused")

    monkeypatch.setattr(Segment, "begin", seen)
    writing.note("x" * 300_000)
    assert outcomes == ["refused"]
    writing.journal.close()


class Finalised:
    """Records when it is collected, as part of a cycle."""

    def __init__(self, record: Callable[[], None]) -> None:
        self.record = record
        self.cycle = self

    def __del__(self) -> None:
        """A call of the program's own."""
        self.record()


def test_finalisers_may_record_at_any_moment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They run wherever something is allocated."""
    monkeypatch.setattr("agentops.recording.journal.LATER_SEGMENT", 40_000)
    writing = Writing(root)
    written: list[str] = []
    thresholds = gc.get_threshold()
    gc.set_threshold(3, 1, 1)
    try:
        for _ in range(300):
            Finalised(lambda: written.append(writing.call(b'"%s"' % (b"y" * 1_000))))
            written.append(writing.call(b'"%s"' % (b"x" * 2_000)))
    finally:
        gc.set_threshold(*thresholds)
    gc.collect()
    assert len(written) == 600
    assert ended(read_all(writing.reader())).keys() == set(written)
    writing.journal.close()


def test_what_was_recorded_while_the_next_segment_was_prepared_is_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a finaliser on the preparing thread, where the current segment is full."""
    writing = Writing(root)
    make = Segment.__init__
    offset = writing.recorder.clock.offset

    def interrupted(self: Segment, path: Path, size: int) -> None:
        if next(interruptions) == 0:
            writing.note("z" * 5_000_000)
        make(self, path, size)

    interruptions = itertools.count()
    writing.recorder.clock.offset = offset + 1
    writing.journal.prepare()
    with monkeypatch.context() as patched:
        patched.setattr(Segment, "__init__", interrupted)
        writing.recorder.clock.offset = offset + 2
        writing.call(b'"%s"' % (b"x" * 200_000))
        patched.setattr(writing.journal._supply, "_spare", None)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - so that following the clock makes one
        writing.journal.prepare()
    assert "z" * 5_000_000 in names(read_all(writing.reader()))
    writing.journal.close()


def test_where_the_limit_is_reached_drops_are_counted_and_told_of(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as there is room again; the limit holds all the time."""
    monkeypatch.setattr("agentops.recording.drops.RETRY_SECONDS", 0.0)
    limit = 1 << 20
    writing = Writing(root, limit=limit)
    reader = writing.reader()
    kept = 0
    for _ in range(3):
        for _ in range(8):
            before = writing.journal.dropped
            writing.note("x" * 200_000)
            kept += writing.journal.dropped == before
            assert writing.journal.size <= limit
    lost = writing.journal.dropped
    assert (lost > 0, kept + lost) == (True, 24)
    records = read_all(reader)
    reader.commit()
    writing.journal.prepare()
    writing.note("again")
    records += read_all(reader)
    assert names(records)[-1] == "again"
    assert (len(names(records)), dropped(records)) == (kept + 1, lost)
    assert {each.reason for each in records if isinstance(each, DropRecord)} == {"journal full"}
    reader.close()
    writing.journal.close()


def test_all_of_the_limit_is_used(root: Path) -> None:
    """Also where it is smaller than a segment usually is."""
    limit = 600_000
    writing = Writing(root, limit=limit)
    count = 0
    while writing.journal.dropped == 0:
        writing.note("x" * 1_000)
        count += 1
    assert count * 1_000 > limit * 0.9
    assert writing.journal.size <= limit
    writing.journal.close()


def test_a_frame_larger_than_the_limit_does_not_keep_others_out(root: Path) -> None:
    """The next that fits is written at once."""
    writing = Writing(root, limit=2 << 20)
    writing.note("x" * 250_000)
    writing.note("y" * (3 << 20))
    writing.note("z" * 20_000)
    writing.journal.close()
    records = read_all(writing.reader())
    assert [(name or "")[:1] for name in names(records)] == ["x", "z"]
    assert dropped(records) == 1


@pytest.mark.parametrize("is_killed", [False, True])
def test_drops_at_the_end_are_told_of(root: Path, is_killed: bool) -> None:  # noqa: FBT001 - a case
    """When the journal is closed, or its process was killed: the segment tells, however full it is."""
    writing = Writing(root, limit=FIRST_SEGMENT)
    writing.note("x" * 290_000)
    while writing.journal.dropped < 3:
        writing.note("z")
    assert dropped(read_all(writing.reader("early"))) == 0
    if is_killed:
        writing.journal.abandon()
    else:
        writing.journal.close()
    writing.note("too late")
    for cursor in ("early", "local"):
        reader = writing.reader(cursor, final=is_killed)
        assert dropped(read_all(reader)) == 3
        reader.commit()
        assert dropped(read_all(writing.reader(cursor, final=True))) == 0


def test_a_segment_that_another_reader_deletes_does_not_count_as_no_room(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between listing the files and looking at their sizes."""
    writing = Writing(root)
    scan = os.scandir

    class Listing:
        """A listing of which the first file is deleted once it was listed."""

        def __init__(self, path: Path) -> None:
            self.entries = list(scan(path))
            next(Path(entry.path) for entry in self.entries if entry.name.endswith(".segment")).unlink()

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *error: object) -> None:
            pass

    writing.note("x" * 250_000)
    writing.journal.prepare()
    monkeypatch.setattr(os, "scandir", Listing)
    monkeypatch.setattr(writing.journal._supply, "_spare", None)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - so that a segment has to be made
    writing.note("y" * 250_000)
    assert writing.journal.dropped == 0
    writing.journal.close()


class Refused(mmap.mmap):
    """Memory that cannot be had."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Refuse."""
        raise OSError(errno.ENODEV, "no mapping here")


@pytest.fixture(params=["no mapping", "no space reservation", "reservation not supported", "no GIL"])
def lesser_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A system or file system that lacks something."""

    def unsupported(descriptor: int, offset: int, size: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not here")

    if request.param == "no mapping":
        monkeypatch.setattr(mmap, "mmap", Refused)
    elif request.param == "no space reservation":
        monkeypatch.delattr(os, "posix_fallocate")
    elif request.param == "reservation not supported":
        monkeypatch.setattr(os, "posix_fallocate", unsupported)
    else:
        monkeypatch.setattr(segments, "GIL", False)
    return request.param


def test_recording_works_on_a_lesser_system(lesser_system: str, root: Path) -> None:
    """From several threads, with handlers that interrupt, over several segments."""
    writing = Writing(root)
    written: list[str] = []

    def work() -> None:
        for _ in range(100):
            span_id = writing.call(b'"%s"' % (b"x" * 20_000))
            written.append(span_id)

    threads = [threading.Thread(target=work) for _ in range(3)]
    previous = signal.signal(signal.SIGVTALRM, lambda number, frame: written.append(writing.call()))
    try:
        for thread in threads:
            thread.start()
        for _ in range(50):
            written.append(writing.call())
            signal.raise_signal(signal.SIGVTALRM)
        for thread in threads:
            thread.join()
    finally:
        signal.signal(signal.SIGVTALRM, previous)
    assert (writing.journal.write is write_nowhere) == (lesser_system in {"no mapping", "no GIL"})
    writing.journal.close()
    reader = writing.reader(final=True)
    assert ended(read_all(reader)).keys() == set(written)
    assert not reader.damaged


@pytest.mark.parametrize("limit", [256 << 20, FIRST_SEGMENT])
def test_a_disk_that_fails_under_written_files_costs_only_what_it_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """It goes to another segment, or is counted where there is none; nothing of it is left in the first."""
    monkeypatch.setattr(mmap, "mmap", Refused)
    monkeypatch.setattr("agentops.recording.drops.RETRY_SECONDS", 0.0)
    writing = Writing(root, limit=limit)
    writing.note("before")
    write = os.pwrite
    failures = iter([True])

    def failing(descriptor: int, data: bytes, at: int) -> int:
        if next(failures, False):
            write(descriptor, bytes(data)[:-5], at)
            raise OSError(errno.EIO, "failed")
        return write(descriptor, data, at)

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", failing)
        writing.note("refused once " * 100)
    writing.note("after")
    writing.journal.close()
    reader = writing.reader(final=True)
    records = read_all(reader)
    kept = ["before", "refused once " * 100, "after"]
    expected = (kept, 0) if limit > FIRST_SEGMENT else ([kept[0], kept[2]], 1)
    assert (names(records), dropped(records), reader.damaged) == (*expected, False)


def test_files_are_for_their_owner_only(data_directory: Path) -> None:
    """Whatever the umask, and so are the folders that were made on the way."""
    umask = os.umask(0)
    try:
        writing = Writing(data_directory / "share" / "journals")
        writing.note("x" * 500_000)
        reader = writing.reader()
        writing.open()
        read_all(reader)
        reader.commit()
        writing.journal.prepare()
    finally:
        os.umask(umask)
    made = [data_directory, *data_directory.rglob("*")]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if not path.is_dir()} == {0o600}
    reader.close()
    writing.journal.close()


def test_folders_that_were_there_keep_their_permissions(tmp_path: Path) -> None:
    """They are not ours to change."""
    (tmp_path / "theirs").mkdir(mode=0o755)
    Journal(tmp_path / "theirs", "mine").close()
    assert stat.S_IMODE((tmp_path / "theirs").stat().st_mode) == 0o755


def test_where_no_journal_can_be_had_that_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    """Below a file, or with no room for the first segment."""
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="no journal can be written in"):
        Journal(tmp_path / "file" / "journals", "mine")
    with pytest.raises(JournalError, match="limit of 10 bytes"):
        Journal(tmp_path / "journals", "mine", limit=10)
    assert list((tmp_path / "journals").iterdir()) == []


def test_a_disk_that_is_full_at_first_and_has_room_later_is_written_to_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames of meanwhile are counted, and what was half made is taken away."""
    monkeypatch.setattr("agentops.recording.drops.RETRY_SECONDS", 0.0)
    writing = Writing(root)
    monkeypatch.setattr(writing.journal._supply, "_spare", None)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - so that a segment has to be made
    allocate = segments.allocate

    def full(descriptor: int, size: int) -> None:
        allocate(descriptor, size // 2)
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(segments, "allocate", full)
        writing.note("x" * 300_000)
        writing.note("y" * 300_000)
    writing.note("z" * 300_000)
    records = read_all(writing.reader())
    assert [(name or "")[:1] for name in names(records)] == ["z"]
    assert dropped(records) == 2
    writing.journal.close()


def test_a_smaller_segment_is_made_where_there_is_no_room_for_a_usual_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is almost full takes what it can."""
    writing = Writing(root)
    monkeypatch.setattr(writing.journal._supply, "_spare", None)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - so that a segment has to be made
    allocate = segments.allocate

    def almost_full(descriptor: int, size: int) -> None:
        if size > 1 << 20:
            raise OSError(errno.ENOSPC, "no space left on device")
        allocate(descriptor, size)

    monkeypatch.setattr(segments, "allocate", almost_full)
    writing.note("x" * 300_000)
    assert writing.journal.dropped == 0
    writing.journal.close()


def test_templates_that_found_no_room_are_read_all_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the segment at first, from their place once they could be written there."""
    writing = Writing(root)
    write = os.write
    torn = iter([True])

    def full(descriptor: int, data: bytes) -> int:
        if data == b"\n":
            return write(descriptor, data)
        if next(torn, False):
            return write(descriptor, data[:10])
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        writing.tool = writing.recorder.template("late", writing.tool.kind)
        late = writing.call()
    first, second = writing.reader("first"), writing.reader("second")
    assert ended(read_all(first))[late].name == "late"
    writing.journal.prepare()
    writing.tool = writing.recorder.template("later", writing.tool.kind)
    later = writing.call()
    assert ended(read_all(first))[later].name == "later"
    read_all(second)
    second.commit()
    second.close()
    writing.tool = writing.recorder.template("late", writing.tool.kind)
    again = writing.call()
    second = writing.reader("second")
    assert ended(read_all(second))[again].name == "late"
    assert [first.damaged, second.damaged] == [False, False]
    first.close()
    second.close()
    writing.journal.close()


def test_a_clock_that_was_set_is_followed_in_a_new_segment(root: Path) -> None:
    """Times of before stay as they were; a span that was open has its measured duration at least."""
    ticks = itertools.count(1_000)
    clock = Clock(lambda: next(ticks), offset=5_000)
    writing = Writing(root, clock=clock)
    first = writing.call()
    lasting = writing.open()
    clock.offset = 1_000_000
    writing.journal.prepare()
    second = writing.call()
    clock.offset = 100
    writing.journal.prepare()
    writing.recorder.close(lasting, b"1")
    spans = ended(read_all(writing.reader()))
    assert [(spans[each].start, spans[each].end) for each in (first, second, lasting.span_id)] == [
        (6_000, 6_001),
        (1_001_003, 1_001_004),
        (6_002, 6_005),
    ]
    writing.journal.close()


def test_a_late_journal_is_made_by_the_first_frame_and_loses_none(root: Path) -> None:
    """Also those that a handler records while it is being made."""
    made: list[Writing] = []

    def make() -> Journal:
        late.append(b"")  # what a handler would do
        made.append(Writing(root))
        return made[0].journal

    late = LateJournal(make)
    other = Writing(root, "other")
    frames: list[bytes] = []
    other.journal.write = lambda frame: frames.append(frame) or len(frame)
    other.note("first")
    other.note("second")
    late.append(frames[0])
    late.append(frames[1])
    assert late.dropped == 0
    assert names(read_all(made[0].reader())) == ["first", "second"]
    made[0].journal.close()
    other.journal.close()


def test_where_no_late_journal_can_be_had_frames_are_counted() -> None:
    """They have nowhere to go."""
    late = LateJournal(lambda: None)
    late.append(b"1")
    late.append(b"2")
    assert late.dropped == 2


@pytest.fixture
def closing() -> Iterator[list[Journal]]:
    """Journals to be closed at the end."""
    journals: list[Journal] = []
    yield journals
    for journal in journals:
        journal.close()


def test_an_interrupt_while_a_segment_is_made_loses_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The frame is in the next one; nothing half made stands in its way."""
    writing = Writing(root)
    monkeypatch.setattr(writing.journal._supply, "_spare", None)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - so that a segment has to be made

    def interrupt(self: Segment, path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Segment, "begin", interrupt)
        with pytest.raises(KeyboardInterrupt):
            writing.note("x" * 300_000)
    writing.note("after")
    assert (names(read_all(writing.reader())), writing.journal.dropped) == (["x" * 300_000, "after"], 0)
    writing.journal.close()


def test_a_handler_that_ends_the_process_in_the_middle_loses_nothing(root: Path, closing: list[Journal]) -> None:
    """What was interrupted, and what the handler recorded, is there when it has closed the journal."""
    writing = Writing(root)
    closing.append(writing.journal)

    def handler() -> None:
        writing.note("end of the session")
        writing.note("y" * 5_000_000)
        writing.journal.close()

    writing.journal.on_roll = lambda: handler() if next(rolls) == 0 else None
    rolls = itertools.count()
    writing.note("x" * 300_000)
    found = dict.fromkeys((name or "")[:5] for name in names(read_all(writing.reader())))  # one may come again
    assert list(found) == ["xxxxx", "end o", "yyyyy"]
    writing.journal.append(b"late")
    assert running(read_all(writing.reader("another"))) == {}
