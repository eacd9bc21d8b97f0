"""Environments of their own for programs that use other libraries than the tests do, made once and kept."""

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venv-versions"

SECONDS = 540.0
"""How long installing may take."""

UNREACHABLE = (
    "Failed to establish a new connection",
    "Name or service not known",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "Connection refused",
    "ProxyError",
)
"""What pip says where it cannot get at the registry."""


def interpreter(name: str, requirements: Sequence[str]) -> Path:
    """The interpreter of an environment that holds these and what they need, made where it is missing or holds others.

    Where the registry cannot be reached the test is skipped, but in CI it fails.
    """
    directory = ENVIRONMENTS / name
    python, stamp = directory / "bin" / "python", directory / "holds"
    wanted = "\n".join([sys.version, *requirements])
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted and python.exists():
        return python
    venv.create(directory, clear=True, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*pip, *requirements], capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        is_away = any(words in done.stderr for words in UNREACHABLE)
        if is_away and not os.environ.get("CI"):
            pytest.skip("the registry cannot be reached")
        pytest.fail(f"{name} cannot be installed:\n{done.stderr[-3000:]}")
    stamp.write_text(wanted, encoding="utf-8")
    return python
