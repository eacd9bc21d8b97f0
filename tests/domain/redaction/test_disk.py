"""Secrets that a program uses everywhere are found nowhere on the disk, whether it ended well or was killed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_up_secrets import ALL, named

PROGRAM = Path(__file__).parent / "programs" / "secretive.py"
NAMED = [*named()]
ON_THE_COMMAND_LINE = ["--api-key", NAMED[0][1], f"--password={NAMED[1][1]}", ALL[0].text]
EXPORTS = ("json", "jsonl", "otlp")


def run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run an interpreter in the environment of the test."""
    return subprocess.run(
        [sys.executable, *arguments], env={**os.environ, **environment}, capture_output=True, timeout=100, check=False
    )


def use_everything(folder: Path, ending: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program with every secret."""
    given = folder / "given.json"
    given.write_text(json.dumps({"texts": [secret.text for secret in ALL], "named": NAMED}), encoding="utf-8")
    return run([str(PROGRAM), str(given), ending, *ON_THE_COMMAND_LINE], **environment)


def written(value: str) -> set[bytes]:
    """How a text stands in files: as it is, in JSON, and in JSON inside JSON."""
    once = json.dumps(value)[1:-1]
    return {value.encode(), once.encode(), json.dumps(once)[1:-1].encode()}


def contents(directory: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder."""
    for path in directory.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(directory)), path.read_bytes()


def leaks(data: bytes) -> list[str]:
    """The secrets that can be found in it."""
    cores = {f"{secret.name}": secret.core for secret in ALL} | {f"under {name}": value for name, value in NAMED}
    return [name for name, core in cores.items() if any(each in data for each in written(core))]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("ending", ["well", "killed"])
def test_no_secret_is_on_the_disk(ending: str, tmp_path: Path, data_directory: Path) -> None:
    """In journals, the store, its log and exports; and the program has seen none of it."""
    done = use_everything(tmp_path, ending, AGENTOPS_EXPORT_FLUSH_INTERVAL="100000" if ending == "killed" else "200")
    assert done.returncode == (0 if ending == "well" else -9), done.stderr[-3000:]
    assert all(secret.text.encode() in done.stdout for secret in ALL)
    assert b"agentops failed" not in done.stderr
    files = dict(contents(data_directory))
    assert any("journals" in name or name.endswith(".db") for name in files)
    assert any(b"[REDACTED:openai key]" in data for data in files.values())
    assert {name: found for name, data in files.items() if (found := leaks(data))} == {}
    for form in EXPORTS:
        export = run(["-c", "from agentops.cli.main import main; main()", "export", "last", "--format", form])
        assert export.returncode == 0, export.stderr
        assert leaks(export.stdout) == []
        assert b"[REDACTED:openai key]" in export.stdout
        assert b"[REDACTED:password]" in export.stdout
        assert b"gpt-4o" in export.stdout
    assert {name: found for name, data in contents(data_directory) if (found := leaks(data))} == {}


@pytest.mark.timeout(300)
def test_with_the_default_rules_off_secrets_are_recorded(tmp_path: Path, data_directory: Path) -> None:
    """So that the proof above proves something: almost every one is found."""
    done = use_everything(tmp_path, "well", AGENTOPS_REDACT="false")
    assert done.returncode == 0, done.stderr
    found: Any = {name for _, data in contents(data_directory) for name in leaks(data)}
    assert len(found) == len({secret.name for secret in ALL}) + len(NAMED)
