"""Propagation: our span and session reach threads, executors, pools, processes and programs; nothing else changes."""

import asyncio
import concurrent.futures
import contextvars
import importlib
import inspect
import json
import multiprocessing
import multiprocessing.dummy
import multiprocessing.pool
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, cast

import pytest

from agentops.domain.ids import new_session_id
from agentops.domain.spans import SpanKind
from agentops.instrumentation.carried import as_text, environment, revive
from agentops.instrumentation.propagation import install_propagation
from agentops.recording import context
from agentops.recording.journal import Journal
from agentops.recording.recorder import Recorder
from agentops.recording.span import Span
from agentops.recording.trace import Trace

PROGRAMS = Path(__file__).parent / "programs"
METHODS = ("fork", "spawn", "forkserver")
PLACES: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (threading.Thread, ("start",)),
    (ThreadPoolExecutor, ("__init__", "submit")),
    (ProcessPoolExecutor, ("submit",)),
    (importlib.import_module("multiprocessing.process").BaseProcess, ("start",)),
    (multiprocessing.pool.Pool, ("__init__", "map", "imap", "apply_async")),
    (subprocess.Popen, ("__init__",)),
)


@pytest.fixture(autouse=True)
def propagation() -> Iterator[Callable[[], None]]:
    """Propagation, installed for the test."""
    undo = install_propagation()
    yield undo
    undo()


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    """A recorder that writes to a journal of the test."""
    journal = Journal(tmp_path / "journals", "test")
    yield Recorder(journal)
    journal.abandon()


@pytest.fixture
def span(recorder: Recorder) -> Iterator[Span]:
    """A span that is current during the test."""
    opened = recorder.open(recorder.template("outer", SpanKind.TASK), b"", Trace(new_session_id()))
    assert opened is not None
    token = context.enter(opened)
    yield opened
    context.leave(token)


@pytest.fixture(autouse=True)
def importable_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module of what child processes run is found by them."""
    monkeypatch.setattr(sys, "path", [str(PROGRAMS), *sys.path])


def here() -> Any:
    """Where this runs: session and span."""
    return work().here()


def work() -> Any:
    """The module of what child processes run."""
    return importlib.import_module("carried_work")


def of(span: Span) -> tuple[str | None, int | None]:
    """What `here` says under this span."""
    return span.session_id, int(span.span_id, 16)


NOWHERE = (None, None)


def test_a_thread_runs_under_the_span_that_started_it(span: Span) -> None:
    """The target of a thread belongs to where `start` was called."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(here()), name="named", daemon=True)
    thread.start()
    thread.join()
    assert found == [of(span)]
    assert (thread.name, thread.daemon) == ("named", True)
    assert "run" not in vars(thread)


def test_a_thread_class_with_its_own_run_is_reached(span: Span) -> None:
    """Subclasses need not call `Thread.run`."""

    class Own(threading.Thread):
        """A thread as people write them."""

        found: Any = None

        def run(self) -> None:
            self.found = here()

        def __setattr__(self, name: str, value: Any) -> None:
            assert name != "run"
            super().__setattr__(name, value)

    thread = Own()
    thread.start()
    thread.join()
    assert thread.found == of(span)


def test_a_run_that_the_program_put_on_the_thread_is_called(span: Span) -> None:
    """A replaced `run` is the program's, before, during and after."""
    found: list[Any] = []
    thread = threading.Thread()

    def run() -> None:
        found.append((here(), thread.run is run))

    vars(thread)["run"] = run
    thread.start()
    thread.join()
    assert found == [(of(span), True)]
    assert vars(thread)["run"] is run


def test_a_timer_runs_under_the_span_that_started_it(span: Span) -> None:
    """Timers are threads."""
    found: list[Any] = []
    timer = threading.Timer(0, lambda: found.append(here()))
    timer.start()
    timer.join()
    assert found == [of(span)]


def test_the_users_own_variables_do_not_travel(span: Span) -> None:
    """What a thread sees of other context variables is what it saw before us: nothing."""
    mine: contextvars.ContextVar[str] = contextvars.ContextVar("mine", default="untouched")
    token = mine.set("set in the parent")
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(mine.get()))
    thread.start()
    thread.join()
    with ThreadPoolExecutor(1) as pool:
        found.append(pool.submit(mine.get).result())
    mine.reset(token)
    assert found == ["untouched", "untouched"]


def test_outside_a_session_threads_are_started_as_ever() -> None:
    """With nothing to carry nothing is put around anything."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append((here(), "run" in vars(thread))))
    thread.start()
    thread.join()
    assert found == [(NOWHERE, False)]


def test_starting_a_thread_twice_fails_as_ever(span: Span) -> None:
    """The thread's own error, and nothing left behind on it."""
    thread = threading.Thread(target=here)
    thread.start()
    thread.join()
    with pytest.raises(RuntimeError, match="threads can only be started once"):
        thread.start()
    assert "run" not in vars(thread)


def test_an_exception_in_a_thread_is_reported_as_ever(span: Span, monkeypatch: pytest.MonkeyPatch) -> None:
    """`threading.excepthook` gets the very exception, the thread, and the user's frames at the end."""
    seen: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    error = ValueError("in the thread")

    def fail() -> None:
        raise error

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    ((kind, value, _, where),) = seen
    assert (kind, value, where) == (ValueError, error, thread)
    assert inspect.getinnerframes(cast("Any", error.__traceback__))[-1].function == "fail"


def test_nothing_is_kept_alive_by_a_thread_that_ran(span: Span) -> None:
    """Target and arguments are freed when the thread frees them."""

    class Thing:
        """Something to be freed."""

    thing = Thing()
    gone = weakref.ref(thing)
    thread = threading.Thread(target=id, args=(thing,))
    thread.start()
    thread.join()
    del thing
    assert gone() is None


def test_a_call_in_an_executor_runs_under_the_span_that_submitted_it(recorder: Recorder, span: Span) -> None:
    """Each call belongs to where it was submitted, whichever worker runs it; a worker belongs to nobody."""
    other = recorder.open(recorder.template("other", SpanKind.TASK), b"", Trace(new_session_id()))
    assert other is not None
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(here)
        with context.attached({context.SPAN_KEY: other, context.TRACE_KEY: other.trace}):
            second = pool.submit(here)
            mapped = list(pool.map(work().there, range(2)))
        outside = contextvars.Context().run(pool.submit, here)
        assert [first.result(), second.result(), outside.result()] == [of(span), of(other), NOWHERE]
        assert mapped == [of(other)] * 2


def test_an_executors_initializer_belongs_to_where_the_executor_was_made(span: Span) -> None:
    """By name and by position."""
    found: list[Any] = []

    def note(word: str) -> None:
        found.append((word, here()))

    with ThreadPoolExecutor(1, initializer=note, initargs=("named",)) as pool:
        contextvars.Context().run(pool.submit, here).result()
    with ThreadPoolExecutor(1, "", note, ("placed",)) as pool:
        pool.submit(here).result()
    with ThreadPoolExecutor(1, initializer=None) as pool:
        pool.submit(here).result()
    assert found == [("named", of(span)), ("placed", of(span))]


def test_an_exception_comes_out_of_an_executor_as_it_was_raised(span: Span) -> None:
    """The very object."""
    error = ValueError("in the pool")

    def fail() -> None:
        raise error

    with ThreadPoolExecutor(1) as pool, pytest.raises(ValueError, match="in the pool") as caught:
        pool.submit(fail).result()
    assert caught.value is error


def test_submitting_nonsense_fails_as_ever(span: Span) -> None:
    """The executor's own errors."""
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(TypeError, match=r"submit\(\) missing 1 required positional argument: 'fn'"):
            cast("Any", pool).submit()
        with pytest.raises(TypeError, match="'int' object is not callable"):
            cast("Any", pool).submit(3).result()
    with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
        pool.submit(here)


async def test_executors_of_the_event_loop_carry_the_span(span: Span) -> None:
    """`run_in_executor` copies no context by itself, `to_thread` copies the user's too and still does."""
    mine: contextvars.ContextVar[str] = contextvars.ContextVar("mine", default="unset")
    mine.set("mine")
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, lambda: (here(), mine.get())) == (of(span), "unset")
    assert await asyncio.to_thread(lambda: (here(), mine.get())) == (of(span), "mine")


def test_a_pool_of_threads_runs_each_call_under_its_own_span(span: Span) -> None:
    """`multiprocessing.pool.ThreadPool` and the threads of `multiprocessing.dummy`."""
    with multiprocessing.pool.ThreadPool(1) as pool:
        assert pool.apply(work().there) == of(span)
        assert pool.map(work().there, [1, 2]) == [of(span)] * 2
        assert pool.starmap(work().there, [(1,)]) == [of(span)]
        assert list(pool.imap(work().there, [1])) == list(pool.imap_unordered(work().there, [1])) == [of(span)]
        assert contextvars.Context().run(pool.apply, work().there) == NOWHERE
    with multiprocessing.dummy.Pool(1) as pool:
        assert pool.apply(work().there) == of(span)


@pytest.mark.parametrize("method", METHODS)
def test_a_process_runs_under_the_span_that_started_it(span: Span, method: str) -> None:
    """Whatever the start method, in memory or by pickle; the parent's object and environment stay as they were."""
    before = dict(os.environ)
    launcher = multiprocessing.get_context(method)
    queue = launcher.Queue()
    process = cast("Any", launcher).Process(target=work().put_here, args=(queue,))
    process.start()
    assert "run" not in vars(process)
    assert queue.get(timeout=30) == of(span)
    process.join()
    assert process.exitcode == 0
    assert dict(os.environ) == before


def test_a_process_class_with_its_own_run_is_reached_and_finds_its_parent_in_its_environment(span: Span) -> None:
    """What the child starts or initialises later joins the session by W3C trace context, as any program does."""
    queue = multiprocessing.get_context("spawn").Queue()
    process = work().OwnProcess(queue)
    process.start()
    expected = context.carrier()
    assert queue.get(timeout=30) == (of(span), expected["TRACEPARENT"], expected["BAGGAGE"])
    process.join()


@pytest.mark.parametrize("method", METHODS)
def test_a_call_in_a_process_pool_runs_under_the_span_that_submitted_it(span: Span, method: str) -> None:
    """A worker outlives the span that started it and belongs to none; each call carries its own."""
    launcher = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=launcher) as executor:
        assert executor.submit(work().here).result(30) == of(span)
        assert list(executor.map(work().there, [1, 2])) == [of(span)] * 2
        assert contextvars.Context().run(executor.submit, work().here).result(30) == NOWHERE
    with pool_of(launcher) as pool:
        assert pool.apply_async(work().there).get(30) == of(span)
        assert pool.map(work().there, [1]) == [of(span)]
        assert contextvars.Context().run(pool.apply, work().there) == NOWHERE


def pool_of(launcher: BaseContext) -> multiprocessing.pool.Pool:
    """A pool of one process."""
    return launcher.Pool(1)


def test_what_cannot_be_pickled_fails_as_ever(span: Span) -> None:
    """The error names the user's function."""
    with ProcessPoolExecutor(1) as executor, pytest.raises(Exception, match="<lambda>"):
        executor.submit(lambda: 1).result(30)


def program(expression: str) -> list[str]:
    """A command that prints an expression over `os.environ` as JSON."""
    return [sys.executable, "-c", f"import json, os; print(json.dumps({expression}))"]


CARRIED = "[os.environ.get('TRACEPARENT'), os.environ.get('BAGGAGE')]"


def test_a_program_finds_the_span_in_its_environment(span: Span) -> None:
    """W3C trace context and baggage, with the program's other variables as they were."""
    before = dict(os.environ)
    expected = context.carrier()
    assert json.loads(subprocess.check_output(program(CARRIED))) == [expected["TRACEPARENT"], expected["BAGGAGE"]]
    assert expected["TRACEPARENT"] == f"00-{span.session_id.replace('-', '')}-{span.span_id}-01"
    assert expected["BAGGAGE"] == f"agentops.session={span.session_id}"
    assert dict(os.environ) == before


def test_an_environment_that_the_program_gives_is_not_changed(span: Span) -> None:
    """The mapping stays as it is, by name and by position; the child gets both."""
    given = {"PATH": os.environ["PATH"], "OWN": "1", "BAGGAGE": "user=7,agentops.session=old"}
    kept = dict(given)
    expected = [context.carrier()["TRACEPARENT"], f"user=7,{context.carrier()['BAGGAGE']}"]
    assert json.loads(subprocess.check_output(program(CARRIED), env=given)) == expected
    command: tuple[Any, ...] = (program(CARRIED), -1, None, None, subprocess.PIPE, None, None, True, False, None, given)
    with subprocess.Popen[bytes](*command) as process:
        assert json.loads(process.communicate()[0]) == expected
    assert given == kept


@pytest.mark.parametrize("name", ["TRACEPARENT", b"TRACEPARENT"])
def test_a_parent_that_the_user_named_is_left_alone(span: Span, name: Any) -> None:
    """A TRACEPARENT of another trace is somebody's intention."""
    theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    given: Any = {name: theirs}
    assert environment(given) is given


def test_a_parent_of_the_same_trace_is_brought_up_to_date(span: Span) -> None:
    """What this process itself was started with is not handed on unread."""
    inherited = f"00-{span.trace.trace_id.hex()}-b7ad6b7169203331-01"
    assert environment({"TRACEPARENT": inherited}) == context.carrier()


def test_what_an_earlier_session_left_in_the_environment_is_replaced(span: Span) -> None:
    """A parent that agentops itself handed down, to this process or to a fork server, is not the user's."""
    old = "0af7651916cd43dd8448eb211c80319c"
    earlier = f"agentops.session={old[:8]}-{old[8:12]}-{old[12:16]}-{old[16:20]}-{old[20:]}"
    given = {"TRACEPARENT": f"00-{old}-b7ad6b7169203331-01", "BAGGAGE": f"{earlier},user=7"}
    expected = context.carrier()
    assert environment(given) == {**expected, "BAGGAGE": f"user=7,{expected['BAGGAGE']}"}


@pytest.mark.skipif(sys.platform == "darwin", reason="there the environment is entered with the work")
def test_a_spawned_process_finds_its_parent_before_it_imports_anything(
    span: Span, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of the program that begins to record when it is imported joins the session as well."""
    (tmp_path / "early_work.py").write_text(
        "import os\nearly = os.environ.get('TRACEPARENT')\ndef tell(queue):\n    queue.put(early)\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    before = dict(os.environ)
    launcher = multiprocessing.get_context("spawn")
    queue = launcher.Queue()
    process = launcher.Process(target=importlib.import_module("early_work").tell, args=(queue,))
    process.start()
    assert queue.get(timeout=30) == context.carrier()["TRACEPARENT"]
    process.join()
    assert dict(os.environ) == before
    assert process.exitcode == 0


def test_an_odd_environment_fails_as_ever(span: Span) -> None:
    """Popen's own error for what is no mapping."""
    with pytest.raises((AttributeError, TypeError), match=r"items|mapping"):
        subprocess.Popen(program("1"), env=cast("Any", 3))
    assert environment(None) is not None


def test_outside_a_session_programs_are_started_as_ever() -> None:
    """No variable is added, and the environment is not even copied."""
    assert environment(None) is None
    assert json.loads(subprocess.check_output(program(CARRIED))) == [None, None]


def test_what_arrives_is_the_parent_of_what_is_recorded(recorder: Recorder, span: Span) -> None:
    """A span opened under what came from another process has that process's span as its parent."""
    text = context.carrier()
    arrived = contextvars.Context().run(revive, text)
    with context.attached(arrived):
        child = recorder.open(recorder.template("inner", SpanKind.TASK), b"")
    assert child is not None
    assert (child.session_id, child.parent.id) == (span.session_id, span.id)
    assert contextvars.Context().run(as_text, arrived) == text
    assert revive({"TRACEPARENT": text["TRACEPARENT"]}) == {}


@pytest.mark.parametrize(("owner", "names"), PLACES)
def test_patched_methods_look_like_the_originals(owner: Any, names: tuple[str, ...], propagation: Any) -> None:
    """Signature, name and doc; after undo the very functions are back."""
    patched: dict[str, Any] = {name: owner.__dict__[name] for name in names}
    shown = {name: (inspect.signature(method), method.__qualname__, method.__doc__) for name, method in patched.items()}
    assert {inspect.isfunction(method) for method in patched.values()} == {True}
    propagation()
    originals: dict[str, Any] = {name: owner.__dict__[name] for name in names}
    assert {name: inspect.unwrap(method) for name, method in patched.items()} == originals
    assert shown == {
        name: (inspect.signature(method), method.__qualname__, method.__doc__) for name, method in originals.items()
    }


def test_installing_twice_puts_one_wrapper_around() -> None:
    """The second finds the first, and its undo takes nothing away."""
    wrapped = threading.Thread.start
    second = install_propagation()
    assert threading.Thread.start is wrapped
    second()
    assert threading.Thread.start is wrapped


def test_under_another_wrapper_ours_goes_quiet(propagation: Any, monkeypatch: pytest.MonkeyPatch, span: Span) -> None:
    """Somebody who patched `Thread.start` after us keeps a working chain after our undo."""
    ours = threading.Thread.start

    def start(self: threading.Thread) -> None:
        ours(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    propagation()
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(here()))
    thread.start()
    thread.join()
    assert found == [NOWHERE]
    monkeypatch.undo()
    threading.Thread.start = inspect.unwrap(ours)


def test_nothing_is_imported_to_be_patched() -> None:
    """A program without pools or processes does not get them from us."""
    command = (
        "import sys, agentops.recording.recorder; before = set(sys.modules);"
        "from agentops.instrumentation.propagation import install_propagation; install_propagation();"
        "new = {'multiprocessing', 'subprocess', 'wrapt', 'asyncio', 'concurrent.futures.process'} & set(sys.modules);"
        "assert not new - before, new; import subprocess; assert subprocess.Popen.__init__.__wrapped__"
    )
    subprocess.run([sys.executable, "-c", command], check=True, timeout=30)


def test_concurrent_futures_is_reached_by_early_importers(span: Span) -> None:
    """A class that was imported by name before is the same class."""
    assert concurrent.futures.ThreadPoolExecutor is ThreadPoolExecutor
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(here).result() == of(span)
