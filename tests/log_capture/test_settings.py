"""Who says whether output is captured: `agentops run` does, unless somebody else has; elsewhere somebody has to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from capture_samples import stored

from agentops.testing.recording import Recording

PROGRAM = (
    "import sys, agentops\nagentops.init({arguments})\nprint('written')\nagentops.start_session(name='own').end()\n"
)
RUN = [sys.executable, "-m", "agentops.cli", "run"]


def captured(tmp_path: Path, start: list[str], *, arguments: str = "", pyproject: str = "", **variables: str) -> bool:
    """Whether a program's output was captured."""
    (tmp_path / "program.py").write_text(PROGRAM.format(arguments=arguments))
    if pyproject:
        (tmp_path / "pyproject.toml").write_text(pyproject)
    done = subprocess.run(
        [*start, "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "AGENTOPS_DIR": str(tmp_path / "recordings"), **variables},
        timeout=60,
        check=True,
    )
    assert done.stdout == "written\n"
    bodies = [record.body for record in stored(tmp_path / "recordings")]
    assert bodies in ([], ["written\n"])
    return bool(bodies)


def test_run_captures_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    """In the environment or in pyproject.toml."""
    own = "[tool.agentops]\ncapture_logs = "
    assert captured(tmp_path, RUN)
    for directory, answer in (("a", False), ("b", True)):
        (tmp_path / directory).mkdir()
        assert captured(tmp_path / directory, RUN, pyproject=own + str(answer).lower()) is answer
    (tmp_path / "c").mkdir()
    assert not captured(tmp_path / "c", RUN, AGENTOPS_CAPTURE_LOGS="false")


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        ("", {}, False),
        ("capture_logs=True", {}, True),
        ("", {"AGENTOPS_CAPTURE_LOGS": "yes"}, True),
        ("capture_logs=False", {"AGENTOPS_CAPTURE_LOGS": "yes"}, False),
    ],
)
def test_elsewhere_somebody_has_to_say_so(
    arguments: str, variables: dict[str, str], tmp_path: Path, *, expected: bool
) -> None:
    """As argument or in the environment."""
    assert captured(tmp_path, [sys.executable], arguments=arguments, **variables) is expected


def test_a_session_captures_when_it_is_told_to(recording: Recording, streams: object) -> None:
    """Nothing is captured where nobody asks."""
    del streams
    with recording.manager.make("silent"):
        print("unheard")
    assert recording.logs() == []
