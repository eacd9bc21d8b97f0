"""`init` and the functions around the current session, in this process and in programs of their own."""

import io
import logging
import os
import subprocess
import sys
import textwrap
import threading
from decimal import Decimal
from pathlib import Path

import pytest

import agentops
from agentops import LLMEvent, ToolEvent, client
from agentops.domain.spans import SpanKind
from agentops.errors import ConfigurationError
from agentops.recording.recorder import active
from agentops.store.sqlite import SqliteStore


def run(source: str, **options: object) -> subprocess.CompletedProcess[str]:
    """A program, run to its end; what it prints is its proof."""
    line = [sys.executable, "-W", "error", "-c", textwrap.dedent(source)]
    environment = {**os.environ, **{name: str(value) for name, value in options.items() if name.isupper()}}
    cwd = options.get("cwd")
    done = subprocess.run(
        line,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
        cwd=None if cwd is None else str(cwd),
    )
    assert done.returncode == 0, done.stderr
    return done


def test_init_gives_the_running_session_and_gives_it_again() -> None:
    """Calling it twice changes nothing."""
    session = agentops.init(tags=["first"], trace_name="research")
    assert session is not None
    assert agentops.init(tags=["second"]) is session
    assert (session.name, session.tags, session.is_running) == ("research", ["first"], True)
    assert agentops.current_session() is session


def test_init_may_start_no_session() -> None:
    """`auto_start_session=False`: sessions are the program's to start, and what is outside of them is not recorded."""
    assert agentops.init(auto_start_session=False) is None
    assert agentops.current_session() is None

    @agentops.tool
    def work() -> int:
        return 1

    assert work() == 1
    assert agentops.current_session() is None
    session = agentops.start_session(tags="own")
    assert session is not None
    assert work() == 1
    assert session.get_analytics()["Tool calls"] == 1


def test_a_session_is_opened_when_one_is_needed() -> None:
    """With `auto_start_session` as it is by default, what happens after the end of one begins another."""
    first = agentops.init()
    assert first is not None
    agentops.end_session("Success")

    @agentops.tool
    def work() -> str:
        session = agentops.current_session()
        return "" if session is None else session.session_id

    assert work() not in {"", first.session_id}
    assert first.get_analytics()["Tool calls"] == 0


def test_init_joins_the_session_of_another_process() -> None:
    """By its id, from the argument or from the environment of a recorded parent."""
    other = "0188f0a8-6b2e-7c3d-9e4f-0123456789ab"
    session = agentops.init(inherited_session_id=other)
    assert session is not None
    assert (session.session_id, session.owned) == (other, False)
    with pytest.raises(ValueError, match="badly formed"):
        agentops.init(inherited_session_id="no uuid")


def test_init_in_a_thread_records_all_the_same() -> None:
    """Handlers of signals are only for the main thread; its session is that of threads without one."""
    found: list[agentops.Session | None] = []
    thread = threading.Thread(target=lambda: found.append(agentops.init()))
    thread.start()
    thread.join()
    (session,) = found
    assert session is not None
    assert agentops.current_session() is session
    agentops.record(ToolEvent(name="search"))
    assert session.get_analytics()["Tool calls"] == 1


def test_shutdown_and_init_begin_anew(data_directory: Path) -> None:
    """Everything is taken apart and put together again, as often as one likes; each session is stored."""
    hooks = sys.excepthook, sys.exit, threading.Thread.start
    ids: list[str] = []
    for number in range(3):
        session = agentops.init(trace_name=f"session {number}")
        assert session is not None
        agentops.record(ToolEvent(name="search"))
        ids.append(session.session_id)
        agentops.shutdown()
        assert (client.get_assembly(), active.recorder, agentops.current_session()) == (None, None, None)
    assert (sys.excepthook, sys.exit, threading.Thread.start) == hooks
    agentops.shutdown()
    with SqliteStore(data_directory / "agentops.db") as store:
        assert {session.session_id: (session.tool_calls, session.end_state) for session in store.sessions()} == {
            **dict.fromkeys(ids, (1, "Indeterminate"))
        }


def test_after_shutdown_nothing_is_recorded_until_init() -> None:
    """What is decorated works on, and does not begin anew by itself."""

    @agentops.tool
    def work() -> int:
        return 1

    agentops.init()
    agentops.shutdown()
    assert work() == 1
    assert client.get_assembly() is None
    session = agentops.init()
    assert session is not None
    assert work() == 1
    assert session.get_analytics()["Tool calls"] == 1


def test_where_recording_is_off_everything_works_and_nothing_is_kept(
    data_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`enabled=False`: no folder, no thread, no session; functions and blocks run as they are."""
    threads = threading.active_count()
    assert agentops.init(enabled=False) is None
    monkeypatch.setenv("AGENTOPS_ENABLED", "false")

    @agentops.tool
    def work() -> int:
        return 1

    with agentops.span("step") as span:
        span.set_attribute("a", 1)
        span.set_output(1)
        assert work() == 1
    agentops.record(ToolEvent())
    assert (agentops.start_session(), agentops.end_session(), agentops.flush()) == (None, None, True)
    with pytest.raises(ConfigurationError, match="recording is off"):
        agentops.session("research").__enter__()
    with pytest.raises(ConfigurationError, match="recording is off"):
        agentops.Session()
    assert (data_directory.exists(), threading.active_count()) == (False, threads)


def test_ending_the_session_gives_its_cost() -> None:
    """In USD, exactly."""
    agentops.init()
    agentops.record(LLMEvent(model="gpt-4o", prompt_tokens=1_000, completion_tokens=100))
    assert agentops.end_session("Success", "done") == Decimal("0.0035")


def test_flushing_delivers_what_was_recorded(data_directory: Path) -> None:
    """The store has it while the session goes on."""
    session = agentops.init()
    assert session is not None
    with agentops.span("step"):
        assert agentops.flush()
        with SqliteStore(data_directory / "agentops.db") as store:
            stored = {span.name: span.status for span in store.spans(session.session_id) if span.kind is SpanKind.TASK}
            assert store.find(session.session_id).state == "RUNNING"
    assert agentops.flush()
    with SqliteStore(data_directory / "agentops.db") as store:
        assert [span.status for span in store.spans(session.session_id) if span.kind is SpanKind.TASK] == ["ok"]
    assert set(stored) <= {"step"}


def test_our_lines_go_to_stderr_as_it_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    """Not to stdout, not to the program's handlers, and to whatever `sys.stderr` is at the moment."""
    agentops.init()
    agentops.end_session("Success")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("\N{LINKED PAPERCLIPS} AgentOps: Session Stats - Duration: ")
    assert logging.getLogger("agentops").propagate is False


def test_settings_that_mean_nothing_any_more_are_accepted() -> None:
    """Programs of AgentOps pass them; an unknown one is told of, and does no harm."""
    assert agentops.init("a key", app_url="https://example.com", fail_safe=True, max_wait_time=1) is not None


@pytest.mark.parametrize(
    "first",
    [
        "import agentops; decorator = agentops.session",
        "import agentops.session; decorator = agentops.session",
        "from agentops import session as decorator",
        "from agentops.session.session import Session; import agentops; decorator = agentops.session",
        "from agentops.session import session as module; import agentops; decorator = agentops.session",
        "import agentops; agentops.init(auto_start_session=False); decorator = agentops.session",
    ],
)
def test_session_is_a_package_and_a_decorator_in_every_order_of_imports(first: str) -> None:
    """Whichever comes first, `agentops.session` decorates, opens blocks, and has the package's modules in it."""
    run(
        first
        + """
import agentops
import agentops.session.manager
from agentops.session.session import Session

@decorator
def work():
    return agentops.current_session().name

@agentops.session(name="named", tags=["a"])
def named():
    return agentops.current_session().name

with agentops.session("block") as block, decorator("other") as other:
    assert [type(block), block.name, other.name] == [Session, "block", "other"]
assert [work(), named()] == ["work", "named"]
assert agentops.session.manager.SessionManager
"""
    )


@pytest.mark.parametrize(
    "spoil",
    [
        "import os; os.makedirs('gone'); os.chdir('gone'); os.rmdir('../gone')",
        "import os; [os.environ.pop(name, None) for name in ('HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR', 'USER')]",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))",
        "import sys; sys.stdout = sys.stderr = None",
        "import os; os.close(0)",
        "import threading; threading.Thread.start = lambda self: (_ for _ in ()).throw(RuntimeError('no threads'))",
        "import sys; sys.argv = []",
    ],
)
def test_poor_surroundings_do_no_harm(spoil: str, tmp_path: Path) -> None:
    """No working directory, no home, no files left, no threads: the program runs to its end."""
    done = run(
        spoil
        + """
import agentops
agentops.init()
@agentops.tool
def work(number):
    return number
assert work(3) == 3
with agentops.span("step"):
    pass
agentops.end_session("Success")
import os
os.write(1, b"reached the end")
""",
        cwd=tmp_path,
    )
    assert done.stdout == "reached the end"
    assert "Traceback" not in done.stderr


def test_a_bad_setting_is_told_to_whoever_wrote_it() -> None:
    """As an argument it is an error that says what to do; from the environment it is a warning."""
    with pytest.raises(ConfigurationError, match="exit_timeout"):
        agentops.init(exit_timeout="soon")
    done = run("import agentops; agentops.init()", AGENTOPS_EXIT_TIMEOUT="soon")
    assert "AGENTOPS_EXIT_TIMEOUT" in done.stderr


def test_a_closed_stderr_is_nobody_s_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where our line cannot be printed, the session ends all the same."""
    session = agentops.init()
    assert session is not None
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    session.end("Success")
    assert session.state == "SUCCEEDED"


def test_what_a_daemon_thread_leaves_running_was_interrupted(tmp_path: Path) -> None:
    """A program that ends while a tool of a daemon thread is at work shows it as interrupted, not as running."""
    program = """
        import threading, time
        import agentops

        agentops.init()
        begun = threading.Event()

        @agentops.tool
        def forever():
            begun.set()
            time.sleep(60)

        threading.Thread(target=forever, daemon=True).start()
        begun.wait()
    """
    environment = os.environ | {"AGENTOPS_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=environment, check=True, timeout=60)
    with SqliteStore(tmp_path / "agentops.db") as store:
        statuses = {span.name: span.status for span in store.spans(store.find("last").session_id)}
    assert statuses["forever"] == "interrupted"
