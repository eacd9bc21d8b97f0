"""Excerpts of a journal: what a collector reads of them is what was recorded, each by itself."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from delivery_samples import SESSION, START, UNATTENDED, Recording, llm_span, tool_span

from agentops.delivery.excerpts import Excerpt, ExcerptReader
from agentops.delivery.progress import ReadCounts
from agentops.delivery.tended import Attendants
from agentops.domain.journal import read_request
from agentops.domain.spans import DropRecord, LogRecord, Record, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.recording.clock import Clock
from agentops.recording.journal import Journal
from agentops.recording.reading import JournalReader
from agentops.recording.recorder import Recorder
from agentops.recording.segment import list_segments
from agentops.recording.span import Span
from agentops.recording.trace import Trace


def reader_of(recording: Recording, attendants: Attendants = UNATTENDED) -> ExcerptReader:
    """A reader of excerpts."""
    return ExcerptReader(recording.journal.directory, "collector", attendants, is_first=True)


def begin(recorder: Recorder, name: str, kind: SpanKind = SpanKind.TOOL, data: bytes = b'[["x"],{}]') -> Span:
    """Begin a span."""
    opened = recorder.open(recorder.template(name, kind, parameters=("word",)), data, Trace(SESSION))
    assert opened is not None
    return opened


def work(recording: Recording) -> None:
    """Record a little of everything, of which one span goes on."""
    recorder = recording.recorder
    recording.add(SessionRecord(session_id=SESSION, name="crew", start=START))
    recorder.close(begin(recorder, "look"), b'{"found":1}')
    begin(recorder, "slow", SpanKind.AGENT)
    failing = begin(recorder, "fails")
    failing.details.counted_error = True
    recorder.close(failing, b"")
    recording.add(
        llm_span(1), tool_span(2, event_type="tools"), LogRecord(session_id=SESSION, time=START, body="hello\n")
    )
    recording.add(DropRecord(reason="a rule failed", count=2), SessionRecord(session_id=SESSION, end=START + 1))


def excerpts_of(reader: ExcerptReader) -> list[Excerpt]:
    """All there are."""
    found: list[Excerpt] = []
    while excerpt := reader.read():
        assert isinstance(excerpt, Excerpt)
        found.append(excerpt)
    assert reader.exhausted
    return found


def told_by(excerpts: Sequence[Excerpt]) -> list[Record]:
    """What a collector reads of them."""
    return [record for excerpt in excerpts for record in read_request(excerpt.body)]


def test_a_collector_reads_what_the_journal_says(tmp_path: Path) -> None:
    """In the same order, without anybody having decoded it on the way."""
    recording = Recording(tmp_path)
    work(recording)
    excerpts = excerpts_of(reader_of(recording))
    recorded = recording.open_reader("other").read()
    assert len(recorded) == 9
    assert told_by(excerpts) == recorded
    assert [len(excerpt) for excerpt in excerpts] == [9]
    assert [span.name for span in excerpts[-1].running()] == ["slow"]


def test_whoever_asks_an_excerpt_for_records_gets_them_with_prices(tmp_path: Path) -> None:
    """An original server is told them one by one."""
    recording = Recording(tmp_path)
    work(recording)
    (excerpt,) = excerpts_of(reader_of(recording))
    calls = [record for record in excerpt if isinstance(record, SpanRecord) and record.kind is SpanKind.LLM]
    assert [call.cost is not None for call in calls] == [True]
    assert [type(record) for record in excerpt[:2]] == [SessionRecord, SpanRecord]


def test_a_span_that_ends_later_is_whole_in_the_excerpt_of_its_end(tmp_path: Path) -> None:
    """Whatever lies between: other excerpts, another segment with other times, another reader after a death."""
    clock = Clock(lambda: 1_000, offset=START)
    recording = Recording(tmp_path)
    recording.recorder = Recorder(recording.journal, clock)
    span = begin(recording.recorder, "long")
    reader = reader_of(recording)
    (running,) = told_by(excerpts_of(reader))
    reader.commit()
    reader.close()
    clock.offset += 5_000_000_000
    recording.journal.prepare()
    assert len({segment.offset for segment in list_segments(recording.journal.directory)}) == 2
    recording.recorder.close(span, b"7")
    (ended,) = told_by(excerpts_of(reader_of(recording)))
    assert isinstance(running, SpanRecord)
    assert isinstance(ended, SpanRecord)
    assert (running.status, running.start) == (SpanStatus.RUNNING, START + 1_000)
    assert (ended.name, ended.input, ended.output) == ("long", {"word": "x"}, 7)
    assert (ended.start, ended.end) == (START + 1_000, START + 5_000_001_000)


def test_an_excerpt_has_the_templates_that_it_refers_to_and_no_others(tmp_path: Path) -> None:
    """A program may have thousands."""
    recording = Recording(tmp_path)
    for number in range(100):
        recording.recorder.template(f"tool {number}", SpanKind.TOOL)
    recording.recorder.close(begin(recording.recorder, "tool 7"), b"")
    (excerpt,) = excerpts_of(reader_of(recording))
    assert excerpt.body.count(b'"name":"tool ') == 1


def test_large_journals_come_in_several_excerpts(tmp_path: Path) -> None:
    """Also over the ends of segments."""
    recording = Recording(tmp_path)
    spans = recording.add_tool_spans(5_000)
    excerpts = excerpts_of(reader_of(recording))
    assert len(excerpts) > 3
    assert max(len(excerpt.body) for excerpt in excerpts) < 300_000
    assert told_by(excerpts) == spans


def test_what_was_damaged_is_told_and_the_rest_arrives(tmp_path: Path) -> None:
    """A drop stands where it was, and nothing that is not whole is sent."""
    recording = Recording(tmp_path)
    for number in range(20):
        recording.recorder.close(begin(recording.recorder, f"tool {number}"), b"1")
    recording.journal.end()
    (segment,) = list_segments(recording.journal.directory)
    data = bytearray(segment.path.read_bytes())
    at = data.index(b'[["x"],{}]', 600)
    data[at] ^= 0x10
    segment.path.write_bytes(data)
    reader = ExcerptReader(recording.journal.directory, "collector", UNATTENDED, is_first=False)
    told = told_by(excerpts_of(reader))
    assert told == recording.open_reader("other").read()
    assert [record for record in told if isinstance(record, DropRecord)] == [
        DropRecord(reason="journal damaged", count=1)
    ]
    assert len([record for record in told if isinstance(record, SpanRecord)]) == 19


def test_figures_are_the_same_by_either_way(tmp_path: Path) -> None:
    """Spans, events by hand, and drops by reason are counted without being decoded."""
    recording = Recording(tmp_path)
    work(recording)
    counts, plain = ReadCounts(), ReadCounts()
    reader = reader_of(recording, Attendants(lambda: None, counts.add))
    excerpts_of(reader)
    other = recording.open_reader("other")
    plain.add(other.read())
    assert counts.figures(reader.running, 0) == plain.figures(other.running, 0)
    assert reader.running == 1


def test_ends_of_spans_of_another_process_are_passed_over(tmp_path: Path) -> None:
    """A forked child ends what its parent began: the parent tells of it."""
    parent, child = Recording(tmp_path, "parent"), Recording(tmp_path, "child")
    span = begin(parent.recorder, "shared")
    parent.recorder.journal = child.journal
    parent.recorder.close(span, b"1")
    reader = reader_of(child)
    assert excerpts_of(reader) == []
    child.add(tool_span())
    assert len(told_by(excerpts_of(reader))) == 1


@pytest.mark.parametrize("final", [False, True])
def test_the_place_of_one_kind_of_reader_is_understood_by_the_other(tmp_path: Path, *, final: bool) -> None:
    """A journal that was read in excerpts is taken over by an adopter who reads records."""
    journal = Journal(tmp_path, "mine")
    recorder = Recorder(journal)
    first, second = begin(recorder, "first"), begin(recorder, "second")
    recorder.close(first, b"1")
    reader = ExcerptReader(journal.directory, "collector", UNATTENDED, is_first=False)
    assert len(reader.read()) == 2
    reader.commit()
    reader.close()
    recorder.close(second, b"2")
    (ended,) = JournalReader(journal.directory, "collector", final=final).read()
    assert isinstance(ended, SpanRecord)
    assert (ended.name, ended.output, ended.input) == ("second", 2, {"word": "x"})
