"""Real programs write with capture, to the byte, what they write without; and what they wrote is there afterwards."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from capture_samples import PROGRAMS, assert_same_output, outcome, stored, text_of, variables

from agentops.delivery.adoption import adopt
from agentops.domain.spans import LogSource
from agentops.store.sqlite import SqliteStore

OUT, ERR, LOGGING = LogSource.STDOUT, LogSource.STDERR, LogSource.LOGGING


@pytest.mark.parametrize("flags", [(), ("-u",)])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1:replace", "ascii:surrogateescape", "utf-8:strict"])
def test_every_way_of_writing_gives_the_same_bytes(flags: tuple[str, ...], encoding: str, tmp_path: Path) -> None:
    """On both streams, with the same status and the same traceback, whatever the encoding."""
    _, out, err = assert_same_output("everything.py", tmp_path, *flags, PYTHONIOENCODING=encoding)
    assert b"plain|1|None" in out
    assert b"raw bytes" in out or b"UnicodeEncodeError" in err


def test_everything_written_is_there_afterwards(tmp_path: Path) -> None:
    """As text, in order, once; what goes around Python's streams is not."""
    _, out, err = outcome("everything.py", tmp_path, captured=True, environment={"PYTHONIOENCODING": "utf-8"})
    records = stored(tmp_path)
    captured = text_of(records, OUT)
    missing = {"from a child\n", "around all of it\n"}
    written = [
        line for line in out.decode("utf-8", "backslashreplace").splitlines(keepends=True) if line not in missing
    ]
    overtaken = "text that stays behindbytes that overtake it\n\n"
    assert overtaken in captured
    expected = "".join(written).replace("bytes that overtake it\ntext that stays behind\n", overtaken)
    long = "y" * 200_000
    assert captured == expected.replace(long, f"{long[:65536]}… [134464 characters cut]")
    logged = [record.body for record in records if record.source is LOGGING]
    assert logged == ["logged once", "with an exception", "caught", '%d ["no number"]']
    said = text_of(records, ERR)
    assert said.startswith("on stderr\nno newline, ")
    assert "--- Logging error ---\n" in said
    assert "logged once" not in said
    assert "LookupError: the end" in err.decode()


def test_many_threads_write_the_same_lines(tmp_path: Path) -> None:
    """Not one is lost, torn or doubled, neither on the streams nor in what was captured.

    Without buffers, as Python before 3.13 loses lines by itself where several threads fill the buffer of one stream
    (https://github.com/python/cpython/issues/119506).
    """
    _, out, err = outcome("crowd.py", tmp_path, "-u", captured=True)
    wanted = {
        name: {f"{name} {number:02d} {count:04d}" for number in range(16) for count in range(1000)}
        for name in ("out", "err")
    }
    assert Counter(out.decode().splitlines()) == Counter(wanted["out"])
    assert Counter(err.decode().splitlines()) == Counter(wanted["err"])
    records = stored(tmp_path)
    assert Counter(text_of(records, OUT).splitlines()) == Counter(wanted["out"])
    assert Counter(text_of(records, ERR).splitlines()) == Counter(wanted["err"])


def on_a_terminal(program: str, directory: Path, *, captured: bool) -> tuple[int, bytes]:
    """How a program ended and what it wrote to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, str(PROGRAMS / program)],
        stdout=theirs,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
        env=variables(directory, captured=captured),
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # nobody holds the other end any more
                break
            if not piece:
                break
            written += piece
        os.close(ours)
        return process.wait(60), written


def test_a_terminal_gets_the_same_bytes(tmp_path: Path) -> None:
    """In the same order, stdout and stderr together."""
    plain = on_a_terminal("everything.py", tmp_path / "plain", captured=False)
    assert on_a_terminal("everything.py", tmp_path / "captured", captured=True) == plain
    assert b" True " in plain[1]


@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-", ">/dev/full", "2>/dev/full", ">/dev/null 2>&1"])
def test_streams_that_are_closed_or_full_stay_so(redirection: str, tmp_path: Path) -> None:
    """The status says so, with capture as without."""

    def status(*, captured: bool) -> tuple[int, bytes]:
        done = subprocess.run(
            f"{sys.executable} {PROGRAMS / 'closed.py'} {redirection}",
            shell=True,
            capture_output=True,
            env=variables(tmp_path / str(captured), captured=captured),
            timeout=60,
            check=False,
        )
        return done.returncode, done.stderr

    assert status(captured=True) == status(captured=False)


def test_a_pipe_that_breaks_breaks_the_program_the_same_way(tmp_path: Path) -> None:
    """With the same error; whether the last flush fails as well is a matter of what was left in which buffer."""

    def last_words(*, captured: bool) -> tuple[bytes, bytes]:
        with subprocess.Popen(
            [sys.executable, str(PROGRAMS / "pipe_breaks.py")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=variables(tmp_path / str(captured), captured=captured),
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            first = process.stdout.read(20)
            process.stdout.close()
            said = process.stderr.read()
            assert process.wait(60) in {1, 120}
            return first, said.partition(b"Exception ignored")[0]

    plain = last_words(captured=False)
    assert last_words(captured=True) == plain
    assert plain[1].endswith(b"BrokenPipeError: [Errno 32] Broken pipe\n")


def test_what_was_written_before_a_kill_is_there(tmp_path: Path) -> None:
    """Whole lines, in the span in which the program died."""
    status, _, _ = outcome("dies.py", tmp_path, captured=True)
    assert status == -signal.SIGKILL
    with SqliteStore(tmp_path / "agentops.db") as store:
        adopt(tmp_path, store)
        (session,) = store.sessions()
        records = list(store.logs(session.session_id))
        span = next(span for span in store.spans(session.session_id) if span.name == "work")
    assert [(record.source, record.body, record.span_id) for record in records] == [
        (OUT, "before the end\n", span.span_id),
        (LOGGING, "a warning", span.span_id),
        (ERR, "a line\n", span.span_id),
    ]


def test_a_forked_child_writes_into_the_same_session(tmp_path: Path) -> None:
    """What its parent had begun stays the parent's."""
    assert_same_output("forks.py", tmp_path)
    with SqliteStore(tmp_path / "captured" / "agentops.db") as store:
        adopt(tmp_path / "captured", store)
        (session,) = store.sessions()
        records = list(store.logs(session.session_id))
    assert sorted(record.body for record in records) == [
        " and whole\n",
        "child\n",
        "child's half",
        "child's own\n",
        "parent after\n",
        "parent before\n",
        "the parent's half",
    ] or sorted(record.body for record in records) == [
        "child\n",
        "child's half",
        "child's own\n",
        "parent after\n",
        "parent before\n",
        "the parent's half and whole\n",
    ]


def test_every_line_lands_once_in_its_session_and_span(tmp_path: Path) -> None:
    """Of twenty sessions, thirty-two threads and a thousand tasks at once."""
    status, _, err = outcome("crossing.py", tmp_path, captured=True)
    assert (status, b"Traceback" in err) == (0, False)
    whole: Counter[str] = Counter()
    begun: Counter[str] = Counter()
    ends: Counter[tuple[str | None, str]] = Counter()
    for record in stored(tmp_path):
        found = re.fullmatch(r"(\S{36}) (\S{16}) (\d+)( whole\n)?", record.body)
        if found is None:
            ends[record.span_id, record.body] += 1
            continue
        assert (found[1], found[2]) == (record.session_id, record.span_id)
        (whole if found[4] else begun)[found[3]] += 1
    numbers = Counter(str(number) for number in range(1000))
    assert (whole, begun) == (numbers, numbers)
    assert set(ends.values()) == {1}
    assert Counter(body for _, body in ends) == Counter({" done\n": 1000, " and on\n": 1000})
