"""Frames come out of a segment as they went in, however it is read."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops.domain.journal.frames import END_ID, END_MORE, PREFIX, RECORD, Extra, end_more, is_whole, record_frame
from agentops.domain.spans import DropRecord
from agentops.domain.wire import to_legible_json
from agentops.recording import scanning
from agentops.recording.heads import (
    FIRST_FRAME,
    SEGMENT_HEAD,
    SegmentState,
    drops_mark,
    read_drops_mark,
    read_segment_head,
    segment_head,
)
from agentops.recording.scanning import SegmentScan
from agentops.recording.segment import Segment, SegmentFile, list_segments, segment_name

PAYLOADS = st.lists(st.binary(max_size=400) | st.just(b"x" * 5_000), max_size=30)


def scan_of(path: Path, at: int = FIRST_FRAME) -> SegmentScan:
    """A scan of a file."""
    return SegmentScan(SegmentFile(1, 0, path), at)


@settings(max_examples=60)
@given(payloads=PAYLOADS, chunk=st.sampled_from([1, 9, 64, 1000, 1 << 18]), limit=st.integers(1, 40))
def test_frames_come_out_as_they_went_in(
    payloads: list[bytes], chunk: int, limit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any payloads, read in chunks of any size, so many at a time."""
    frames = [record_frame(payload) for payload in payloads]
    path = tmp_path_factory.mktemp("segment") / "s"
    segment = Segment(path, FIRST_FRAME + sum(map(len, frames)) + 100)
    for frame in frames:
        segment.map.write(frame)
    segment.end()
    found: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "CHUNK", chunk)
        scan = scan_of(path)
        while taken := scan.take(limit):
            assert len(taken) <= limit
            found += taken
        assert not scan.is_broken
        assert not scan.has_more()
        scan.close()
    assert found == frames


@given(data=st.binary(max_size=200), extra=st.text(max_size=20), span_id=st.binary(min_size=8, max_size=8))
def test_a_frame_that_was_changed_anywhere_is_not_whole(data: bytes, extra: str, span_id: bytes) -> None:
    """Its checksum covers its head as well."""
    for frame in (record_frame(data), end_more(1, span_id, 5, data, to_legible_json(Extra(name=extra)))):
        assert is_whole(frame)
        for at in range(PREFIX.size, len(frame)):
            assert not is_whole(frame[:at] + bytes([frame[at] ^ 0x10]) + frame[at + 1 :])
            assert not is_whole(frame[: at + 1]) or at + 1 == len(frame)


def test_the_kind_and_the_span_id_stand_where_readers_look(tmp_path: Path) -> None:
    """Without taking a frame apart."""
    frame = end_more(0, b"12345678", 5, b"1", b"{}")
    assert (frame[PREFIX.size], frame[END_ID]) == (END_MORE, b"12345678")
    assert record_frame(b"")[PREFIX.size] == RECORD


def test_text_that_utf8_has_no_place_for_does_not_lose_a_frame() -> None:
    """An error's message may hold lone surrogates."""
    assert b"?" in end_more(1, bytes(8), 5, b"", to_legible_json(Extra(name="\ud800")))


@given(size=st.integers(0, 2**63), written=st.integers(0, 2**63), at=st.integers(0, SEGMENT_HEAD.size - 1))
def test_a_segments_head_tells_whether_it_was_damaged(size: int, written: int, at: int) -> None:
    """What it says is believed only where its checksum agrees."""
    state = SegmentState(size, written)
    head = segment_head(state)
    assert read_segment_head(head + b"more") == state
    assert read_segment_head(head[:at] + bytes([head[at] ^ 1]) + head[at + 1 :]) is None
    assert read_segment_head(head[:at]) is None


@given(count=st.integers(1, 2**32 - 1), time=st.integers(-(2**63), 2**63 - 1), at=st.integers(0, 15))
def test_what_a_segment_tells_of_drops_is_believed_only_as_it_was_written(count: int, time: int, at: int) -> None:
    """Zeros, as at first, tell of none."""
    mark = drops_mark(count, time)
    assert read_drops_mark(mark) == DropRecord(reason="journal full", count=count, time=time)
    assert read_drops_mark(mark[:at] + bytes([mark[at] ^ 1]) + mark[at + 1 :]) is None
    assert read_drops_mark(bytes(len(mark))) is None


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(-(2**63), 2**63)), unique_by=lambda each: each[0]))
def test_a_segments_name_holds_its_number_and_its_clock(
    tmp_path_factory: pytest.TempPathFactory, segments: list[tuple[int, int]]
) -> None:
    """They are listed by number, and other files are not segments."""
    directory = tmp_path_factory.mktemp("names")
    for number, offset in segments:
        (directory / segment_name(number, offset)).touch()
    for other in ("spare", "next", "x.segment", "1.segment", "1.x.segment", "local.cursor", "00000001.5.segment.bak"):
        (directory / other).touch()
    listed = list_segments(directory)
    assert [(each.number, each.offset) for each in listed] == sorted(segments)
    assert all(first.number < second.number for first, second in pairwise(listed))
