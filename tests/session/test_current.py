"""Which session is current: by context, per thread and task, whatever order sessions end in."""

import asyncio
import itertools
import threading
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import agentops
from agentops import Session, ToolEvent
from agentops.domain.spans import SpanKind
from agentops.errors import ConfigurationError
from agentops.recording.context import current_trace
from agentops.testing.recording import Recording


@agentops.tool
def work() -> str | None:
    """The session that the tool call belongs to."""
    session = agentops.current_session()
    return None if session is None else session.session_id


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_nested_sessions_end_in_any_order(recording: Recording, order: tuple[int, ...]) -> None:
    """After each end the current one is the innermost that was entered and goes on, as far as it can be told."""
    sessions = [recording.manager.start(name) for name in "abc"]
    for index in order:
        sessions[index].end()
        current = agentops.current_session()
        assert current is None or current.is_running
        running = [session for session in sessions if session.is_running]
        if running == sessions[: len(running)]:  # ended from the inside out
            assert current is (running[-1] if running else None)
    assert agentops.current_session() is None
    assert recording.manager.registry.active() == []


def test_sessions_do_not_contain_each_other(recording: Recording) -> None:
    """A session inside another is a trace of its own, without a parent."""
    with Session("outer"), Session("inner"):
        work()
    roots = recording.spans(SpanKind.SESSION)
    assert [(root.name, root.parent_id) for root in roots] == [("outer", None), ("inner", None)]
    assert recording.span("work").session_id == roots[1].session_id


def test_what_runs_after_an_inner_session_belongs_to_the_outer(recording: Recording) -> None:
    """Leaving a block gives back what was current."""
    with Session("outer") as outer:
        with Session("inner") as inner:
            assert work() == inner.session_id
        work()
    assert [span.session_id for span in recording.spans()] == [inner.session_id, outer.session_id]


def test_each_thread_has_its_own_current_session(recording: Recording) -> None:
    """A session that one thread starts is not current in another."""
    meeting = threading.Barrier(4)

    def run(name: str) -> tuple[str, str | None]:
        with recording.manager.start(name) as session:
            meeting.wait()
            found = work()
            meeting.wait()
        return session.session_id, found

    with ThreadPoolExecutor(4) as pool:
        assert all(own == found for own, found in pool.map(run, "abcd"))


async def test_each_task_has_its_own_current_session(recording: Recording) -> None:
    """A session that one task starts is not current in its siblings; tasks inside inherit it."""

    async def run(name: str) -> tuple[str, list[str | None]]:
        async with agentops.session(name) as session:
            await asyncio.sleep(0)
            found = await asyncio.gather(*[asyncio.to_thread(work), inner()])
        return session.session_id, found

    async def inner() -> str | None:
        await asyncio.sleep(0)
        return work()

    for own, found in await asyncio.gather(*map(run, "abcd")):
        assert found == [own, own]


def test_a_session_ended_elsewhere_is_no_longer_current_for_events(recording: Recording) -> None:
    """Another thread ends it: here nothing is current any more."""
    session = recording.manager.start("research")
    thread = threading.Thread(target=session.end)
    thread.start()
    thread.join()
    assert agentops.current_session() is None


def test_the_only_session_is_that_of_threads_without_one(recording: Recording) -> None:
    """A thread that carries no context belongs to the one session there is, and to none of two."""
    found: list[str | None] = []

    def look() -> None:
        current = agentops.current_session()
        found.append(None if current is None else current.session_id)

    def start() -> None:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    with recording.manager.start("first") as first:
        start()
        with recording.manager.start("second"):
            start()
    assert found == [first.session_id, None]


def test_a_session_block_has_name_and_tags(recording: Recording) -> None:
    """`with agentops.session("research", tags=[...]) as session:`."""
    with agentops.session("research", tags=["demo", "nightly"]) as session:
        assert agentops.current_session() is session
        agentops.record(ToolEvent(name="search"))
    (record,) = recording.sessions()
    assert (record.name, record.tags, record.state) == ("research", ["demo", "nightly"], "SUCCEEDED")
    assert session.get_analytics()["Tool calls"] == 1


def test_tags_of_a_session_block_are_checked_where_it_is_written(recording: Recording) -> None:
    """What is no word is refused before anything starts."""
    wrong: Any = [1]
    with pytest.raises(ConfigurationError, match="tags are words"):
        agentops.session("research", tags=wrong)


async def test_a_session_around_every_kind_of_function(recording: Recording) -> None:
    """Each call is a session of its own, with its arguments and its result, ended by how the call ended."""

    @agentops.session
    def plain(number: int) -> int:
        return number

    @agentops.session(name="named", tags="one")
    async def coroutine(number: int) -> int:
        await asyncio.sleep(0)
        return number

    @agentops.session()
    def generator(number: int) -> Generator[int, None, str]:
        yield number
        return "done"

    @agentops.session
    async def async_generator(number: int) -> AsyncGenerator[int]:
        yield number

    @agentops.session
    def broken() -> None:
        raise ValueError("no luck")

    plain(1)
    await coroutine(2)
    list(generator(3))
    async for _ in async_generator(4):
        pass
    with pytest.raises(ValueError, match="no luck"):
        broken()
    next(generator(5))
    roots = recording.spans(SpanKind.SESSION)
    assert [(root.name, root.input, root.output) for root in roots] == [
        ("plain", {"number": 1}, 1),
        ("named", {"number": 2}, 2),
        ("generator", {"number": 3}, {"items": [3], "return": "done"}),
        ("async_generator", {"number": 4}, [4]),
        ("broken", {}, None),
        ("generator", {"number": 5}, None),
    ]
    ends = {root.name: root.status for root in roots}
    assert ends["broken"] == "error"
    assert [(record.name, record.end_state, record.end_state_reason) for record in recording.sessions()] == [
        ("plain", "Success", None),
        ("named", "Success", None),
        ("generator", "Success", None),
        ("async_generator", "Success", None),
        ("broken", "Fail", "ValueError: no luck"),
        ("generator", "Indeterminate", "the generator was closed before its end"),
    ]


def test_a_session_around_methods_of_every_kind(recording: Recording) -> None:
    """Methods, class methods, static methods and whole classes; the object is not among the arguments."""

    class Crew:
        @agentops.session
        def method(self, number: int) -> int:
            return number

        @classmethod
        @agentops.session
        def of_class(cls, number: int) -> int:
            return number

        @staticmethod
        @agentops.session()
        def static(number: int) -> int:
            return number

    @agentops.session
    class Whole:
        def run(self, number: int) -> int:
            return self.step(number)

        def step(self, number: int) -> int:
            return number

    assert [Crew().method(1), Crew.of_class(2), Crew.static(3), Whole().run(4)] == [1, 2, 3, 4]
    roots = recording.spans(SpanKind.SESSION)
    assert [(root.name, root.input, root.output) for root in roots[:3]] == [
        ("method", {"number": 1}, 1),
        ("of_class", {"number": 2}, 2),
        ("static", {"number": 3}, 3),
    ]
    assert roots[3].name == "Whole"


def test_the_body_of_a_generator_is_in_its_session_and_its_user_is_not(recording: Recording) -> None:
    """The session is current while the generator runs, not between its items."""

    @agentops.session
    def items() -> Generator[str | None]:
        yield work()
        yield work()

    with Session("user") as user:
        found = [(inside, work()) for inside in items()]
    inside = recording.spans(SpanKind.SESSION)[1].session_id
    assert found == [(inside, user.session_id)] * 2


def test_sessions_are_inherited_by_id(recording: Recording) -> None:
    """The live session of this id is handed out; an unknown id is joined as that of another process."""
    own = recording.manager.start("research")
    assert agentops.start_session(inherited_session_id=own.session_id) is own
    other = "0188f0a8-6b2e-7c3d-9e4f-0123456789ab"
    joined = agentops.start_session(tags=["child"], inherited_session_id=other)
    assert joined is not None
    assert (joined.session_id, joined.owned, joined.tags) == (other, False, ["child"])
    work()
    assert recording.span("work").session_id == other
    record = recording.sessions()[-1]
    assert (record.inherited, record.name, record.end) == (True, None, None)
    with pytest.raises(ValueError, match="badly formed"):
        agentops.start_session(inherited_session_id="no uuid")


def test_ending_all_leaves_joined_sessions_to_their_process(recording: Recording) -> None:
    """Only what this process started is ended."""
    agentops.start_session(inherited_session_id="0188f0a8-6b2e-7c3d-9e4f-0123456789ab")
    own = recording.manager.start("research")
    agentops.end_all_sessions("Success", "over")
    assert [(record.inherited, record.state) for record in recording.sessions()] == [
        (True, "RUNNING"),
        (False, "SUCCEEDED"),
    ]
    assert own.end_state_reason == "over"
    assert recording.manager.registry.active() == []
    assert (agentops.current_session(), current_trace()) == (None, None)


def test_ending_and_recording_without_a_session_is_no_error(
    recording: Recording, caplog: pytest.LogCaptureFixture
) -> None:
    """The program learns of it by a warning."""
    assert agentops.end_session("Success") is None
    agentops.record(ToolEvent(name="search"))
    assert [record.getMessage() for record in caplog.records] == [
        "there is no session to end",
        "there is no session to record ToolEvent in",
    ]


def test_a_session_made_by_hand_is_looked_after_like_any_other(recording: Recording) -> None:
    """`Session().start()` is known, gets the default tags, and is ended with all others."""
    session = Session(tags="own").start()
    assert agentops.current_session() is session
    agentops.end_all_sessions("Fail", "over")
    assert (session.end_state, session.end_state_reason) == ("Fail", "over")
