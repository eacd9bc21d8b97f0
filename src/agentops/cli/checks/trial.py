"""A recording from end to end, in a folder of its own."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from agentops.cli import formats
from agentops.cli.checks.finding import Finding, broken, fine
from agentops.cli.opening import taking_in
from agentops.errors import AgentOpsError
from agentops.store import LOCAL_STORE
from agentops.store.sqlite import SqliteStore

_PROGRAM = "import agentops\n@agentops.tool\ndef probe():\n    return 'recorded'\nprobe()\n"
_PATIENCE = 30
_MATTERING = ("AGENTOPS_", "OTEL_")


def check_recording() -> Iterator[Finding]:
    """Whether a small program run with `agentops run` is found in the store afterwards."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="agentops-doctor-") as folder:
        try:
            done = _run(Path(folder))
            names = _recorded(Path(folder))
        except (subprocess.TimeoutExpired, OSError, AgentOpsError) as error:
            yield broken(f"a trial recording failed: {formats.one_line(str(error))}", _FIX)
            return
    if done.returncode == 0 and "probe" in names:
        yield fine(f"a trial program was recorded and read back in {formats.duration(time.monotonic() - started)}")
    else:
        said = formats.one_line(done.stderr.strip()) or "and said nothing"
        yield broken(f"a trial program was not recorded (exit status {done.returncode}): {said}", _FIX)


_FIX = "Install agentops again in this Python; if it stays, report it with the output of `agentops doctor --json`."


def _run(folder: Path) -> subprocess.CompletedProcess[str]:
    """The trial, with the settings that might break a recording but none that would send it anywhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_MATTERING)}
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "agentops.cli", "run", "-c", _PROGRAM],
        env={**kept, "AGENTOPS_DIR": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_PATIENCE,
        check=False,
    )


def _recorded(folder: Path) -> set[str]:
    with SqliteStore(folder / LOCAL_STORE) as store:
        taking_in(folder, store)
        return {span.name for session in store.sessions() for span in store.spans(session.session_id)}
