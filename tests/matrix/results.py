"""What came of each set: `results.toml`, which `docs/reference/plugins.md` shows."""

import fcntl
import json
import tomllib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

from environments import ENVIRONMENTS
from sets import HERE

RESULTS = HERE / "results.toml"
HEAD = "# Written by `make matrix`: what was tested with which versions, when, and what came of it.\n"


@dataclass(frozen=True)
class Case:
    """A test that was run: where it stands, and `passed`, `skipped` or `failed`."""

    name: str
    outcome: str


@dataclass(frozen=True)
class Counts:
    """How many tests passed, were skipped and failed."""

    passed: int = 0
    skipped: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.skipped} skipped, {self.failed} failed"


def read_cases(report: Path) -> list[Case]:
    """The tests in a report of pytest, in JUnit's format; none where it wrote none."""
    if not report.is_file():
        return []
    root = ET.parse(report).getroot()
    return [Case(f"{case.get('classname')}.{case.get('name')}", _outcome_of(case)) for case in root.iter("testcase")]


def count(cases: Iterable[Case]) -> Counts:
    """How tests went."""
    outcomes = [case.outcome for case in cases]
    return Counts(*(outcomes.count(outcome) for outcome in ("passed", "skipped", "failed")))


def of_plugin(cases: Iterable[Case], plugin: str) -> list[Case]:
    """The tests that have a plugin in their name: those of it, where several share an environment."""
    return [case for case in cases if plugin in case.name]


def write_down(plugin: str, row: str, result: dict[str, Any]) -> None:
    """Put a result in its place; the others stay."""
    with _alone():
        known: dict[str, Any] = tomllib.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        known.setdefault(plugin, {})[row] = result
        tables = [
            f"\n[{name}.{each}]\n{''.join(_line(key, value) for key, value in known[name][each].items())}"
            for name in sorted(known)
            for each in sorted(known[name])
        ]
        RESULTS.write_text("".join([HEAD, *tables]), encoding="utf-8")


def _line(key: str, value: Any) -> str:
    said: str = json.dumps(value)
    if isinstance(value, dict):
        members = cast("dict[str, str]", value).items()
        said = f"{{ {', '.join(f'{json.dumps(name)} = {json.dumps(version)}' for name, version in members)} }}"
    return f"{key} = {said}\n"


def _outcome_of(case: ET.Element) -> str:
    kinds = {child.tag for child in case}
    return "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"


@contextmanager
def _alone() -> Generator[None]:
    """No other run of the matrix writes meanwhile."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / "results.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
