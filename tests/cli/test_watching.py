"""`tail` and the demo's view: sessions as they happen."""

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from cli_samples import (
    CREW,
    CREW_RECORDS,
    CREW_SESSION,
    CREW_SPANS,
    RUNNING_SESSION,
    RUNNING_SPANS,
    SECOND,
    START,
    span,
)
from click.testing import Result
from rich.console import Console

from agentops.cli.following import Telling, until_over
from agentops.cli.spectator import Spectator
from agentops.cli.terminal import THEME, output
from agentops.domain.spans import Record, SpanKind, SpanStatus
from agentops.store.sqlite import SqliteStore

Invoke = Callable[..., Result]
Fill = Callable[[Sequence[Record]], None]


def test_a_finished_session_is_told_from_its_beginning(invoke: Invoke, fill: Fill) -> None:
    """Spans by their ends, errors under them, the state and the counts last."""
    fill(CREW_RECORDS)
    shown = [line.rstrip() for line in invoke("tail", "last").stdout.splitlines()]
    assert shown == [
        f"research_crew  {CREW}",
        "09:12:03  ● llm chat gpt-4o-mini                                  820ms      1.2k → 360   $0.0004",
        "09:12:04  ● tool search                                           340ms",
        "09:12:04  ✖ tool search                                            12ms",
        "            HTTPError: HTTP Error 503: Service Unavailable",
        "09:12:05  ● agent researcher                                       2.8s",
        "09:12:07  ● llm messages claude-sonnet-4-6                         1.2s       268 → 243   $0.0044",
        "09:12:07  ● agent writer                                           1.2s",
        "09:12:07  ● research_crew                                          4.2s",
        "✔ succeeded",
        "Session Stats - Duration: 4.2s | Cost: $0.004861 | LLMs: 2 | Tools: 2 | Actions: 0 | Errors: 1",
    ]


def test_json_is_a_span_a_line(invoke: Invoke, fill: Fill) -> None:
    """For programs: ended spans, each once."""
    fill(CREW_RECORDS)
    told = [json.loads(line)["span_id"] for line in invoke("tail", CREW, "--json").stdout.splitlines()]
    assert sorted(told) == [record.span_id for record in CREW_SPANS]


def test_a_session_is_followed_to_its_end(data_directory: Path) -> None:
    """What another process writes meanwhile is told, and the end of the session ends the following."""
    data_directory.mkdir()
    with SqliteStore(data_directory / "agentops.db") as store:
        store.ingest([msgspec.structs.replace(CREW_SESSION, state="RUNNING", end=None, end_state=None)])

        def write() -> None:
            with SqliteStore(data_directory / "agentops.db") as writer:
                for record in CREW_SPANS:
                    writer.ingest([record])
                    time.sleep(0.01)
                writer.ingest([CREW_SESSION])

        writing = threading.Thread(target=write)
        writing.start()
        told = [record.span_id for records in until_over(store, CREW) for record in records]
        writing.join()
    assert sorted(told) == [record.span_id for record in CREW_SPANS]


def test_spans_are_news_when_they_end() -> None:
    """Agents, workflows and sessions are also news when they begin; the same twice is none."""
    telling = Telling()
    tool = span(1, SpanKind.TOOL, "t", 0, None, status=SpanStatus.RUNNING)
    agent = span(2, SpanKind.AGENT, "a", 0, None, status=SpanStatus.RUNNING)
    ended = [msgspec.structs.replace(record, end=START + SECOND, status=SpanStatus.OK) for record in (tool, agent)]
    told = [telling.is_news(record) for record in (tool, agent, agent, *ended, *ended, agent)]
    assert told == [False, True, False, True, True, False, False, False]


def test_control_c_ends_the_following_quietly(fill: Fill, data_directory: Path) -> None:
    """Exit status 0 and no traceback: stopping is how following ends."""
    fill([RUNNING_SESSION, *RUNNING_SPANS])
    with subprocess.Popen(
        [sys.executable, "-m", "agentops.cli", "tail", "steady"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("steady")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")


PROGRAM = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    import msgspec
    from cli_samples import CREW_SESSION, CREW_SPANS, KILLED_SESSION, KILLED_SPANS
    from agentops.store.sqlite import SqliteStore
    print("\\x1b[31mworking\\x1b[0m", flush=True)
    print("a remark", file=sys.stderr, flush=True)
    with SqliteStore(Path(os.environ["AGENTOPS_DIR"]) / "agentops.db") as store:
        store.ingest([msgspec.structs.replace(KILLED_SESSION, process_id=1), *KILLED_SPANS])
        store.ingest([msgspec.structs.replace(CREW_SESSION, process_id=os.getpid()), *CREW_SPANS])
    print("no newline at the end", end="")
    sys.exit(3)
    """
)
"""A program that records a session of its own, while another program records too."""


def watch(data_directory: Path, console: Console) -> tuple[int, str | None]:
    """Run the program under a spectator; its status, and the session that was watched."""
    with SqliteStore(data_directory / "agentops.db") as store:
        spectator = Spectator(store, console, name="program")
        status = spectator.watch(
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
            )
        )
        session = spectator.session
    return status, session and session.session_id


def test_a_program_is_watched_in_plain_lines(data_directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal: the program's lines behind a bar, and its own session's spans, nobody else's."""
    assert watch(data_directory, output()) == (3, CREW)
    shown = capsys.readouterr().out
    assert "│ ␛[31mworking␛[0m\n" in shown
    assert "│ a remark\n" in shown
    assert "│ no newline at the end\n" in shown
    assert shown.count("● tool search") == 1
    assert shown.count("✖ tool search") == 1
    assert "sort_mail" not in shown


def test_a_program_is_watched_as_a_tree(data_directory: Path) -> None:
    """On a terminal: the tree with its counts, redrawn in place, gone at the end, the program's lines above it."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, height=30, theme=THEME)
    assert watch(data_directory, console) == (3, CREW)
    assert "a remark" in screen.getvalue()
