"""Every frame comes out exactly once for each reader, in order, whatever happened between two reads."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from recording_samples import Writing, dropped, ended, names, read_all, running

from agentops.domain.spans import Record, SpanKind, SpanRecord, SpanStatus
from agentops.recording import reading
from agentops.recording.cursor import Cursor
from agentops.recording.reading import JournalReader
from agentops.recording.segment import list_segments
from agentops.recording.span import Span  # noqa: TC001 - hypothesis looks at annotations

SIZES = st.sampled_from([0, 1, 300, 300, 5_000, 70_000, 260_000, 1_500_000, 5_000_000])


@pytest.fixture
def root(data_directory: Path) -> Path:
    """Where journals are."""
    return data_directory / "journals"


class Follower:
    """One reader and what it has seen: what it has committed is seen for good, the rest until it is opened anew."""

    def __init__(self, directory: Path, cursor: str) -> None:
        self.directory = directory
        self.cursor = cursor
        self.committed: list[Record] = []
        self.seen: list[Record] = []
        self.reader = JournalReader(directory, cursor)

    def read(self, limit: int) -> None:
        """Read on."""
        records = self.reader.read(limit)
        assert len(records) <= limit
        self.seen += records

    def commit(self) -> None:
        """What was seen is safe."""
        self.reader.commit()
        self.committed = list(self.seen)

    def reopen(self) -> None:
        """A new reader takes the place."""
        self.reader.close()
        self.seen = list(self.committed)
        self.reader = JournalReader(self.directory, self.cursor)


class Following(RuleBasedStateMachine):
    """A journal is written while two readers follow it."""

    @initialize(path=st.just(None))
    def begin(self, path: None) -> None:
        """One journal, two readers with places of their own."""
        self.writing = Writing(self.root / os.urandom(6).hex())
        self.offset = self.writing.recorder.clock.offset
        self.followers = [Follower(self.writing.journal.directory, name) for name in ("first", "second")]
        self.noted: list[str] = []
        self.ended: dict[str, bytes] = {}
        self.open: list[tuple[Span, bytes]] = []

    root: Path

    @rule(size=SIZES)
    def note(self, size: int) -> None:
        """Something whole is recorded."""
        self.noted.append(f"{len(self.noted)} " + "x" * size)
        self.writing.note(self.noted[-1])

    @rule(size=SIZES)
    def open_span(self, size: int) -> None:
        """A span begins."""
        data = b'"%s"' % (b"i" * size)
        self.open.append((self.writing.open(data), data))

    @rule(size=SIZES, which=st.integers(0, 100))
    def end_span(self, size: int, which: int) -> None:
        """A span ends, if one is open."""
        if self.open:
            span, data = self.open.pop(which % len(self.open))
            self.writing.recorder.close(span, b'"%s"' % (b"o" * size))
            self.ended[span.span_id] = data

    @rule()
    def set_the_clock(self) -> None:
        """The wall clock was set: a new segment begins."""
        self.offset += 10**9
        self.writing.recorder.clock.offset = self.offset
        self.writing.journal.prepare()

    @rule()
    def prepare(self) -> None:
        """The next segment is made ahead."""
        self.writing.journal.prepare()

    @rule(which=st.integers(0, 1), limit=st.integers(1, 40))
    def read(self, which: int, limit: int) -> None:
        """A reader reads on."""
        self.followers[which].read(limit)

    @rule(which=st.integers(0, 1))
    def commit(self, which: int) -> None:
        """A reader's place is remembered."""
        self.followers[which].commit()

    @rule(which=st.integers(0, 1))
    def reopen(self, which: int) -> None:
        """A reader is replaced."""
        self.followers[which].reopen()

    @invariant()
    def what_was_seen_is_a_beginning(self) -> None:
        """Each record once and in order, nothing that was not recorded."""
        for follower in getattr(self, "followers", ()):
            seen = names(follower.seen)
            assert seen == self.noted[: len(seen)]
            assert ended(follower.seen).keys() <= self.ended.keys()
            assert not follower.reader.damaged

    def teardown(self) -> None:
        """In the end everybody has everything, and open spans are known."""
        for follower in getattr(self, "followers", ()):
            follower.seen += read_all(follower.reader, 50)
            follower.commit()
            assert names(follower.seen) == self.noted
            assert dropped(follower.seen) == 0
            inputs = {span_id: span.input for span_id, span in ended(follower.seen).items()}
            assert inputs == {span_id: data.decode().strip('"') for span_id, data in self.ended.items()}
            for span, _ in self.open:
                assert span.span_id in running(follower.seen)
            follower.reader.close()
        if hasattr(self, "writing"):
            assert len(list_segments(self.writing.journal.directory)) == 1
            self.writing.journal.close()


def test_readers_that_come_and_go_see_everything_once(tmp_path: Path) -> None:
    """Whatever the order of writing, reading, remembering and coming back."""

    class Here(Following):
        root = tmp_path

    Here.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
    Here.TestCase("runTest").debug()


def test_open_spans_survive_the_deletion_of_their_segments(root: Path) -> None:
    """A reader that comes later still knows how they began."""
    writing = Writing(root)
    lasting = writing.open(b'{"query":"long ago"}')
    for _ in range(3):
        writing.note("x" * 5_000_000)
        reader = writing.reader()
        read_all(reader)
        reader.commit()
        reader.close()
    assert len(list_segments(writing.journal.directory)) == 1
    writing.recorder.close(lasting, b'"at last"')
    reader = writing.reader()
    span = ended(read_all(reader))[lasting.span_id]
    assert (span.name, span.input, span.output, span.session_id) == (
        "search",
        {"query": "long ago"},
        "at last",
        writing.trace.session_id,
    )
    reader.close()
    writing.journal.close()


def test_a_death_between_the_two_halves_of_a_commit_costs_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The open spans are written before the place is."""
    writing = Writing(root)
    span = writing.open()
    reader = writing.reader()
    read_all(reader)
    reader.commit()
    writing.recorder.close(span, b"1")
    other = writing.open()
    assert span.span_id in ended(read_all(reader))

    def die(descriptor: int, data: bytes, at: int) -> int:
        raise InterruptedError

    with monkeypatch.context() as patched:
        patched.setattr(Cursor, "_write_place", die)
        with pytest.raises(InterruptedError):
            reader.commit()
    again = writing.reader()
    records = read_all(again)
    assert (span.span_id in ended(records), other.span_id in running(records), dropped(records)) == (True, True, 0)
    again.commit()
    again.close()
    reader.close()
    writing.journal.close()


def test_a_span_knows_its_agent_also_where_nothing_else_was_new(root: Path) -> None:
    """Its template was read before the agent's was written, and the agent began before this reader."""
    writing = Writing(root)
    early, late = writing.reader("early"), writing.reader("late")
    writing.call()
    read_all(early)
    agent = writing.recorder.open(writing.recorder.template("writer", SpanKind.AGENT), b"", writing.trace)
    assert agent is not None
    writing.trace.root = agent
    under = writing.call()
    assert ended(read_all(early))[under].agent_name == "writer"
    assert ended(read_all(late))[under].agent_name == "writer"
    early.close()
    late.close()
    writing.journal.close()


def test_the_end_of_a_span_of_another_process_is_no_damage(root: Path) -> None:
    """A child returns from what its parent had begun before the fork: that is the parent's to tell."""
    parent, child = Writing(root, "parent"), Writing(root, "child")
    span = parent.open()
    parent.recorder.renew(child.journal)
    parent.recorder.close(span, b"1")
    own = child.call()
    reader = child.reader()
    records = read_all(reader)
    assert (ended(records).keys(), running(records), dropped(records)) == ({own}, {}, 0)
    assert not reader.damaged
    for each in (parent, child):
        each.journal.close()
    reader.close()


def test_large_contents_are_not_all_read_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read at a time is bounded in bytes as well."""
    monkeypatch.setattr(reading, "BYTES_AT_A_TIME", 1_000_000)
    writing = Writing(root)
    for _ in range(10):
        writing.note("x" * 400_000)
    reader = writing.reader()
    counts: list[int] = []
    while records := reader.read():
        counts.append(len(records))
    assert counts == [3, 3, 3, 1]
    reader.close()
    writing.journal.close()


def test_a_disk_that_fails_while_it_is_read_loses_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read until then is given; the rest comes when it can be read."""
    writing = Writing(root)
    for number in range(4):
        writing.note(f"{number}" + "x" * 200_000)
    reader = writing.reader()
    read = os.pread
    reads = iter(range(1_000))
    failed: list[int] = []

    def failing(descriptor: int, size: int, at: int) -> bytes:
        if next(reads) % 13 == 4:
            failed.append(at)
            raise OSError(5, "input/output error")
        return read(descriptor, size, at)

    monkeypatch.setattr(os, "pread", failing)
    found: list[Record] = []
    while not reader.exhausted:
        with suppress(OSError):
            found += reader.read()
    assert [(name or "")[0] for name in names(found)] == ["0", "1", "2", "3"]
    assert failed
    monkeypatch.undo()
    reader.close()
    writing.journal.close()


def test_what_is_no_json_does_not_lose_its_span(root: Path) -> None:
    """How much there was of it stands in its place."""
    writing = Writing(root)
    bad = writing.call(b"{]", b"]]]")
    tool = writing.recorder.template("f", SpanKind.TOOL, parameters=("x",))
    model = writing.recorder.template("chat", SpanKind.LLM, genai=True)
    spans: list[Span] = []
    for template, data in ((tool, b'{"$type":"t"}'), (tool, b'[[1],{"$cut":2}]'), (model, b'{"operation":5}')):
        span = writing.recorder.open(template, data, writing.trace)
        assert span is not None
        writing.recorder.close(span, b'{"usage":"much"}')
        spans.append(span)
    found = ended(read_all(writing.reader()))
    assert (found[bad].input, found[bad].output) == ({"$cut": 2}, {"$cut": 3})
    assert [found[span.span_id].input for span in spans] == [
        {"$type": "t"},
        {"x": 1, "$cut": 2},
        {"operation": 5},
    ]
    assert found[spans[2].span_id].output == {"usage": "much"}
    writing.journal.close()


def test_equal_reads_give_equal_records(root: Path) -> None:
    """A reader that starts anew sees what the first saw."""
    writing = Writing(root)
    for _ in range(50):
        writing.call()
    writing.open()
    readers = [writing.reader(name) for name in ("first", "second")]
    first, second = (read_all(reader, limit) for reader, limit in zip(readers, (7, 4096), strict=True))
    whole: Any = [each for each in first if isinstance(each, SpanRecord) and each.status is SpanStatus.OK]
    assert whole == [each for each in second if isinstance(each, SpanRecord) and each.status is SpanStatus.OK]
    for reader in readers:
        reader.close()
    writing.journal.close()
