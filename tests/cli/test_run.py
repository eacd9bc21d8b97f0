"""`agentops run`: the program is its own, and nothing it could notice is different."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from agentops.cli import run

PYTHON = [sys.executable]
RECORDED = [sys.executable, "-m", "agentops.cli", "run"]
"""The same program, plain and recorded: everything after the first words is equal."""

Program = Callable[[str], Path]


@pytest.fixture(name="program")
def write_program(tmp_path: Path) -> Program:
    """Writes a program under test and gives its path."""

    def write(source: str) -> Path:
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(source))
        return path

    return write


@pytest.fixture(name="variables")
def isolated_variables(tmp_path: Path) -> dict[str, str]:
    """An environment whose recordings stay in the test's folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTOPS_", "OTEL_", "COV"))}
    return {**kept, "AGENTOPS_DIR": str(tmp_path / "recordings")}


def execute(
    start: list[str], arguments: list[str], variables: Mapping[str, str], **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run to the end, with everything it wrote."""
    return subprocess.run(
        [*start, *arguments], capture_output=True, text=True, timeout=60, check=False, env=dict(variables), **options
    )


def outcome(start: list[str], arguments: list[str], variables: Mapping[str, str], **options: Any) -> tuple[object, ...]:
    """What a shell would see of a run, without the recorder's own remarks."""
    done = execute(start, arguments, variables, **options)
    own = [line for line in done.stderr.splitlines() if "AgentOps" not in line and not line.startswith("agentops")]
    return done.returncode, done.stdout, own


def assert_transparent(arguments: list[str], variables: Mapping[str, str], **options: Any) -> tuple[object, ...]:
    """The recorded run ends, writes and fails exactly as the plain one; gives what it did."""
    plain = outcome(PYTHON, arguments, variables, **options)
    assert outcome(RECORDED, arguments, variables, **options) == plain
    return plain


def test_arguments_reach_the_program_untouched(program: Program, variables: dict[str, str]) -> None:
    """Options after the script's name are the script's, even those that agentops also has."""
    script = program("import sys; print(sys.argv)")
    arguments = [str(script), "--name", "x", "-t", "--help", "--", "-m", "", "a b", "é"]
    assert assert_transparent(arguments, variables)[1] == f"{arguments}\n"


def test_the_program_is_main(program: Program, variables: dict[str, str]) -> None:
    """`__name__`, `__file__`, `__spec__`, `sys.path`, `sys.flags` and `sys.orig_argv` are those of a plain run."""
    script = program(
        """
        import sys
        print(__name__, __file__, __spec__, __package__, sys.path, sys.flags, sys.orig_argv, sys.executable)
        print(sys.modules["__main__"].__dict__.keys())
        """
    )
    assert_transparent([str(script), "x"], variables)


@pytest.mark.parametrize(
    "ending",
    [
        "pass",
        "raise SystemExit(7)",
        "import sys; sys.exit('said on the way out')",
        "import os; os._exit(9)",
        "raise KeyboardInterrupt",
        "def f():\n    return 1 / 0\nf()",
        "import signal, os; os.kill(os.getpid(), signal.SIGTERM)",
        "import signal, os; os.kill(os.getpid(), signal.SIGKILL)",
        "import signal, os; os.kill(os.getpid(), signal.SIGINT)",
        "def broken(:",
        "import no_such_module_at_all",
    ],
)
def test_every_way_out_is_the_programs_own(ending: str, program: Program, variables: dict[str, str]) -> None:
    """Exit statuses, deaths by signal and tracebacks are those of a plain run."""
    assert_transparent([str(program(ending))], variables)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_from_outside_ends_the_program_as_ever(
    number: signal.Signals, program: Program, variables: dict[str, str]
) -> None:
    """The status after a signal sent to the process that the shell started is the plain one."""
    script = program("import time\nprint('ready', flush=True)\ntime.sleep(30)")

    def status(start: list[str]) -> int:
        with subprocess.Popen(
            [*start, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=variables
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(number)
            return process.wait(30)

    assert status(RECORDED) == status(PYTHON) == -number


def test_handlers_of_the_program_are_asked_first(program: Program, variables: dict[str, str]) -> None:
    """A program that handles a signal decides what comes of it."""
    script = program(
        """
        import os, signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(42))
        os.kill(os.getpid(), signal.SIGTERM)
        """
    )
    assert assert_transparent([str(script)], variables)[0] == 42


def test_standard_input_flows_through(program: Program, variables: dict[str, str]) -> None:
    """What is piped in arrives whole and in order."""
    script = program("import sys\ndata = sys.stdin.read()\nprint(len(data), data[-5:])")
    assert assert_transparent([str(script)], variables, input="x" * 300_000 + "end")[1] == "300003 xxend\n"


def test_a_program_can_come_from_standard_input(variables: dict[str, str]) -> None:
    """`-` reads the program itself, as Python does."""
    assert_transparent(["-", "a"], variables, input="import sys; print(sys.argv)")


def test_code_runs_with_its_arguments(variables: dict[str, str]) -> None:
    """`-c` takes code and passes on what follows."""
    assert_transparent(["-c", "import sys; print(sys.argv, __name__)", "--tag", "x"], variables)


def test_modules_run_as_modules(tmp_path: Path, variables: dict[str, str]) -> None:
    """`-m` runs a package's `__main__` with its package set and the working directory on the path."""
    package = tmp_path / "crew"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text("import sys\nprint(__name__, __package__, sys.argv, sys.path[:2])")
    assert_transparent(["-m", "crew", "--name", "x"], variables, cwd=tmp_path)


def test_a_missing_module_is_reported_by_python(variables: dict[str, str]) -> None:
    """The message and status for a module that is not there are Python's."""
    assert assert_transparent(["-m", "no_such_module_at_all"], variables)[0] == 1


def test_folders_with_a_main_run(tmp_path: Path, variables: dict[str, str]) -> None:
    """A folder that Python could run can be recorded."""
    (tmp_path / "__main__.py").write_text("import sys; print(sys.argv, sys.path[0])")
    assert_transparent([str(tmp_path), "x"], variables)


def test_the_users_sitecustomize_still_runs(program: Program, tmp_path: Path, variables: dict[str, str]) -> None:
    """A `sitecustomize` of the user is loaded as if ours did not exist, and may fail as it would."""
    folder = tmp_path / "site"
    folder.mkdir()
    custom = folder / "sitecustomize.py"
    custom.write_text("import builtins\nbuiltins.greeting = __file__")
    script = program("import sitecustomize\nprint(greeting, sitecustomize.__file__, sitecustomize.__spec__.origin)")
    changed = {**variables, "PYTHONPATH": str(folder)}
    assert assert_transparent([str(script)], changed)[1] == f"{custom} {custom} {custom}\n"
    custom.write_text("raise RuntimeError('broken on purpose')")
    recorded = run.environment(changed, name="x", tags=[])  # without the launcher, a Python that would fail alike
    plain = outcome(PYTHON, ["-c", "print('went on')"], changed)
    assert outcome(PYTHON, ["-c", "print('went on')"], recorded) == plain
    assert plain[:2] == (0, "went on\n")


def test_without_a_sitecustomize_there_is_none(variables: dict[str, str]) -> None:
    """The program cannot import the `sitecustomize` that started the recording."""
    plain = assert_transparent(
        ["-c", "import sys; print('sitecustomize' in sys.modules)\nimport sitecustomize"], variables
    )
    if plain[0] == 0:
        pytest.skip("this Python brings a sitecustomize of its own")
    assert plain[1] == "False\n"


def test_pythonpath_of_the_user_keeps_its_meaning(tmp_path: Path, variables: dict[str, str]) -> None:
    """Entries of PYTHONPATH, empty ones included, are on the path where they would be."""
    for value in (str(tmp_path), f"{tmp_path}:", ":", f"a::{tmp_path}", ""):
        assert_transparent(["-c", "import sys; print(sys.path)"], {**variables, "PYTHONPATH": value}, cwd=tmp_path)


def test_child_pythons_are_started_alike(program: Program, variables: dict[str, str]) -> None:
    """A Python that the program starts goes through the same door and answers as it would."""
    script = program(
        """
        import subprocess, sys
        child = "import sys; print(sys.path); sys.exit(5)"
        done = subprocess.run([sys.executable, "-c", child], stdout=subprocess.PIPE)
        print(done.returncode, done.stdout)
        """
    )
    assert_transparent([str(script)], variables)
    inner = "import os; print(os.environ['PYTHONPATH'].split(os.pathsep)[0])"
    assert execute(RECORDED, ["-c", inner], variables).stdout.strip() == str(run.BOOTSTRAP)


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_multiprocessing_works(method: str, program: Program, variables: dict[str, str]) -> None:
    """Pools of every start method give their results."""
    script = program(
        f"""
        import multiprocessing
        def double(number):
            return number * 2
        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(2) as pool:
                print(pool.map(double, range(5)))
        """
    )
    assert assert_transparent([str(script)], variables)[1] == "[0, 2, 4, 6, 8]\n"


def test_programs_other_than_python_run_themselves(tmp_path: Path, variables: dict[str, str]) -> None:
    """An executable file, or a name on the PATH, is executed as it is."""
    script = tmp_path / "start.sh"
    script.write_text('#!/bin/sh\necho "$0" "$@"\nexit 3\n')
    script.chmod(0o755)
    done = execute(RECORDED, ["./start.sh", "-x", "y"], variables, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, f"{script} -x y\n")
    assert execute(RECORDED, ["--", "echo", "--name"], variables).stdout == "--name\n"
    assert execute(RECORDED, ["sh", "-c", "kill -TERM $$"], variables).returncode == -signal.SIGTERM


def test_pipes_end_other_programs_as_ever(variables: dict[str, str]) -> None:
    """A program that writes into a closed pipe dies of it, rather than inheriting Python's ignoring of SIGPIPE."""
    with subprocess.Popen(
        [*RECORDED, "sh", "-c", "while :; do echo x; done"], stdout=subprocess.PIPE, env=variables
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"x\n"
        process.stdout.close()
        assert process.wait(30) == -signal.SIGPIPE


def test_the_process_stays_the_same_one(variables: dict[str, str]) -> None:
    """The program has the process id that the shell started: job control and supervisors see one process."""
    with subprocess.Popen(
        [*RECORDED, "-c", "import os; print(os.getpid())"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=variables,
    ) as process:
        assert process.communicate(timeout=60)[0] == f"{process.pid}\n".encode()


def test_a_recorder_that_cannot_load_stops_nothing(tmp_path: Path, variables: dict[str, str]) -> None:
    """Where agentops cannot be imported the program runs, and the process asked to record says so, not its children."""
    broken = tmp_path / "agentops"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('broken on purpose')")
    code = textwrap.dedent(
        f"""
        import os, sys
        os.environ["AGENTOPS_RUN"] = str(os.getpid())
        os.environ["PYTHONPATH"] = {str(run.BOOTSTRAP)!r} + os.pathsep + {str(tmp_path)!r}
        code = "import subprocess, sys; print(1, flush=True); subprocess.run([sys.executable, '-c', 'print(2)'])"
        os.execv(sys.executable, [sys.executable, "-c", code])
        """
    )
    done = execute(PYTHON, ["-c", code], variables)
    assert (done.returncode, done.stdout) == (0, "1\n2\n")
    assert done.stderr == f"agentops: not recorded, as {sys.executable} cannot import agentops: broken on purpose\n"


@pytest.mark.parametrize(
    ("written", "own", "program"),
    [
        (["x.py", "--name", "y"], [], ["x.py", "--name", "y"]),
        (["--name", "n", "-t", "a", "-tb", "x.py", "-t"], ["--name", "n", "-t", "a", "-tb"], ["x.py", "-t"]),
        (["--name=n", "-m", "mod", "--name", "y"], ["--name=n"], ["-m", "mod", "--name", "y"]),
        (["-mmod", "x"], [], ["-mmod", "x"]),
        (["-c", "pass", "-h"], [], ["-c", "pass", "-h"]),
        (["-t", "a", "--", "--odd"], ["-t", "a"], ["--odd"]),
        (["-", "x"], [], ["-", "x"]),
        (["--help"], ["--help"], []),
    ],
)
def test_own_options_end_where_the_program_begins(written: list[str], own: list[str], program: list[str]) -> None:
    """The first word that is no option of ours, `-m`, `-c`, `-` or `--` begins the program."""
    assert run.split(written, {"-n", "--name", "-t", "--tag"}) == (own, program)


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (["agents/my_agent.py", "x"], "my_agent"),
        (["-m", "crew.main"], "crew.main"),
        (["-mcrew"], "crew"),
        (["-c", "pass"], "python"),
        (["-"], "python"),
        (["pytest", "tests"], "pytest"),
        (["python3.11", "-X", "dev", "my_agent.py"], "my_agent"),
        (["/usr/bin/python", "-m", "crew"], "crew"),
        (["python"], "python"),
    ],
)
def test_a_session_is_called_after_its_program(program: list[str], name: str) -> None:
    """Nobody has to name anything."""
    assert run.session_name(program) == name


def test_settings_reach_the_program_by_its_environment() -> None:
    """Name and tags join what was already set there."""
    given = {"PYTHONPATH": "/x", "AGENTOPS_DEFAULT_TAGS": "a,b", "HOME": "/h"}
    assert run.environment(given, name="n", tags=["b", "c"]) == {
        "HOME": "/h",
        "PYTHONPATH": f"{run.BOOTSTRAP}{os.pathsep}/x",
        "AGENTOPS_DEFAULT_TAGS": "a,b,c",
        "AGENTOPS_TRACE_NAME": "n",
        "AGENTOPS_RUN": str(os.getpid()),
    }


def test_a_program_that_is_not_there_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message offers the file that was probably meant."""
    (tmp_path / "my_agent.py").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        click.UsageError, match=r"No file and no program is named 'my_agnet.py'. Did you mean 'my_agent.py'"
    ):
        run.command_line(["my_agnet.py"])


def test_starting_adds_no_perceptible_time(variables: dict[str, str]) -> None:
    """The launcher loads neither rich nor OpenTelemetry nor a plugin."""
    code = textwrap.dedent(
        """
        import atexit, sys
        from agentops.cli.main import main
        heavy = ("rich", "opentelemetry", "pluggy", "agentops_plugins", "requests", "msgspec")
        atexit.register(lambda: print([name for name in heavy if name in sys.modules]))
        sys.argv = ["agentops", "run", "--help"]
        main()
        """
    )
    assert execute(PYTHON, ["-c", code], variables).stdout.splitlines()[-1] == "[]"
