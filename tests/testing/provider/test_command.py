"""The provider as a command, with the example programs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[3] / "examples"
COMMAND = [sys.executable, "-m", "agentops.testing.provider"]


def test_a_program_runs_against_a_script_unchanged() -> None:
    """Its output is what the script says, its error is its own, and its exit code comes through."""
    program = [sys.executable, str(EXAMPLES / "plain_script.py")]
    done = subprocess.run(
        [*COMMAND, "--script", "plain_script", "--", *program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "A tide is forecast for a century ahead, a gust of wind for a few days.",
        "Found: Tidal power",
        "Not found: 503 Service Unavailable",
        "Twice a day the sea comes in,",
        "turns a wheel, and leaves again.",
        "The lamp stays on.",
    ]


def test_exit_codes_come_through() -> None:
    """The command's own status is the status."""
    program = [sys.executable, "-c", "raise SystemExit(7)"]
    assert subprocess.run([*COMMAND, "--", *program], timeout=60, check=False).returncode == 7


def test_it_serves_until_it_is_told_to_stop() -> None:
    """Alone it prints the environment and ends by SIGTERM without a trace."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        assert serving.stderr is not None
        first = serving.stdout.readline()
        os.kill(serving.pid, signal.SIGTERM)
        assert serving.stderr.read() == ""
        assert serving.wait(timeout=20) == 0
    assert first.startswith("export OPENAI_BASE_URL=http://127.0.0.1:")


def test_a_provider_left_open_does_not_hold_its_program() -> None:
    """A program that forgets to close it ends all the same, a waiting client or not."""
    program = (
        "import socket; from agentops.testing.provider import Provider; provider = Provider().start();"
        "waiting = socket.create_connection(('127.0.0.1', int(provider.url.rpartition(':')[2])))"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=60, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
