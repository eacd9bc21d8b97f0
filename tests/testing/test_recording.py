"""Recording in a test: apart from everything else, complete at once, the same in every run."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

import agentops
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.recording.clock import Clock
from agentops.recording.recorder import active
from agentops.testing import CountingIds, Recording, record, ticking_clock
from agentops.testing.fixed import EPOCH


@pytest.fixture
def recording(agentops_recording: Recording) -> Recording:
    """A recording, under a short name."""
    return agentops_recording


@agentops.tool
def look_up(word: str) -> int:
    """A tool that does not know every word."""
    if word == "none":
        raise LookupError("no such word")
    return len(word)


@agentops.agent
def reader(words: list[str]) -> int:
    """An agent that uses it."""
    return sum(look_up(word) for word in words)


def test_a_tree_shows_who_called_whom(recording: Recording) -> None:
    """The outline names kind, name and failure of each span."""
    assert reader(["a", "bc"]) == 3
    with pytest.raises(LookupError):
        reader(["none"])
    assert recording.tree().splitlines() == [
        "session recording [running]",
        "  agent reader",
        "    tool look_up",
        "    tool look_up",
        "  agent reader [error] LookupError: no such word",
        "    tool look_up [error] LookupError: no such word",
    ]


def test_spans_are_whole_at_once(recording: Recording) -> None:
    """Input, output, ids and times are there when the call has returned, and the same in every run."""
    look_up("abc")
    span = recording.span("look_up")
    assert (span.input, span.output, span.status) == ({"word": "abc"}, 3, SpanStatus.OK)
    assert (span.session_id, span.span_id) == ("00000000-0000-4000-8000-000000000001", "0000000000000002")
    assert span.end is not None
    assert EPOCH < span.start < span.end


def test_sessions_of_the_program_are_kept_apart(recording: Recording) -> None:
    """A session that the program opens itself is the only one, and its end is known."""
    with agentops.session("research", tags=["x"]) as session:
        look_up("abc")
    (told,) = recording.sessions()
    assert (told.session_id, told.name, told.tags, told.end_state) == (session.session_id, "research", ["x"], "Success")
    assert session.get_analytics()["Tool calls"] == 1
    assert [span.name for span in recording.spans(SpanKind.SESSION)] == ["research"]


def test_what_was_recorded_can_be_read_afterwards() -> None:
    """Leaving the block ends what is open and keeps what was recorded."""
    with record() as recording:
        look_up("abc")
    assert recording.tree() == "session recording\n  tool look_up"
    assert recording.drops() == []


def test_recordings_do_not_see_each_other() -> None:
    """A block inside a block records for itself, and what recorded before goes on recording afterwards."""
    before = active.recorder
    with record() as outer:
        look_up("a")
        with record() as inner:
            look_up("bc")
        look_up("def")
    assert [span.output for span in outer.spans()] == [1, 3]
    assert [span.output for span in inner.spans()] == [2]
    assert active.recorder is before


def test_a_program_may_initialise_agentops_itself(recording: Recording) -> None:
    """`init` inside the block keeps to the recording: nothing is delivered, nothing is written elsewhere."""
    agentops.init()
    look_up("abc")
    agentops.end_session("Success")
    assert [span.name for span in recording.spans()] == ["look_up"]
    assert [session.end_state for session in recording.sessions()] == ["Success"]


async def test_tasks_and_threads_belong_to_the_recording(recording: Recording) -> None:
    """Whatever runs meanwhile is recorded, wherever it runs."""
    await asyncio.gather(*(asyncio.to_thread(look_up, word) for word in ("a", "b")))
    with ThreadPoolExecutor(1) as pool:
        pool.submit(look_up, "c").result()
    assert sorted(span.input["word"] for span in recording.spans("tool")) == ["a", "b", "c"]


def test_the_only_span_has_to_be_the_only_one(recording: Recording) -> None:
    """Asking for one where there are none or two says what there is."""
    with pytest.raises(AssertionError, match="there are 0, not one span, in"):
        recording.span()
    reader(["a", "b"])
    with pytest.raises(AssertionError, match=r"(?s)there are 2, not one span named 'look_up', in:.*agent reader"):
        recording.span("look_up")


def test_ids_and_clock_can_be_given() -> None:
    """A test that needs true times or its own ids says so."""
    ids = CountingIds()
    ids(64)
    with record(ids=ids, clock=Clock()) as recording:
        look_up("a")
    assert recording.span().span_id == "0000000000000003"
    assert recording.span().start > EPOCH + 10**15


def test_a_ticking_clock_ticks() -> None:
    """Each reading is one step after the last."""
    clock = ticking_clock(start=10, step=5)
    assert [clock.now(), clock.now(), clock.now()] == [10, 15, 20]
