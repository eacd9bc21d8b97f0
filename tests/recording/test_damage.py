"""Whatever happens to the bytes of a journal: reading goes on, invents nothing, loses what was hit and says so."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_samples import Writing, dropped, ended, names, read_all, running

from agentops.domain.journal.frames import CHECKED_FROM, END, PREFIX, START
from agentops.domain.spans import Record, SessionRecord, SpanRecord, SpanStatus
from agentops.recording.cursor import CURSOR_SUFFIX, OPEN_SUFFIX
from agentops.recording.heads import FIRST_FRAME
from agentops.recording.reading import JournalReader
from agentops.recording.scanning import SegmentScan
from agentops.recording.segment import SegmentFile, list_segments
from agentops.recording.templates import TEMPLATES_NAME


class Written:
    """A journal as it was written, and what is in it."""

    def __init__(self, directory: Path, records: list[Record]) -> None:
        self.directory = directory
        self.ended = ended(records)
        self.running = running(records)
        self.names = names(records)


def written(root: Path, *, is_closed: bool) -> Written:
    """A journal of several small segments, of a process that ended or that was killed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agentops.recording.journal.FIRST_SEGMENT", 2_000)
        patch.setattr("agentops.recording.journal.LATER_SEGMENT", 3_000)
        patch.setattr("agentops.recording.supply.LATER_SEGMENT", 3_000)
        writing = Writing(root)
        for number in range(12):
            writing.note(f"note {number}")
            spans = [writing.open(b'{"n":%d,"text":"%s"}' % (number, b"t" * each)) for each in (0, 20, 300)]
            for span in spans:
                writing.recorder.close(span, b'{"found":"%s"}' % (b"f" * number * 10))
        writing.open(b'{"last":true}')
        if is_closed:
            writing.journal.close()
    directory = root / "kept"
    shutil.copytree(writing.journal.directory, directory)
    writing.journal.close()
    reader = JournalReader(directory, "sample", final=True)
    records = read_all(reader, 1)
    reader.close()
    assert not reader.damaged
    for path in directory.glob("sample.*"):
        path.unlink()
    return Written(directory, records)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A journal that was closed."""
    return written(tmp_path_factory.mktemp("closed"), is_closed=True)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A journal of a process that was killed."""
    return written(tmp_path_factory.mktemp("killed"), is_closed=False)


def frames_of(file: SegmentFile) -> list[tuple[int, bytes]]:
    """The frames of a segment with their positions."""
    scan = SegmentScan(file, FIRST_FRAME)
    frames: list[tuple[int, bytes]] = []
    at = FIRST_FRAME
    while taken := scan.take(1):
        frames.append((at, taken[0]))
        at = scan.at
    scan.close()
    return frames


Damage = Callable[[bytearray], bytearray]


@st.composite
def damages(draw: st.DrawFn) -> Damage:
    """Something that happens to a file: bits flip, a stretch is zeroed or overwritten, the end is cut off."""
    kind = draw(st.sampled_from(["flip", "zero", "overwrite", "cut"]))
    where, size = draw(st.floats(0, 0.999)), draw(st.integers(1, 600))
    bits = draw(st.integers(1, 255))
    noise = draw(st.binary(min_size=1, max_size=200))

    def damage(data: bytearray) -> bytearray:
        at = int(len(data) * where)
        if kind == "flip":
            data[at] ^= bits
        elif kind == "zero":
            data[at : at + size] = bytes(len(data[at : at + size]))
        elif kind == "overwrite":
            data[at : at + len(noise)] = noise[: len(data) - at]
        else:
            del data[at:]
        return data

    return damage


def hit(file: SegmentFile, copy: Path, damage: Damage) -> None:
    """Damage a copy of a segment.

    The checksums of frames of beginnings and plain ends cover what they carry and not their heads: what would change
    such a head alone is left out.
    """
    before = file.path.read_bytes()
    after = damage(bytearray(before))
    for at, frame in frames_of(file):
        head = range(at + PREFIX.size, at + CHECKED_FROM[frame[PREFIX.size]])
        changed = [each for each in range(at, min(at + len(frame), len(after))) if after[each] != before[each]]
        if frame[PREFIX.size] in (START, END) and changed and all(each in head for each in changed):
            after[head.start : head.stop] = before[head.start : head.stop]
    copy.write_bytes(after)


def read_damaged(sample: Written, number: int, damage: Damage, directory: Path) -> JournalReader:
    """A reader of a copy of a journal of which one segment was damaged."""
    shutil.copytree(sample.directory, directory)
    file = list_segments(sample.directory)[number % len(list_segments(sample.directory))]
    hit(file, directory / file.path.name, damage)
    return JournalReader(directory, "local", final=True)


@settings(max_examples=150)
@given(number=st.integers(0, 20), damage=damages(), limit=st.sampled_from([1, 10, 4096]))
def test_damage_loses_what_was_hit_and_is_counted(
    number: int, damage: Damage, limit: int, closed: Written, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every span that comes out is as it was recorded; where one is missing, that is said."""
    directory = tmp_path_factory.mktemp("damaged") / "journal"
    reader = read_damaged(closed, number, damage, directory)
    records = read_all(reader, limit)
    reader.close()
    assert ended(records).items() <= closed.ended.items()
    assert {each: running(records)[each] for each in running(records)}.items() <= closed.running.items()
    found = names(records)
    assert found == [name for name in closed.names if name in found]
    is_lost = len(ended(records)) + len(found) < len(closed.ended) + len(closed.names)
    assert not is_lost or (reader.damaged and dropped(records) > 0)
    shutil.rmtree(directory)


@settings(max_examples=60)
@given(number=st.integers(0, 20), damage=damages())
def test_what_was_not_hit_is_all_there(
    number: int, damage: Damage, closed: Written, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each frame whose bytes are as they were comes out."""
    directory = tmp_path_factory.mktemp("damaged") / "journal"
    reader = read_damaged(closed, number, damage, directory)
    records = read_all(reader)
    reader.close()
    whole: list[bytes] = []
    for file in list_segments(closed.directory):
        data = (directory / file.path.name).read_bytes()
        whole += [frame for at, frame in frames_of(file) if data[at : at + len(frame)] == frame]
    expected = read_frames(whole, closed.directory, tmp_path_factory.mktemp("whole"))
    assert ended(records).keys() == expected[0]
    assert set(names(records)) == expected[1]
    shutil.rmtree(directory)


def read_frames(frames: list[bytes], source: Path, directory: Path) -> tuple[set[str], set[str | None]]:
    """What so many frames say, the times apart."""
    shutil.copy(source / TEMPLATES_NAME, directory / TEMPLATES_NAME)
    (directory / "00000001.0.segment").write_bytes(bytes(FIRST_FRAME) + b"".join(frames))
    reader = JournalReader(directory, "local", final=True)
    records = read_all(reader)
    reader.close()
    return set(ended(records)), set(names(records))


@settings(max_examples=80)
@given(damage=damages())
def test_a_killed_process_and_a_damaged_file_together_invent_nothing(
    damage: Damage, killed: Written, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The last segment does not know how much was written to it; what comes out was recorded all the same."""
    directory = tmp_path_factory.mktemp("damaged") / "journal"
    reader = read_damaged(killed, -1, damage, directory)
    records = read_all(reader)
    reader.close()
    assert ended(records).items() <= killed.ended.items()
    assert running(records).keys() <= killed.running.keys()
    shutil.rmtree(directory)


def test_one_flipped_bit_costs_one_span_and_one_drop(closed: Written, tmp_path: Path) -> None:
    """In what went in: its end is not counted again. In what came out: it is known to have been running."""
    file = list_segments(closed.directory)[1]
    frames = frames_of(file)
    for kind, at_most_running in ((START, 1), (END, 2)):
        at, frame = next(each for each in frames if each[1][PREFIX.size] == kind)

        def flip(data: bytearray, at: int = at + len(frame) - 2) -> bytearray:
            data[at] ^= 1
            return data

        reader = read_damaged(closed, 1, flip, tmp_path / str(kind))
        records = read_all(reader)
        reader.close()
        assert (len(closed.ended) - len(ended(records)), dropped(records)) == (1, 1)
        assert len(running(records)) == at_most_running


def test_every_beginning_in_a_lost_stretch_is_counted(closed: Written, killed: Written, tmp_path: Path) -> None:
    """Their ends, further on, tell how many they were; also where a segment does not know its end."""
    for each, sample in enumerate((closed, killed)):
        number = -each
        file = list_segments(sample.directory)[number]
        frames = frames_of(file)
        kinds = bytes(frame[PREFIX.size] for _, frame in frames)
        three = kinds.index(bytes([START] * 3))

        def blank(data: bytearray, first: int = frames[three][0], last: int = frames[three + 3][0]) -> bytearray:
            data[first:last] = bytes(last - first)
            return data

        reader = read_damaged(sample, number, blank, tmp_path / str(each))
        records = read_all(reader)
        reader.close()
        assert (len(sample.ended) - len(ended(records)), dropped(records)) == (3, 3)


def test_a_segment_that_lost_its_end_is_missed(closed: Written, tmp_path: Path) -> None:
    """Cut off or zeroed from the beginning of a frame on: nothing that is left is broken."""
    for number, is_cut in enumerate((True, False)):
        file = list_segments(closed.directory)[1]
        at, _ = frames_of(file)[4]

        def end_early(data: bytearray, at: int = at, is_cut: bool = is_cut) -> bytearray:  # noqa: FBT001 - bound here
            data[at:] = b"" if is_cut else bytes(len(data) - at)
            return data

        reader = read_damaged(closed, 1, end_early, tmp_path / str(number))
        records = read_all(reader)
        assert (reader.damaged, dropped(records) > 0) == (True, True)
        assert len(ended(records)) < len(closed.ended)
        reader.commit()
        reader.close()
        again = JournalReader(tmp_path / str(number), "local", final=True)
        assert read_all(again) == []
        again.close()


def test_a_living_journal_is_given_time_before_a_frame_counts_as_broken(tmp_path: Path) -> None:
    """Then the rest is read, also while it goes on to be written."""
    writing = Writing(tmp_path)
    writing.note("before")
    (file,) = list_segments(writing.journal.directory)
    at, _ = frames_of(file)[-1]
    writing.note("hit")
    writing.note("behind")
    with file.path.open("r+b") as opened:
        opened.seek(at + 60 + len(frames_of(file)[0][1]))
        opened.write(b"\xff")
    reader = writing.reader()
    reads = [reader.read() for _ in range(5)]
    assert [names(each) for each in reads] == [["before"], [], ["behind"], [], []]
    assert [dropped(each) for each in reads] == [0, 0, 1, 0, 0]
    writing.note("later")
    assert names(reader.read()) == ["later"]
    reader.close()
    writing.journal.close()


@given(damage=damages())
@settings(max_examples=60)
def test_a_damaged_place_is_not_believed(
    damage: Damage, closed: Written, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The reader begins anew: what comes again is known by its ids, and nothing is left out."""
    directory = tmp_path_factory.mktemp("damaged") / "journal"
    shutil.copytree(closed.directory, directory)
    first = JournalReader(directory, "local", final=True)
    seen = first.read(40)
    other = JournalReader(directory, "other", final=True)
    first.commit()
    first.close()
    path = directory / f"local{CURSOR_SUFFIX}"
    path.write_bytes(damage(bytearray(path.read_bytes())))
    again = JournalReader(directory, "local", final=True)
    records = [*seen, *read_all(again)]
    assert {each.span_id for each in records if isinstance(each, SpanRecord) and is_ended(each)} == closed.ended.keys()
    assert {each.name for each in records if isinstance(each, SessionRecord)} == set(closed.names)
    again.close()
    other.close()
    shutil.rmtree(directory)


def is_ended(record: SpanRecord) -> bool:
    """Whether a span has ended."""
    return record.status is not SpanStatus.RUNNING


@given(damage=damages())
@settings(max_examples=60)
def test_damaged_beginnings_are_counted(damage: Damage, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A span whose beginning was kept beside the place and is not whole any more is lost, and said to be."""
    root = tmp_path_factory.mktemp("damaged")
    writing = Writing(root)
    spans = [writing.open(b'{"n":%d}' % number) for number in range(10)]
    reader = writing.reader()
    read_all(reader)
    reader.commit()
    reader.close()
    path = writing.journal.directory / f"local{OPEN_SUFFIX}"
    before = path.read_bytes()
    after = damage(bytearray(before))
    path.write_bytes(after)
    for span in spans:
        writing.recorder.close(span, b"1")
    writing.journal.close()
    again = writing.reader(final=True)
    records = read_all(again)
    again.close()
    assert ended(records).keys() <= {span.span_id for span in spans} or after != before
    assert len(ended(records)) == 10 or (again.damaged and dropped(records) > 0)
    shutil.rmtree(root)


@given(damage=damages())
@settings(max_examples=60)
def test_a_damaged_template_costs_a_name_and_no_span(
    damage: Damage, closed: Written, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What is left of it is not believed."""
    directory = tmp_path_factory.mktemp("damaged") / "journal"
    shutil.copytree(closed.directory, directory)
    path = directory / TEMPLATES_NAME
    path.write_bytes(damage(bytearray(path.read_bytes())))
    reader = JournalReader(directory, "local", final=True)
    records = read_all(reader)
    reader.close()
    assert ended(records).keys() == closed.ended.keys()
    assert {span.name for span in ended(records).values()} <= {"search", "unknown"}
    assert reader.damaged or ended(records) == closed.ended
    shutil.rmtree(directory)
