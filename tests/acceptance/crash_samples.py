"""Programs that are killed, and what must be in the store afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from agentops.delivery.adoption import adopt
from agentops.domain.genai import Text
from agentops.domain.spans import SpanRecord, SpanStatus
from agentops.store.protocol import SessionSummary
from agentops.store.sqlite import SqliteStore

PROGRAMS = Path(__file__).parent / "programs"
SOAK = bool(os.environ.get("AGENTOPS_SOAK"))
PATIENCE = 60.0


def start(program: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    """One of the programs, with what it reads and prints."""
    return subprocess.Popen(
        [sys.executable, str(PROGRAMS / program), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def come_back(path: Path) -> list[tuple[str, str]]:
    """The calls that came back: kind and name of each; what is half written was not told of."""
    if not path.exists():
        return []
    lines = path.read_text().splitlines(keepends=True)
    return [(kind, name) for kind, name in (line.split() for line in lines if line.endswith("\n"))]


def wait_for_calls(path: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until so many calls have come back."""
    deadline = time.monotonic() + PATIENCE
    while len(come_back(path)) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)


@dataclass
class Found:
    """What is in the store."""

    spans: list[SpanRecord]
    sessions: list[SessionSummary]
    lost: int
    ended: Counter[tuple[str, str]] = field(init=False)
    interrupted: Counter[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        """Tell spans by the names of their calls."""
        self.ended, self.interrupted = Counter(), Counter()
        for span in self.spans:
            name = name_of(span)
            if name is not None:
                found = self.interrupted if span.status is SpanStatus.INTERRUPTED else self.ended
                found[str(span.kind), name] += 1


def name_of(span: SpanRecord) -> str | None:
    """The name of the call that a span is; None for others."""
    if span.request is not None and span.request.messages:
        (part,) = span.request.messages[-1].parts
        return part.content if isinstance(part, Text) else None
    match span.input:
        case {"name": str(name)} if span.name != "ask":
            return name
        case _:
            return None


def take_in(folder: Path) -> Found:
    """Adopt what dead processes left, and look."""
    with SqliteStore(folder / "agentops.db") as store:
        adopt(folder, store)
        sessions = store.sessions(limit=10_000)
        spans = [span for each in sessions for span in store.spans(each.session_id)]
        return Found(spans, sessions, sum(drop.count for drop in store.health().drops))


def check(found: Found, calls: list[tuple[str, str]]) -> None:
    """Everything that came back is there, once; nothing runs any more; each session says where it stopped."""
    assert calls
    missing = [call for call in calls if found.ended[call] != 1]
    assert missing == []
    assert {call: count for call, count in found.ended.items() if count != 1} == {}
    assert SpanStatus.RUNNING not in {span.status for span in found.spans}
    for session in found.sessions:
        assert (session.state, session.interrupted) == ("INDETERMINATE", True)
        assert innermost(found, session.session_id) in (session.end_state_reason or "")


def innermost(found: Found, session_id: str) -> str:
    """How the latest open span of a session that had no open span inside is told of."""
    open_spans = [
        span
        for span in found.spans
        if span.session_id == session_id and span.status is SpanStatus.INTERRUPTED and span.kind != "session"
    ]
    parents = {span.parent_id for span in open_spans}
    leaves = [span for span in open_spans if span.span_id not in parents]
    if not leaves:
        return "interrupted: the process ended"
    last = max(leaves, key=lambda span: span.start)
    return f"in {last.kind} {last.name!r}"


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a program and see it gone."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
