"""Runs a program of a framework against a model on this machine, and reads what was recorded of it.

What a framework brings, each named as in the `program` of its `tests/matrix/libraries/<plugin>.toml`:

- `programs/<name>.py`: the program as a user would write it. It knows nothing of agentops, and says in the end what
  came of it. Two agents, one tool that is called twice: for Paris it works, for Atlantis it fails.
- `trees/<name>.txt`: the spans that are expected. `WRITE_TREES=1` writes it anew, to be read before it is committed.
  Where a set of versions gives another tree, that is in `trees/<name>-<set>.txt`, and `make matrix` compares with it.
- `scripts/<name>.py`, where `scripts/research.py` does not do: a function `answer` from the provider's
  `ReceivedRequest` to its `Turn`.
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from agentops.domain.spans import MODEL_KINDS, SpanRecord, SpanStatus
from agentops.store.sqlite import SqliteStore
from agentops.testing import Provider, ReceivedRequest, Turn
from agentops.testing.outline import drawn, line_of
from agentops.testing.provider.exchange import Exchange

HERE = Path(__file__).parent
LIBRARIES = HERE.parent / "matrix" / "libraries"
DEFAULT_SCRIPT = "research"
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: what a framework tells its makers goes no further."""

SILENT = {
    "AGNO_TELEMETRY": "false",
    "ANONYMIZED_TELEMETRY": "False",
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_TRACKING": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "MEM0_TELEMETRY": "False",
    "POSTHOG_DISABLED": "1",
    "SCARF_NO_ANALYTICS": "true",
}
"""Nobody is told, and nothing is looked up, while a program runs."""


@dataclass(frozen=True)
class Framework:
    """A framework with a program, as its file in `tests/matrix/libraries` says.

    Attributes:
        program: what the program is called.
        requires: distributions without which it does not run.
    """

    program: str
    requires: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """The distributions that are not installed here."""
        return [name for name in self.requires if not _is_installed(name)]

    @property
    def tree(self) -> Path:
        """Where the expected spans are written, for the set of versions that is being run."""
        own = HERE / "trees" / f"{self.program}-{os.environ.get('MATRIX_SET', '')}.txt"
        return own if own.exists() else HERE / "trees" / f"{self.program}.txt"


@dataclass
class Ledger:
    """What the provider answered: how many model calls, with how many tokens."""

    answer: Callable[[ReceivedRequest], Turn]
    calls: int = 0
    tokens: int = 0
    _lock: Lock = field(default_factory=Lock)

    def turn_for(self, request: ReceivedRequest) -> Turn:
        """The script's answer to a request, counted if it is one."""
        with self._lock:
            turn = self.answer(request)
            if turn.fault is None and "count" not in request.path.lower():
                usage = Exchange(request, turn, 0).usage
                self.calls += 1
                self.tokens += (usage.input_total if "embed" in request.path.lower() else usage.total) or 0
        return turn


@dataclass(frozen=True)
class Outcome:
    """How a run of a program went.

    Attributes:
        code: its exit code.
        out: what it said.
        err: what it said on stderr.
        ledger: what the provider counted.
        spans: what was recorded of it; nothing where it ran without agentops.
    """

    code: int
    out: str
    err: str
    ledger: Ledger
    spans: list[SpanRecord]

    @property
    def counted(self) -> tuple[int, int]:
        """The model calls that were answered and their tokens, as recorded."""
        calls = [span for span in self.spans if span.kind in MODEL_KINDS and span.status is SpanStatus.OK]
        return len(calls), sum(map(_tokens_of, calls))

    @property
    def tree(self) -> str:
        """The spans as text: kind, name, model and tokens of each, and how it ended if not well."""
        return drawn(self.spans, _line) + "\n"


def frameworks() -> list[Framework]:
    """Every framework that has a program; under `make matrix` the one whose set is run."""
    found: dict[str, Framework] = {}
    for file in sorted(LIBRARIES.glob("*.toml")):
        said = tomllib.loads(file.read_text(encoding="utf-8"))
        if said.get("program") and os.environ.get("MATRIX_PROGRAM", said["program"]) == said["program"]:
            newest = said["sets"]["newest"]["requires"]
            names = tuple(re.split(r"[\s\[<>=!~;]", requirement)[0] for requirement in newest)
            found[said["program"]] = Framework(said["program"], names)
    return list(found.values())


def run(framework: Framework, folder: Path, *, recorded: bool = True) -> Outcome:
    """Run a framework's program in a folder of its own, with `agentops run` or plainly."""
    folder.mkdir()
    shutil.copy(HERE / "programs" / f"{framework.program}.py", folder / "program.py")
    ledger = Ledger(_answer_of(framework.program))
    with Provider(ledger.turn_for) as provider:
        done = subprocess.run(
            [sys.executable, *(["-m", "agentops.cli", "run"] if recorded else []), "program.py"],
            cwd=folder,
            env=_environment(provider, folder),
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
    return Outcome(done.returncode, done.stdout, done.stderr, ledger, _spans(folder))


def _environment(provider: Provider, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    proxies = {f"{scheme}_proxy": NOWHERE for scheme in ("http", "https")}
    return {
        **kept,
        **proxies,
        **{name.upper(): value for name, value in proxies.items()},
        **SILENT,
        **provider.environment(),
        "AGENTOPS_DIR": str(folder / "agentops"),
        "AGENTOPS_LOG_LEVEL": "DEBUG",
        "HOME": str(folder),
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
    }


def _spans(folder: Path) -> list[SpanRecord]:
    database = folder / "agentops" / "agentops.db"
    if not database.exists():
        return []
    with SqliteStore(database) as store:
        sessions = sorted(store.sessions(), key=lambda session: session.start)
        return [span for session in sessions for span in store.spans(session.session_id)]


def _answer_of(program: str) -> Callable[[ReceivedRequest], Turn]:
    """The script of a program."""
    path = HERE / "scripts" / f"{program}.py"
    path = path if path.exists() else path.with_name(f"{DEFAULT_SCRIPT}.py")
    specification = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
    assert specification is not None
    assert specification.loader is not None
    module: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.answer


def _line(span: SpanRecord) -> str:
    words = [line_of(span)]
    usage = span.response.usage if span.response is not None else None
    if span.kind in MODEL_KINDS and usage is not None:
        words.append(f"· {usage.input_total} tokens in, {usage.output_total} out")
    return " ".join(words)


def _tokens_of(span: SpanRecord) -> int:
    usage = None if span.response is None else span.response.usage
    return 0 if usage is None else usage.total or 0


def _is_installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
