"""`record_action`, `record_tool` and `record_function`: every call is recorded, in the session that is meant."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

import agentops
from agentops import Session, record_action, record_function, record_tool
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.recording.context import current_span
from agentops.testing.recording import Recording, record

REQUIRED = "If multiple sessions exists, `session` is a required parameter in the function decorated by @record_action"


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording:
        yield recording


@pytest.mark.parametrize(("decorator", "kind"), [(record_action, "action"), (record_tool, "tool")])
def test_calls_are_recorded_with_arguments_defaults_and_results(
    recording: Recording, decorator: Any, kind: str
) -> None:
    """Under the name that is given, or the function's; with and without parentheses."""

    @decorator("walk")
    def named(x: int, y: int = 2, *more: int, z: int = 3, **rest: int) -> int:
        return x + y + z

    @decorator()
    def called(x: int) -> tuple[int, int]:
        return x, x

    @decorator
    def bare(x: int = 1) -> int:
        return x

    with Session() as session:
        assert (named(1), named(1, 5, 6, z=7, q=8), called(x=1), bare()) == (6, 13, (1, 1), 1)
    found = [(span.name, str(span.kind), span.input, span.output) for span in recording.spans()]
    assert found == [
        ("walk", kind, {"x": 1, "y": 2, "z": 3}, 6),
        ("walk", kind, {"x": 1, "y": 5, "*": [6], "z": 7, "q": 8}, 13),
        ("called", kind, {"x": 1}, [1, 1]),
        ("bare", kind, {"x": 1}, 1),
    ]
    assert session.event_counts[f"{kind}s"] == 4


def test_what_comes_back_is_the_very_object(recording: Recording) -> None:
    """Named tuples stay what they are; a screenshot is kept with the action."""

    class Shot(NamedTuple):
        """A result with a screenshot."""

        screenshot: str

    @record_action()
    def look() -> Any:
        return given

    given = Shot("http://x/y.png")
    with Session():
        assert look() is given
    assert recording.span("look").attributes == {"event.screenshot": "http://x/y.png"}


def test_a_failure_is_recorded_once_and_goes_on(recording: Recording) -> None:
    """The exception is the program's; the call is an error of the session."""

    @record_action()
    def outer() -> None:
        inner()

    @record_tool()
    def inner() -> None:
        raise LookupError("no luck")

    with Session() as session, pytest.raises(LookupError):
        outer()
    assert {span.name: span.status for span in recording.spans()} == dict.fromkeys(("inner", "outer"), SpanStatus.ERROR)
    assert session.event_counts["errors"] == 1


async def test_functions_of_every_kind_are_recorded_and_leak_no_context(recording: Recording) -> None:
    """Coroutines, generators and asynchronous generators; read to the end, left early, or failed in."""

    @record_action()
    async def coroutine(x: int) -> int:
        await asyncio.sleep(0)
        return x

    @record_action()
    def generator(x: int) -> Generator[int]:
        yield x
        yield x

    @record_tool()
    async def async_generator(x: int) -> AsyncGenerator[int]:
        yield x

    with Session() as other, Session() as session:
        root = current_span()
        assert await coroutine(1) == 1
        assert list(generator(2)) == [2, 2]
        started = generator(3, session=other)  # pyright: ignore[reportCallIssue] - what the decorator takes
        for _ in started:
            assert current_span() is root
            break
        started.close()
        assert [item async for item in async_generator(4)] == [4]
        assert current_span() is root
    assert [(span.name, span.output, span.session_id == session.session_id) for span in recording.spans()] == [
        ("coroutine", 1, True),
        ("generator", [2, 2], True),
        ("generator", [3], False),
        ("async_generator", [4], True),
    ]


def test_a_method_s_object_is_not_among_its_arguments(recording: Recording) -> None:
    """Methods of every kind."""

    class Crew:
        @record_action()
        def method(self, x: int) -> int:
            return x

        @classmethod
        @record_action()
        def of_class(cls, x: int) -> int:
            return x

        @record_tool("static")
        @staticmethod
        def static(x: int) -> int:
            return x

    with Session():
        assert (Crew().method(1), Crew.of_class(2), Crew.static(3)) == (1, 2, 3)
    assert [span.input for span in recording.spans()] == [{"x": 1}, {"x": 2}, {"x": 3}]


def side_by_side() -> tuple[Any, Any]:
    """Two sessions started in the same place."""
    return agentops.start_session(), agentops.start_session()


def test_several_sessions_side_by_side_need_the_one_that_is_meant(recording: Recording) -> None:
    """The ValueError of AgentOps 0.3, before the function runs; with `session=` each call is where it belongs."""

    @record_action()
    def add(x: int, y: int) -> int:
        done.append(x)
        return x + y

    @record_tool()
    async def search() -> None:
        done.append(0)

    done: list[int] = []
    call: Any = add
    first, second = side_by_side()
    with pytest.raises(ValueError, match=REQUIRED.replace("`", ".")):
        add(1, 2)
    with pytest.raises(ValueError, match="@record_tool"):
        asyncio.run(search())
    assert done == []
    assert call(1, 2, session=first) == call(1, y=2, session=second) == 3
    assert current_span() is second.telemetry.root
    agentops.end_all_sessions()
    assert [span.session_id for span in recording.spans()] == [first.session_id, second.session_id]
    assert recording.spans()[0].input == {"x": 1, "y": 2}


def test_where_it_is_clear_no_session_need_be_named(recording: Recording) -> None:
    """In blocks, in decorated functions, in threads and tasks with a session each, and beside the default session."""

    @record_action()
    def add() -> Any:
        return agentops.current_session()

    @agentops.session
    def decorated() -> bool:
        return add() is agentops.current_session()

    side_by_side()
    with agentops.session("block") as block, Session() as inner:
        assert (block.is_running, add()) == (True, inner)
    assert decorated()
    with agentops.start_trace() or Session():
        assert decorated()

    def in_thread(_: int) -> bool:
        session = agentops.start_session()
        try:
            return add() is session
        finally:
            agentops.end_session(session)

    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(in_thread(0))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 3


def test_the_default_session_is_never_what_makes_it_unclear() -> None:
    """`init()` and one session of the program's own: that one is meant."""

    @record_action()
    def add() -> Any:
        return agentops.current_session()

    agentops.init()
    add()
    session = agentops.start_session()
    assert add() is session


def test_in_a_thread_without_a_session_several_are_unclear(recording: Recording) -> None:
    """None is current there."""

    @record_action()
    def add() -> None:
        """Nothing."""

    agentops.start_session()
    agentops.start_session()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            add()
        except ValueError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [str(error) for error in errors] == [REQUIRED]


def test_many_threads_with_a_session_each_do_not_mix(recording: Recording) -> None:
    """By `session=`, whatever is current."""

    @record_action()
    def add(x: int) -> int:
        return x

    call: Any = add

    def run(number: int) -> None:
        call(number, session=sessions[number % 8])

    sessions = [Session().start() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(80)))
    expected = {(session.session_id, number) for number in range(80) for session in [sessions[number % 8]]}
    assert {(span.session_id, span.input["x"]) for span in recording.spans()} == expected  # pyright: ignore[reportIndexIssue, reportOptionalSubscript] - as called


def test_a_function_with_a_session_of_its_own_still_gets_it(recording: Recording) -> None:
    """Where the function has such a parameter, it is passed on as well."""

    @record_action()
    def work(session: Any = None) -> Any:
        return session

    with Session() as session:
        assert (work(), work(session=session), work(session="mine")) == (None, session, "mine")
    assert len(recording.spans()) == 3


def test_before_init_functions_run_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is recorded, `session=` is still taken out."""
    monkeypatch.setenv("AGENTOPS_AUTO_INIT", "false")

    @record_action()
    def add(x: int) -> int:
        return x

    call: Any = add
    assert (add(1), call(2, session=None)) == (1, 2)
    assert agentops.client.get_assembly() is None


def test_the_older_name_says_what_to_use(recording: Recording, caplog: pytest.LogCaptureFixture) -> None:
    """Once a process, however often it is used."""
    made: list[Callable[[], int]] = []
    for _ in range(2):

        @record_function("walk")
        def walk() -> int:
            return 1

        made.append(walk)
    with Session():
        assert [each() for each in made] == [1, 1]
    assert [span.kind for span in recording.spans()] == [SpanKind.ACTION] * 2
    assert [record.levelno for record in caplog.records if "older name" in record.getMessage()] in (
        [logging.WARNING],
        [],
    )
