"""The fixtures that every pytest run gets where agentops is installed."""

import subprocess
import sys
from pathlib import Path

from openai import OpenAI

from agentops.testing import Provider, Recording, Turn

HEAVY = {"opentelemetry", "msgspec", "wrapt", "requests", "rich", "click", "agentops.recording", "agentops.domain"}


def test_a_run_that_asks_for_nothing_imports_nothing() -> None:
    """Loading the plugin costs a test run next to nothing: no part of agentops but the plugin itself."""
    program = f"import sys, agentops.testing.pytest_plugin; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_a_test_sees_what_was_recorded_and_what_was_asked(
    agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """Both fixtures together: clients find the provider by their environment, and their calls are recorded."""
    loopback_provider.say(Turn("Four."))
    with OpenAI() as client:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Two and two?"}])
    assert agentops_recording.tree() == "session recording [running]\n  llm chat gpt-4o"
    span = agentops_recording.span()
    assert (span.span_id, span.cost) == ("0000000000000002", "0.00003")
    assert [request.last_message for request in loopback_provider.requests] == ["Two and two?"]


def test_the_fixtures_come_with_the_installation(tmp_path: Path) -> None:
    """A project of somebody else's has them without any configuration."""
    (tmp_path / "test_mine.py").write_text(
        "def test_mine(agentops_recording, loopback_provider):\n"
        "    assert agentops_recording.spans() == [] and loopback_provider.requests == []\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
