"""Programs with their own OpenTelemetry, in processes of their own: a tracer provider is set once a process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="session")
def run_program(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Any, Path]]:
    """Runs a program and gives what it printed, as JSON, and the folder of its recordings."""

    def run(name: str, *arguments: str, **variables: str) -> tuple[Any, Path]:
        data = tmp_path_factory.mktemp("data")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTOPS_", "OTEL_"))}
        done = subprocess.run(
            [sys.executable, "-W", "error", str(PROGRAMS / f"{name}.py"), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**kept, "AGENTOPS_DIR": str(data), **variables},
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return json.loads(done.stdout), data

    return run
