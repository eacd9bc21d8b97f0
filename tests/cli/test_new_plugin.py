"""`agentops plugins new`: what it writes works as it stands, and has teeth."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]

LIBRARY = "parley.client"


@pytest.fixture
def package(invoke: Invoke, tmp_path: Path) -> Path:
    """A package as it is written."""
    result = invoke("plugins", "new", LIBRARY, "--into", str(tmp_path))
    assert result.exit_code == 0, result.output
    return tmp_path / "agentops-parley-client"


@pytest.fixture
def environment(package: Path) -> dict[str, str]:
    """The environment of a Python in which it is installed, from no index."""
    site = package.parent / "site"
    line = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    run([*line, "--disable-pip-version-check", "--target", str(site), str(package)], package, dict(os.environ))
    return dict(os.environ) | {"PYTHONPATH": str(site), "NO_COLOR": "1"}


def run(line: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command, and give what it printed."""
    return subprocess.run(
        line, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def run_tests(package: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run the package's tests: the exit status, and what they printed."""
    plain = ("-q", "-W", "error", "-p", "no:randomly", "-p", "no:asyncio", "-p", "no:langsmith_plugin")
    done = run([sys.executable, "-m", "pytest", *plain, "-p", "no:cacheprovider"], package, environment)
    return done.returncode, done.stdout


def test_its_tests_pass_as_they_stand(package: Path, environment: dict[str, str]) -> None:
    """Installed, it is found, conforms in every situation, and reads what was recorded."""
    status, printed = run_tests(package, environment)
    assert status == 0, printed
    assert "11 passed" in printed
    listed = run([sys.executable, "-m", "agentops.cli", "plugins", "--only", LIBRARY, "--json"], package, environment)
    shown = json.loads(listed.stdout)
    assert [each["plugin"] for each in shown["libraries"]] == [LIBRARY]
    (report,) = [each for each in shown["plugins"] if each["name"] == LIBRARY]
    assert (report["distribution"], report["error"]) == ("agentops-parley-client", None)


def test_its_tests_notice_what_is_wrong(package: Path, environment: dict[str, str]) -> None:
    """A plugin that reads wrongly does not pass."""
    for plugin in (package / "agentops_parley_client.py", package.parent / "site" / "agentops_parley_client.py"):
        text = plugin.read_text(encoding="utf-8")
        plugin.write_text(text.replace('text(piece, "text") or ""', '""'), encoding="utf-8")
    status, printed = run_tests(package, environment)
    assert status == 1, printed
    for test in ("parley.client: stream answers", "test_a_stream_is_recorded_when_it_was_read"):
        assert test in printed


def test_it_says_what_is_to_be_replaced(package: Path) -> None:
    """In every file that is not the author's own yet, and no licence is chosen for the author."""
    files = {str(path.relative_to(package)): path.read_text(encoding="utf-8") for path in package.rglob("*.*")}
    assert {name for name, text in files.items() if "REPLACE" in text} == {
        "README.md", "agentops_parley_client.py", "pyproject.toml",
        "tests/stand_in/parley/client.py", "tests/test_conformance.py", "tests/test_recorded.py",
    }  # fmt: skip
    assert not any("licen" in text.lower() for text in files.values())
    assert not any("$" in text for name, text in files.items() if name.endswith((".py", ".toml", ".yaml")))


def test_nothing_is_overwritten(invoke: Invoke, package: Path) -> None:
    """What is there stays as it is, and the user is told."""
    (package / "README.md").write_text("mine")
    result = invoke("plugins", "new", LIBRARY, "--into", str(package.parent))
    assert result.exit_code == 1
    assert "is there already" in result.output
    assert (package / "README.md").read_text() == "mine"


@pytest.mark.parametrize(("name", "likely"), [("qdrant-client", "qdrant_client"), ("a b", "a_b"), ("../x", "x")])
def test_a_library_is_named_as_it_is_imported(invoke: Invoke, tmp_path: Path, name: str, likely: str) -> None:
    """What is no module is refused, with the name that was probably meant."""
    result = invoke("plugins", "new", name, "--into", str(tmp_path))
    assert result.exit_code == 1
    assert f"such as {likely}." in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_next_step_is_told(invoke: Invoke, tmp_path: Path) -> None:
    """Where it is, how to run its tests, and where it says what to replace."""
    printed = invoke("plugins", "new", "parley", "--into", str(tmp_path)).output
    for words in (f"cd {tmp_path / 'agentops-parley'}", "python -m pytest", "README.md"):
        assert words in printed
