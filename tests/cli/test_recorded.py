"""What `agentops run` and `agentops demo` leave in the store, end to end."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from agentops.cli import demo

AGENTOPS = [sys.executable, "-m", "agentops.cli"]

AGENT = """
import os, sys, agentops

@agentops.tool
def look_up(word):
    return word.upper()

@agentops.agent
def clerk():
    return look_up("x")

clerk()
"""


def agentops(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*AGENTOPS, *words], capture_output=True, text=True, timeout=100, check=False, env={**os.environ, **variables}
    )


def shown(*words: str) -> dict[str, Any]:
    """The session that `show` means, as JSON."""
    return json.loads(agentops("show", "--json", *words).stdout)


@pytest.fixture(name="program")
def agent_program(tmp_path: Path) -> Path:
    """A program with an agent and a tool, and no word of recording."""
    path = tmp_path / "my_agent.py"
    path.write_text(AGENT)
    return path


def test_a_program_is_recorded_under_its_own_name(program: Path) -> None:
    """With its tags, its spans and how it ended."""
    done = agentops("run", "--tag", "one", "--tag", "two", str(program))
    assert (done.returncode, done.stdout) == (0, "")
    session = shown("last")
    assert session["session"]["name"] == "my_agent"
    assert session["session"]["tags"] == ["one", "two"]
    assert session["session"]["state"] == "SUCCEEDED"
    assert [span["name"] for span in session["spans"] if span["kind"] in {"agent", "tool"}] == ["clerk", "look_up"]
    assert session["analytics"]["Tool calls"] == 1


def test_a_session_can_be_named(program: Path) -> None:
    """The option wins over the script's name."""
    agentops("run", "--name", "nightly", str(program))
    assert shown("nightly")["session"]["name"] == "nightly"


def test_a_failing_program_is_a_failed_session(program: Path) -> None:
    """The exit status is the program's, and stands in the session."""
    program.write_text(AGENT + "\nsys.exit(7)\n")
    assert agentops("run", str(program)).returncode == 7
    session = shown("last")["session"]
    assert session["state"] == "FAILED"
    assert "7" in session["end_state_reason"]


def test_a_killed_program_is_shown_interrupted(program: Path) -> None:
    """After `kill -9` the next command that reads finds what was done, and the span it died in."""
    program.write_text(
        AGENT.replace("clerk()\n", "")
        + "agentops.init()\n"
        + textwrap.dedent(
            """
        @agentops.tool
        def hang():
            print("hanging", flush=True)
            import time
            time.sleep(60)

        @agentops.agent
        def waiter():
            look_up("y")
            hang()

        waiter()
        """
        )
    )
    with subprocess.Popen(
        [*AGENTOPS, "run", str(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"hanging\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    (session,) = json.loads(agentops("ls", "--json").stdout)
    assert session["interrupted"] is True
    lines = [line.strip(" │╰├─") for line in agentops("show", "last").stdout.splitlines()]
    assert [line.split("  ")[0] for line in lines if line.startswith(("●", "◌"))][-3:] == [
        "◌ agent waiter interrupted",
        "● tool look_up",
        "◌ tool hang interrupted",
    ]
    assert lines[[line.startswith("◌ tool hang") for line in lines].index(True) + 1] == "the process died here"


needs_clients = pytest.mark.skipif(
    find_spec("openai") is None or find_spec("anthropic") is None, reason="the demo needs openai and anthropic"
)


@needs_clients
def test_the_demo_records_a_crew() -> None:
    """Without a key or a network: live lines, the tree, the counts, and where to look next."""
    done = agentops("demo", "--fast", COLUMNS="120")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "$ agentops run " in done.stdout
    assert "│ 1. Which tidal power plants run today" in done.stdout
    assert "workflow research" in done.stdout
    assert "HTTPError" in done.stdout
    assert "LLMs: 12 | Tools: 5 | Actions: 0 | Errors: 1" in done.stdout
    session = shown("research_crew")
    short = session["session"]["session_id"][:8]
    assert f"agentops show {short} --full" in done.stdout
    assert session["session"]["tags"] == ["demo"]
    assert session["analytics"]["LLM calls"] == 12
    assert float(session["analytics"]["Cost"]) > 0


def test_the_live_demo_asks_for_missing_keys() -> None:
    """Exit status 1, naming the keys; nothing is run."""
    done = agentops("demo", "--live", OPENAI_API_KEY="x")
    assert done.returncode == 1
    assert "ANTHROPIC_API_KEY is not set" in done.stderr
    assert "OPENAI_API_KEY" not in done.stderr


def test_the_demos_program_is_found_in_a_checkout() -> None:
    """And is the very example of the repository."""
    assert demo.find_program().name == "research_crew.py"
    assert demo.find_program().is_file()
