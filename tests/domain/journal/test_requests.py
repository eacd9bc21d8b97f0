"""A request of frames says by itself what was recorded, or that it is none."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_samples import AGENT, CALL, REQUEST, RESPONSE, SESSION, TOOL, end, failure, span, start

from agentops.domain import wire
from agentops.domain.journal import read_request
from agentops.domain.journal.decoding import agent_id_of
from agentops.domain.journal.frames import MAGIC, Template, record_frame, template_frame, times_frame
from agentops.domain.journal.requests import BYTES_AT_A_TIME, request_of, requests_of
from agentops.domain.spans import (
    DropRecord,
    ErrorInfo,
    LogRecord,
    Record,
    SessionRecord,
    SpanKind,
    SpanRecord,
    SpanStatus,
)

SECOND = 1_000_000_000
OFFSET = 1_780_000_000 * SECOND
BEGUN = SessionRecord(session_id=SESSION, name="crew", start=OFFSET, tags=["a"])
WRITTEN = LogRecord(session_id=SESSION, time=OFFSET + 5, body="hello\n")
DROPPED = DropRecord(reason="journal full", count=3, time=OFFSET)
TEMPLATES = [template_frame(each) for each in (TOOL, AGENT, CALL)]
WHOLE = request_of(
    [
        *TEMPLATES,
        times_frame(OFFSET - SECOND),
        start(1, AGENT, b""),
        times_frame(OFFSET),
        record_frame(wire.encode(BEGUN)),
        start(2, agent=AGENT, parent=1),
        end(2),
        start(3, CALL, REQUEST),
        end(3, RESPONSE),
        record_frame(wire.encode(WRITTEN)),
        start(4),
        failure(4),
        start(5),
        end(1, b""),
        record_frame(wire.encode(DROPPED)),
    ]
)


def test_everything_is_told_in_its_order_and_what_goes_on_comes_last() -> None:
    """Arguments by name, the agent around, the model's answer, the failure, and times of two offsets."""
    begun, tool, call, written, failed, agent, dropped, running = read_request(WHOLE)
    assert (begun, written, dropped) == (BEGUN, WRITTEN, DROPPED)
    assert tool == SpanRecord(
        session_id=SESSION,
        span_id="0000000000000002",
        parent_id="0000000000000001",
        kind=SpanKind.TOOL,
        name="search",
        start=OFFSET + 2 * SECOND,
        end=OFFSET + 2 * SECOND + SECOND // 2,
        input={"word": "river", "times": 2},
        output={"found": [1]},
        agent_id=agent_id_of(SESSION, "bob"),
        agent_name="bob",
        attributes={"team": "a"},
    )
    assert isinstance(call, SpanRecord)
    assert call.request is not None
    assert call.response is not None
    assert (call.response.model, call.cost, call.source) == ("gpt-4o-mini", None, "agentops.openai")
    assert isinstance(failed, SpanRecord)
    assert (failed.status, failed.error, failed.counted_error, failed.attributes) == (
        SpanStatus.ERROR,
        ErrorInfo(type="ValueError", message="no"),
        True,
        {"team": "a", "tries": 2},
    )
    assert isinstance(agent, SpanRecord)
    assert (agent.start, agent.end) == (OFFSET, OFFSET + 3 * SECOND // 2)
    assert isinstance(running, SpanRecord)
    assert (running.span_id, running.status, running.end) == ("0000000000000005", SpanStatus.RUNNING, None)


def test_records_go_in_requests_of_a_bounded_size() -> None:
    """One that is larger goes alone; together they tell what there was."""
    records: list[Record] = [BEGUN, WRITTEN, DROPPED]
    records += [LogRecord(session_id=SESSION, time=number, body="x" * 300_000) for number in range(10)]
    records.insert(5, LogRecord(session_id=SESSION, time=50, body="x" * (BYTES_AT_A_TIME + 1)))
    bodies = list(requests_of(records))
    assert [record for body in bodies for record in read_request(body)] == records
    sizes = [len(body) for body in bodies]
    assert len(sizes) == 5
    assert [size for size in sizes if size > BYTES_AT_A_TIME + len(MAGIC)] == [max(sizes)]


def test_an_end_without_its_beginning_is_of_another_process() -> None:
    """It began before a fork: who holds its beginning tells of it."""
    assert read_request(request_of([times_frame(OFFSET), end(9), end(9)])) == []


def test_nothing_is_a_request_that_tells_nothing() -> None:
    """As a journal in which nothing was written."""
    assert read_request(MAGIC) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no request"),
        (b'{"events":[]}', "no request"),
        (MAGIC.replace(b"\x02", b"\x01") + WHOLE[len(MAGIC) :], "another version"),
        (WHOLE[:-1], "damaged"),
        (WHOLE + b"\0", "damaged"),
        (WHOLE + bytes(100), "damaged"),
        (WHOLE.replace(b"river", b"rivet"), "damaged"),
        (request_of([times_frame(0), start(1), end(1)]), "template is missing"),
        (request_of([record_frame(b'{"record":"session"}')]), "makes no sense"),
        (request_of([record_frame(b"[" * 10_000)]), "makes no sense"),
        (request_of([TEMPLATES[0], start(1), struct.pack("<II", 0, 1)]), "damaged"),
        (request_of([record_frame(b'{"record":"session","session_id":"../x"}')]), "no UUID"),
        (request_of([record_frame(b'{"record":"span","session_id":"%b","span_id":"x"}' % SESSION.encode())]), "16"),
        (request_of([TEMPLATES[0], times_frame(2**63 - 1), start(1)]), "larger than any time"),
        (
            request_of([record_frame(b'{"record":"drop","reason":"x","count":%d}' % 10**30)]),
            "no sense|larger than any",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(body: bytes, said: str) -> None:
    """As a whole, and with a reason."""
    with pytest.raises(ValueError, match=said):
        read_request(body)


def test_a_request_does_not_grow_by_its_templates() -> None:
    """Many spans of one template with many attributes would; of one with a long name they would take long."""
    wide = Template(id=1, name="wide", kind=SpanKind.TASK, attributes={f"a{number}": 0 for number in range(5000)})
    spans = [start(number, wide, b"") for number in range(1, 1001)]
    with pytest.raises(ValueError, match="too large"):
        read_request(request_of([template_frame(wide), *spans]))
    assert len(read_request(request_of([template_frame(wide), *spans[:5]]))) == 5
    long = Template(id=2, name="n" * 1_000_000, kind=SpanKind.AGENT)
    work = [start(number, data=b"", agent=long, trace=number.to_bytes(16, "big")) for number in range(1, 1001)]
    with pytest.raises(ValueError, match="too large"):
        read_request(request_of([TEMPLATES[0], template_frame(long), *work]))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    """Never anything else, also behind the right beginning."""
    for body in (data, MAGIC + data, WHOLE + data):
        _read_or_refuse(body)


@given(
    cut=st.integers(0, len(WHOLE)),
    at=st.integers(0, len(WHOLE) - 1),
    bits=st.integers(1, 255),
)
def test_a_request_that_was_changed_is_refused_or_understood(cut: int, at: int, bits: int) -> None:
    """Cut anywhere, or with any byte changed: the heads of spans have no checksum."""
    _read_or_refuse(WHOLE[:cut])
    _read_or_refuse(WHOLE[:at] + bytes([WHOLE[at] ^ bits]) + WHOLE[at + 1 :])


FRAMES = st.one_of(
    st.binary(max_size=80).map(record_frame),
    st.builds(
        start,
        st.integers(0, 5),
        st.sampled_from([TOOL, AGENT, CALL]),
        st.binary(max_size=40) | st.sampled_from([REQUEST, b'[["x",2,3],{"y":1}]', b"[[],[]]", b'"\\ud800"']),
    ),
    st.builds(end, st.integers(0, 5), st.binary(max_size=40) | st.just(RESPONSE)),
    st.builds(failure, st.integers(0, 5)),
    st.integers(-(2**63), 2**63 - 1).map(times_frame),
    st.sampled_from(TEMPLATES),
)


@given(st.lists(FRAMES, max_size=12))
def test_whole_frames_in_any_order_are_understood_or_refused(frames: list[bytes]) -> None:
    """What is read has a form in which it can be kept, and reads the same again."""
    body = request_of([*TEMPLATES, *frames])
    records = _read_or_refuse(body)
    assert _read_or_refuse(body) == records
    assert [wire.decode(wire.encode(record)) for record in records] == records
    assert all(span(0).hex() <= each.span_id for each in records if isinstance(each, SpanRecord))


def _read_or_refuse(body: bytes) -> list[Record]:
    try:
        return read_request(body)
    except ValueError:
        return []
