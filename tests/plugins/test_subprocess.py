"""The plugin for `subprocess`: programs that a session starts, followed to their end where the program waits for it."""

import asyncio
import ctypes.util
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import agentops
from agentops.domain.genai import Operation, Request
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.instrumentation.emitter import SpanEmitter
from agentops.recording.context import suppressed
from agentops.testing import Recording, record
from agentops_plugins.subprocess import INSTRUMENTATION

PROGRAM = Path(sys.executable).name
SAYS = [sys.executable, "-c", "print('hello')"]


@pytest.fixture(name="recording")
def observe_subprocess() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


def seen(recording: Recording, work: Callable[[], Any]) -> SpanRecord:
    """The only program that this starts, in a span of the session."""
    with agentops.span("work"):
        work()
    work_span, span = recording.spans()
    assert span.parent_id == work_span.span_id
    return span


def test_a_program_is_a_tool_call(recording: Recording) -> None:
    """By its name, with its command line, what it said and how it ended."""
    span = seen(recording, lambda: subprocess.run(SAYS, capture_output=True, text=True, check=True, cwd="/"))
    assert (span.kind, span.name, span.status) == (SpanKind.TOOL, PROGRAM, SpanStatus.OK)
    assert span.input == {"command": SAYS, "cwd": "/"}
    assert span.output == {"exit_code": 0, "stdout": "hello\n"}
    assert span.attributes == {"process.executable.name": PROGRAM, "process.exit.code": 0}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("true", "true"),
        ("A=1 B=2 true --flag", "true"),
        (["/bin/true"], "true"),
        (("true", "x"), "true"),
        ([b"true"], "true"),
        (Path("/bin/true"), "true"),
    ],
    ids=str,
)
def test_programs_are_known_by_name(recording: Recording, command: Any, name: str) -> None:
    """However the command line is given."""
    is_line = isinstance(command, str)
    assert seen(recording, lambda: subprocess.call(command, shell=is_line)).name == name


def test_what_a_program_printed_as_bytes_is_legible(recording: Recording) -> None:
    """As text, where it is."""
    span = seen(recording, lambda: subprocess.check_output(SAYS))
    assert span.output == {"exit_code": 0, "stdout": "hello\n"}


def test_an_exit_code_is_no_failure_unless_it_is_checked(recording: Recording) -> None:
    """It is the program's to judge; the exception is, where it wants one."""
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    with agentops.span("work"):
        subprocess.run(command, check=False)
        with pytest.raises(subprocess.CalledProcessError):
            subprocess.run(command, check=True)
    judged, raised = recording.spans()[1:]
    assert (judged.status, judged.attributes["process.exit.code"]) == (SpanStatus.OK, 3)
    assert raised.status is SpanStatus.ERROR


def test_a_program_that_is_not_there_is_an_error(recording: Recording) -> None:
    """As the operating system says it."""
    with agentops.span("work"), pytest.raises(FileNotFoundError):
        subprocess.run(["/nowhere/program"], check=False)
    span = recording.span("program")
    assert span.error is not None
    assert span.error.type == "FileNotFoundError"


def test_a_program_that_runs_on_is_seen_when_it_starts(recording: Recording) -> None:
    """With its number."""

    def work() -> None:
        with subprocess.Popen(SAYS, stdout=subprocess.DEVNULL) as process:
            pids.append(process.pid)

    pids: list[int] = []
    span = seen(recording, work)
    assert (span.name, span.output) == (PROGRAM, {"pid": pids[0]})


def test_programs_of_asyncio_are_seen(recording: Recording) -> None:
    """They start like the others."""

    async def work() -> bytes:
        process = await asyncio.create_subprocess_exec(*SAYS, stdout=subprocess.PIPE)
        return (await process.communicate())[0]

    assert seen(recording, lambda: asyncio.run(work())).input == {"command": SAYS}


def test_secrets_on_a_command_line_are_not_kept(recording: Recording) -> None:
    """They are redacted like any other content."""
    key = "sk-proj-" + "a1B2" * 12
    span = seen(recording, lambda: subprocess.run([*SAYS, f"--api-key={key}"], stdout=subprocess.DEVNULL, check=True))
    assert key not in str(span)


def test_nobody_elses_programs_are_seen(recording: Recording) -> None:
    """Neither those of no session, nor our own, nor what a client starts for a model call."""
    subprocess.run(["true"], check=True)
    assert recording.sessions() == []
    with agentops.span("work"):
        with suppressed():
            subprocess.run(["true"], check=True)
        call = SpanEmitter("test").open(Request(operation=Operation.CHAT, provider="anthropic", model="claude"))
        call.stay()
        subprocess.run(["true"], check=True)
        call.finish()
    assert [span.name for span in recording.spans()] == ["work", "chat claude"]


def test_what_python_asks_the_machine_is_not_seen(recording: Recording) -> None:
    """Importing a library may look for another one; that is no work of the session."""
    with agentops.span("work"):
        ctypes.util.find_library("agentops-is-no-library")
        platform.uname().processor  # noqa: B018 - asks `uname` when it is read
    assert [span.name for span in recording.spans()] == ["work"]
