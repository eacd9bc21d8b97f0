"""Reading what was captured, and running programs with and without capture."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from agentops.domain.spans import LogRecord, LogSource
from agentops.store.sqlite import SqliteStore

PROGRAMS = Path(__file__).parent / "programs"


def text_of(records: Iterable[LogRecord], source: LogSource) -> str:
    """Everything that was captured of one source, in order."""
    return "".join(record.body for record in records if record.source is source)


def stored(directory: Path) -> list[LogRecord]:
    """What the store of a program holds, session after session."""
    with SqliteStore(directory / "agentops.db") as store:
        return [record for session in store.sessions() for record in store.logs(session.session_id)]


def variables(directory: Path, *, captured: bool, **more: str) -> dict[str, str]:
    """The environment of a program that records, with or without its output."""
    return {
        **os.environ,
        "AGENTOPS_DIR": str(directory),
        "AGENTOPS_CAPTURE_LOGS": str(captured).lower(),
        "AGENTOPS_LOG_LEVEL": "CRITICAL",  # our own lines are told by other tests
        "PYTHONUNBUFFERED": "",
        **more,
    }


def outcome(
    program: str, directory: Path, *flags: str, captured: bool, environment: Mapping[str, str] | None = None
) -> tuple[int, bytes, bytes]:
    """How a program of `programs` ended and what it wrote to its pipes."""
    done = subprocess.run(
        [sys.executable, *flags, str(PROGRAMS / program)],
        capture_output=True,
        env=variables(directory, captured=captured, **(environment or {})),
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def assert_same_output(program: str, tmp_path: Path, *flags: str, **environment: Any) -> tuple[int, bytes, bytes]:
    """A program ends and writes with capture exactly as without; gives what it did."""
    plain = outcome(program, tmp_path / "plain", *flags, captured=False, environment=environment)
    assert outcome(program, tmp_path / "captured", *flags, captured=True, environment=environment) == plain
    return plain
