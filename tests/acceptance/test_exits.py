"""Every way out of a real process: it goes as it would alone, and its sessions end with a state and a reason."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentops.store.sqlite import SqliteStore

NORMAL = "the process ended without ending the session"
PLAIN = """
def init(**settings): pass
def start_session(*args, **kwargs): pass
def tool(function): return function
def session(function): return function
"""
"""An `agentops` that does nothing: with it, a program runs as it would alone."""

OWN_FRAMES = re.compile(
    r'  File "[^"]*/agentops/(?:instrumentation|session)/[^"]*", line \d+, in [^\n]*\n(?:    [^\n]*\n)*'
)


@dataclass(frozen=True)
class Outcome:
    """What a shell sees of a process that has ended."""

    status: int
    out: str
    err: str

    def __post_init__(self) -> None:
        """Leave out what is ours: lines, and frames of what stands around observed functions."""
        lines = [line for line in self.err.splitlines() if not line.startswith("\N{LINKED PAPERCLIPS} AgentOps: ")]
        object.__setattr__(self, "err", OWN_FRAMES.sub("", "\n".join(lines)))


@dataclass(frozen=True)
class Program:
    """A program with a folder of its own."""

    folder: Path

    def write(self, source: str) -> None:
        """Say what the program is."""
        (self.folder / "program.py").write_text(textwrap.dedent(source))
        plain = self.folder / "plain"
        plain.mkdir(exist_ok=True)
        (plain / "agentops.py").write_text(PLAIN)

    @property
    def data(self) -> Path:
        """Where its recordings go."""
        return self.folder / "data"

    def start(self, *, by: str = "init", **variables: str) -> subprocess.Popen[str]:
        """Start it: `plain` with an agentops that does nothing, by its own `init`, or under `agentops run`."""
        kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "AGENTOPS_DIR"}}
        kept |= {"AGENTOPS_DIR": str(self.data), "PYTHONFAULTHANDLER": "", **variables}
        inherited = os.environ.get("PYTHONPATH")
        paths = [str(self.folder / "plain")] * (by == "plain") + ([inherited] if inherited else [])
        kept["PYTHONPATH"] = os.pathsep.join(paths)
        line = [sys.executable, *(["-m", "agentops.cli", "run"] if by == "run" else []), "program.py"]
        return subprocess.Popen(
            line, cwd=self.folder, env=kept, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *, by: str = "init", send: int = 0, **variables: str) -> Outcome:
        """Run it to its end; `send` is a signal for it once it has said that it is ready."""
        with self.start(by=by, **variables) as process:
            assert process.stdout is not None
            said = ""
            if send:
                said = process.stdout.readline()
                process.send_signal(send)
            out, err = process.communicate(timeout=60)
        return Outcome(process.returncode, said + out, err)

    def ends(self) -> list[tuple[str, str | None, str | None]]:
        """Name, end state and reason of every session, in the order in which they started."""
        with SqliteStore(self.data / "agentops.db") as store:
            found = sorted(store.sessions(), key=lambda session: session.start)
        return [(session.name or "", session.end_state, session.end_state_reason) for session in found]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A program in a folder of its own."""
    return Program(tmp_path)


BY_HAND = """
import agentops
agentops.init(trace_name="own")

@agentops.tool
def work():
    return 1

work()
print("worked")
"""

SIGNAL_ITSELF = """
import os, signal
from sys import exit
signal.signal(signal.SIGTERM, {})
os.kill(os.getpid(), signal.SIGTERM)
print("goes on")
"""

ENDINGS = {
    "its end": ("pass", ("Indeterminate", NORMAL), ("Success", None)),
    "sys.exit()": ("import sys; sys.exit()", ("Indeterminate", NORMAL), ("Success", None)),
    "sys.exit(0)": ("import sys; sys.exit(0)", ("Indeterminate", NORMAL), ("Success", None)),
    "sys.exit(3)": ("import sys; sys.exit(3)", ("Indeterminate", NORMAL), ("Fail", "exit status 3")),
    "sys.exit of a text": (
        "import sys; sys.exit('good bye')",
        ("Indeterminate", NORMAL),
        ("Fail", "exit status 1"),
    ),
    "SystemExit without sys.exit": (  # nothing in the process learns of its status
        "raise SystemExit(3)",
        ("Indeterminate", NORMAL),
        ("Success", None),
    ),
    "sys.exit in a task": (
        "import asyncio, sys\nasync def main():\n    sys.exit(4)\nasyncio.run(main())",
        ("Indeterminate", NORMAL),
        ("Fail", "exit status 4"),
    ),
    "a caught exit": (
        "import sys\ntry:\n    sys.exit(3)\nexcept SystemExit:\n    print('stays')",
        ("Indeterminate", NORMAL),
        ("Success", None),
    ),
    "an exit in a thread": (
        "import sys, threading\nthread = threading.Thread(target=sys.exit, args=(5,))\nthread.start()\nthread.join()",
        ("Indeterminate", NORMAL),
        ("Success", None),
    ),
    "an exception": (
        "def fail():\n    raise LookupError('no luck')\nfail()",
        ("Fail", "LookupError: no luck"),
        ("Fail", "LookupError: no luck"),
    ),
    "an exception in a task": (
        "import asyncio\nasync def main():\n    raise LookupError('no luck')\nasyncio.run(main())",
        ("Fail", "LookupError: no luck"),
        ("Fail", "LookupError: no luck"),
    ),
    "an exception in a thread": (
        "import threading\nthread = threading.Thread(target=lambda: 1 / 0, name='t')\nthread.start()\nthread.join()",
        ("Indeterminate", NORMAL),
        ("Success", None),
    ),
    "an exception group": (
        "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
        ("Fail", "ExceptionGroup: several (2 sub-exceptions)"),
        ("Fail", "ExceptionGroup: several (2 sub-exceptions)"),
    ),
    "an interrupt": ("raise KeyboardInterrupt", ("Fail", "Signal SIGINT detected"), ("Fail", "Signal SIGINT detected")),
    "SIGTERM to itself": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\nprint('never')",
        ("Fail", "Signal SIGTERM detected"),
        ("Fail", "Signal SIGTERM detected"),
    ),
    "SIGTERM handled with an exit": (
        SIGNAL_ITSELF.format("lambda *_: exit(7)"),
        ("Indeterminate", NORMAL),
        ("Fail", "exit status 7"),
    ),
    "SIGTERM ignored": (
        SIGNAL_ITSELF.format("signal.SIG_IGN"),
        ("Indeterminate", NORMAL),
        ("Success", None),
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_program_ends_as_it_would_alone_and_its_session_says_how(ending: str, program: Program) -> None:
    """Status, output and traceback are those of the plain run, by its own `init` and under `agentops run`."""
    source, by_init, by_run = ENDINGS[ending]
    program.write(BY_HAND + source)
    plain = program.run(by="plain")
    assert program.run() == plain
    assert program.ends() == [("own", *by_init)]
    program.write('print("worked")\n' + source)
    plain = program.run(by="plain")
    assert program.run(by="run") == plain
    assert program.ends()[1:] == [("program", *by_run)]


def test_sudden_death_leaves_an_interrupted_session(program: Program) -> None:
    """`os._exit` tells nobody; the next process of this machine takes in what was recorded."""
    program.write(BY_HAND + "import os; os._exit(9)")
    assert program.run() == program.run(by="plain")
    program.write("import agentops; agentops.init(trace_name='next'); agentops.end_session('Success')")
    program.run()
    (first, second) = program.ends()
    assert (first[:2], second) == (("own", "Indeterminate"), ("next", "Success", None))
    assert first[2] is not None


HANDLERS = {
    "installed before": "signal.signal(signal.SIGTERM, handler)\nagentops.init(trace_name='own')",
    "installed after": "agentops.init(trace_name='own')\nsignal.signal(signal.SIGTERM, handler)",
    "chained after": (
        "agentops.init(trace_name='own')\nprevious = signal.getsignal(signal.SIGTERM)\n"
        "signal.signal(signal.SIGTERM, lambda *given: (print('first', flush=True), handler(*given)))"
    ),
}


@pytest.mark.parametrize("order", HANDLERS)
def test_a_handler_that_returns_lets_the_program_go_on(order: str, program: Program) -> None:
    """The program's own handler runs once for each signal, and the session is not ended by it."""
    program.write(
        f"""
import os, signal, agentops
def handler(number, frame):
    print("handled", number, frame.f_code.co_name, flush=True)
{HANDLERS[order]}
agentops.tool(lambda: 1)()
for _ in range(2):
    os.kill(os.getpid(), signal.SIGTERM)
print("goes on")
"""
    )
    assert program.run() == program.run(by="plain")
    assert program.ends() == [("own", "Indeterminate", NORMAL)]


def test_a_handler_that_exits_ends_the_session_as_terminated(program: Program) -> None:
    """The handler was there before `init`: its exit status is the program's, the reason is the signal."""
    program.write(
        """
        import os, signal, sys, agentops
        def handler(number, frame):
            print("cleaning up", flush=True)
            sys.exit(7)
        signal.signal(signal.SIGTERM, handler)
        agentops.init(trace_name="own")
        os.kill(os.getpid(), signal.SIGTERM)
        """
    )
    plain = program.run(by="plain")
    assert (plain.status, plain.out) == (7, "cleaning up\n")
    assert program.run() == plain
    assert program.ends() == [("own", "Fail", "Signal SIGTERM detected")]


def test_an_ignored_signal_stays_ignored(program: Program) -> None:
    """SIG_IGN before `init` is what children inherit and what `getsignal` tells."""
    program.write(
        """
        import os, signal, agentops
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        agentops.init(trace_name="own")
        os.kill(os.getpid(), signal.SIGTERM)
        print("goes on", signal.getsignal(signal.SIGTERM))
        """
    )
    assert program.run() == program.run(by="plain")


BUSY = """
import asyncio, threading, time
import agentops
agentops.init(trace_name="own")

@agentops.session
def thread_work():
    tool()
    time.sleep(30)

@agentops.session
async def task_work():
    tool()
    await asyncio.sleep(30)

@agentops.tool
def tool():
    return 1

tool()

async def main():
    tasks = [asyncio.create_task(task_work()) for _ in range(3)]
    await asyncio.sleep(0.05)
    print("ready", flush=True)
    await asyncio.gather(*tasks)

for _ in range(3):
    threading.Thread(target=thread_work, daemon=True).start()
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("number", "of_tasks"),
    [
        (signal.SIGTERM, ("Fail", "Signal SIGTERM detected")),
        (signal.SIGINT, ("Indeterminate", "CancelledError")),  # asyncio.run cancels its tasks
    ],
)
def test_a_signal_from_outside_ends_every_session(
    number: signal.Signals, of_tasks: tuple[str, str], program: Program
) -> None:
    """Those of the main thread, of other threads and of tasks; the status is death by that signal."""
    program.write(BUSY)
    plain, recorded = program.run(by="plain", send=number), program.run(send=number)
    assert (recorded.status, recorded.out) == (plain.status, plain.out) == (-number, "ready\n")
    assert recorded.err == plain.err
    end = ("Fail", f"Signal {number.name} detected")
    assert sorted(program.ends()) == sorted(
        [("own", *end), *[("task_work", *of_tasks)] * 3, *[("thread_work", *end)] * 3]
    )


def test_several_sessions_all_end(program: Program) -> None:
    """The one of `init` and those that were started beside it, whichever is current."""
    program.write(
        """
        import agentops
        agentops.init(trace_name="own").add_tags("used")
        first = agentops.start_session(name="first")
        second = agentops.Session("second").start()
        1 / 0
        """
    )
    assert program.run().status == 1
    reason = ("Fail", "ZeroDivisionError: division by zero")
    assert program.ends() == [("own", *reason), ("first", *reason), ("second", *reason)]


End = tuple[str, str | None, str | None]
UNUSED: dict[str, tuple[str, list[End], list[End]]] = {
    "its end": ("", [], [("program", "Success", None)]),
    "sys.exit(3)": ("import sys; sys.exit(3)", [], [("program", "Fail", "exit status 3")]),
    "an exception": (
        "1 / 0",
        [("own", "Fail", "ZeroDivisionError: division by zero")],
        [("program", "Fail", "ZeroDivisionError: division by zero")],
    ),
    "SIGTERM": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
        [("own", "Fail", "Signal SIGTERM detected")],
        [("program", "Fail", "Signal SIGTERM detected")],
    ),
    "an exception after a session": (
        "with agentops.session('one'): pass\n1 / 0",
        [("own", "Fail", "ZeroDivisionError: division by zero"), ("one", "Success", None)],
        [("program", "Fail", "ZeroDivisionError: division by zero"), ("one", "Success", None)],
    ),
    "an exception in a session": (
        "with agentops.session('one'): 1 / 0",
        [("one", "Fail", "ZeroDivisionError: division by zero")],
        [  # the traceback on stderr is captured, outside of the session that failed
            ("program", "Fail", "ZeroDivisionError: division by zero"),
            ("one", "Fail", "ZeroDivisionError: division by zero"),
        ],
    ),
    "its end after a session": (
        "with agentops.session('one'): pass",
        [("one", "Success", None)],
        [("one", "Success", None)],
    ),
    "a look at it": ("session.get_analytics(); session.tags; repr(session)", [], [("program", "Success", None)]),
    "shutdown": ("agentops.shutdown()", [], []),
    "the program's end of it": (
        "session.end_session('Success')",
        [("own", "Success", None)],
        [("program", "Success", None)],
    ),
    "the end of all": (
        "agentops.end_all_sessions('Success', 'so')",
        [("own", "Success", "so")],
        [("program", "Success", "so")],
    ),
    "a tag": ("session.add_tags('a')", [("own", "Indeterminate", NORMAL)], [("program", "Success", None)]),
    "an agent": ("session.create_agent('a')", [("own", "Indeterminate", NORMAL)], [("program", "Success", None)]),
}


@pytest.mark.parametrize("by", ["init", "run"])
@pytest.mark.parametrize("ending", UNUSED)
def test_a_session_that_nobody_used_leaves_no_trace(ending: str, by: str, program: Program) -> None:
    """`init` alone writes nothing and prints no line; a failed program, and a whole one, is worth a session of its own.

    Unless another session tells of it.
    """
    source, by_init, by_run = UNUSED[ending]
    program.write("import agentops\nsession = agentops.init(trace_name='own')\n" + source)
    with program.start(by=by) as process:
        shown = process.communicate(timeout=60)[1]
    expected = by_init if by == "init" else by_run
    assert program.ends() == expected
    assert shown.count("Session Stats") == len(expected)


def test_a_child_by_fork_has_its_parents_session(program: Program) -> None:
    """What it records is in the session that was unused until then, which its parent ends."""
    program.write(
        """
        import os, sys, agentops
        agentops.init(trace_name="own")
        work = agentops.tool(name="work")(lambda: 1)
        child = os.fork()
        if not child:
            work()
            sys.exit()
        os.waitpid(child, 0)
        """
    )
    assert program.run().status == 0
    assert program.ends() == [("own", "Indeterminate", NORMAL)]
    with SqliteStore(program.data / "agentops.db") as store:
        assert store.find("last").tool_calls == 1


@pytest.mark.parametrize("order", ["before", "after"])
def test_the_hook_of_somebody_else_keeps_working(order: str, program: Program) -> None:
    """An error reporter that puts itself into `sys.excepthook` is told, and tells whoever was there before."""
    init, hook = "agentops.init(trace_name='own')", "sys.excepthook = reporter"
    program.write(
        f"""
import sys, agentops
previous = sys.excepthook
def reporter(kind, error, trace):
    print("reported", kind.__name__, error, trace.tb_lineno, flush=True)
    return original(kind, error, trace)
{hook if order == "before" else init}
original = previous if {order == "before"} else sys.excepthook
{init if order == "before" else hook}
1 / 0
"""
    )
    recorded = program.run()
    assert recorded == program.run(by="plain")
    assert "reported ZeroDivisionError" in recorded.out
    assert program.ends() == [("own", "Fail", "ZeroDivisionError: division by zero")]


def test_exit_functions_run_in_their_order(program: Program) -> None:
    """The last registered runs first, and what those do that were registered after `init` is recorded."""
    program.write(
        """
        import atexit, agentops
        @agentops.tool
        def say(word):
            print(word, flush=True)
        atexit.register(say, "last")
        agentops.init(trace_name="own")
        atexit.register(say, "first")
        atexit.register(print, "very first")
        """
    )
    recorded = program.run()
    assert recorded == program.run(by="plain")
    assert recorded.out.split("\n")[:3] == ["very first", "first", "last"]
    with SqliteStore(program.data / "agentops.db") as store:
        said = [span.input for span in store.spans(store.find("last").session_id) if span.kind == "tool"]
    assert said == [{"word": "first"}]


def make_a_file(data: Path) -> None:
    """Where the folder should be there is a file."""
    data.write_text("not a folder")


def make_journals_a_file(data: Path) -> None:
    """Nothing can be written at all."""
    data.mkdir()
    (data / "journals").write_text("not a folder")


def make_the_store_a_folder(data: Path) -> None:
    """The journal can be written, the store cannot."""
    (data / "agentops.db").mkdir(parents=True)


def make_the_store_garbage(data: Path) -> None:
    """The store is no database."""
    data.mkdir()
    (data / "agentops.db").write_text("garbage" * 1_000)


@pytest.mark.parametrize("spoil", [make_a_file, make_journals_a_file, make_the_store_a_folder, make_the_store_garbage])
def test_what_cannot_be_written_does_not_harm_the_program(spoil: Callable[[Path], None], program: Program) -> None:
    """It works, ends with its own status, and counts all the same."""
    spoil(program.data)
    program.write(BY_HAND + "print(agentops.current_session().get_analytics()['Tool calls'])\nimport sys; sys.exit(3)")
    recorded = program.run()
    assert (recorded.status, recorded.out, recorded.err) == (3, "worked\n1\n", "")


def test_a_store_that_hangs_holds_the_exit_up_for_the_grace_only(program: Program) -> None:
    """Another process keeps the database locked: the program ends in time, and nothing is lost."""
    program.write(BY_HAND)
    program.run()
    lock = sqlite3.connect(program.data / "agentops.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    started = time.monotonic()
    recorded = program.run(AGENTOPS_EXIT_TIMEOUT="0.5")
    took = time.monotonic() - started
    lock.execute("ROLLBACK")
    lock.close()
    assert (recorded.status, recorded.out, recorded.err) == (0, "worked\n", "")
    assert took < 30, "a store that hangs for ever is not waited for"
    assert program.ends() == [("own", "Indeterminate", NORMAL)]
    program.run()
    assert [end for _, end, _ in program.ends()] == ["Indeterminate"] * 3


def test_an_interrupt_ends_the_wait_at_exit(program: Program) -> None:
    """Who presses Ctrl-C while the store hangs is not kept waiting, and sees no traceback."""
    program.write(BY_HAND)
    program.run()
    program.write(BY_HAND + "import atexit\natexit.register(lambda: print('ending', flush=True))")
    lock = sqlite3.connect(program.data / "agentops.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    with program.start(AGENTOPS_EXIT_TIMEOUT="600") as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["worked\n", "ending\n"]
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    lock.execute("ROLLBACK")
    lock.close()
    assert Outcome(process.returncode, out, err) == Outcome(0, "", "")


RESTLESS = """
import agentops, threading
agentops.init(trace_name="own")
@agentops.tool
def work(number):
    return number
def go_on():
    number = 0
    while True:
        number += 1
        with agentops.session("short", tags=["a"]) as session:
            work(number)
            session.add_tags("b")
threading.Thread(target=go_on, daemon=True).start()
print("ready", flush=True)
go_on()
"""


def test_a_signal_at_any_moment_ends_the_program(program: Program) -> None:
    """Whatever the main thread holds at that moment, it goes within the grace, by that signal."""
    program.write(RESTLESS)
    started = [program.start(AGENTOPS_EXIT_TIMEOUT="0.2") for _ in range(8)]
    for index, process in enumerate(started):
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.013 * index)
            process.send_signal(signal.SIGTERM if index % 2 else signal.SIGINT)
            process.communicate(timeout=60)
    assert [process.returncode for process in started] == [-signal.SIGINT, -signal.SIGTERM] * 4


def test_threads_that_go_on_at_exit_are_not_disturbed(program: Program) -> None:
    """Daemon threads that record while the process ends print nothing and hold nothing up."""
    program.write(
        """
        import threading, time, agentops
        agentops.init(trace_name="own")
        @agentops.tool
        def work(number):
            return number
        def go_on():
            for number in range(10**9):
                work(number)
        for _ in range(4):
            threading.Thread(target=go_on, daemon=True).start()
        time.sleep(0.1)
        print("leaving")
        """
    )
    recorded = program.run()
    assert (recorded.status, recorded.out, recorded.err) == (0, "leaving\n", "")


def test_nothing_is_written_to_stdout(program: Program) -> None:
    """Our own lines go to stderr; without one they go nowhere."""
    program.write(BY_HAND + "agentops.end_session('Success')")
    with program.start() as process:
        out, err = process.communicate(timeout=60)
    assert out == "worked\n"
    assert re.fullmatch(
        r"\N{LINKED PAPERCLIPS} AgentOps: Session Stats - Duration: 0\.\ds \| Cost: \$0\.00 \| LLMs: 0 \| Tools: 1 \| "
        r"Actions: 0 \| Errors: 0\n",
        err,
    )
    program.write("import sys; sys.stderr = None" + BY_HAND)
    assert program.run() == Outcome(0, "worked\n", "")


def test_a_child_does_not_end_its_parents_sessions(program: Program) -> None:
    """Children by fork end with their own status, and the parent's session stays the parent's to end."""
    program.write(
        BY_HAND
        + textwrap.dedent(
            """
            import os, sys
            for status in (0, 3):
                child = os.fork()
                if not child:
                    work()
                    sys.exit(status)
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
            agentops.end_session("Success", "by the parent")
            """
        )
    )
    recorded = program.run()
    assert (recorded.status, recorded.out, recorded.err) == (0, "worked\n0\n3\n", "")
    assert program.ends() == [("own", "Success", "by the parent")]
    with SqliteStore(program.data / "agentops.db") as store:
        assert store.find("last").tool_calls == 3


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_are_terminated_as_they_would_be_alone(method: str, program: Program) -> None:
    """SIGTERM has its own effect in them: workers that wait for work in C code would never hear a handler."""
    program.write(
        f"""
        import multiprocessing, signal
        import agentops
        agentops.init(trace_name="own")

        @agentops.tool
        def look():
            return signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

        if __name__ == "__main__":
            look()
            with multiprocessing.get_context({method!r}).Pool(1) as pool:
                print(pool.apply(look), flush=True)
        """
    )
    for by in ("init", "run"):
        recorded = program.run(by=by)
        assert (recorded.status, recorded.out, recorded.err) == (0, "True\n", "")
