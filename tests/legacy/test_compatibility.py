"""What the page on compatibility says of the names of AgentOps 0.3.26 and 0.4.21 is so."""

import importlib
import re
from typing import Any

import compatibility
import pytest
from compatibility_notes import INTERNAL, NOTES

ROWS = list(compatibility.rows())
NAMES = {row.name: row for row in ROWS}
TEST = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)


def test_the_table_is_what_is_here() -> None:
    """The committed table is the one that the code gives now; `python tests/legacy/compatibility.py` renews it."""
    page = compatibility.PAGE.read_text(encoding="utf-8")
    found = compatibility.TABLE.search(page)
    assert found is not None
    assert found[0] == compatibility.table()


def test_whatever_is_other_has_its_reason() -> None:
    """No name is missing or taken differently without a word on why."""
    wanting = [row.name for row in ROWS if (not row.is_here or row.differences) and row.name not in NOTES]
    assert wanting == []


def test_no_reason_outlives_its_cause() -> None:
    """What is said of names and modules is said of names and modules that there are."""
    modules = {module for each in compatibility.committed().values() for module in each["modules"]}
    assert [start for start in INTERNAL if not any(f"{each}.".startswith(f"{start}.") for each in modules)] == []
    assert [name for name in NOTES if name not in NAMES] == []
    same = [row.name for row in ROWS if row.is_here and not row.differences and "dspy" not in row.name]
    assert [name for name in same if name in NOTES] == []


def test_every_proof_that_the_page_names_is_there() -> None:
    """The tests that the page refers to are tests of this suite, and its programs are run."""
    page = compatibility.PAGE.read_text(encoding="utf-8")
    tests = {
        name
        for path in (compatibility.ROOT / "tests").rglob("test_*.py")
        for name in TEST.findall(path.read_text("utf-8"))
    }
    named = set(re.findall(r"`(test_\w+)`", page))
    assert named
    assert sorted(named - tests) == []


TOP = [row.name for row in ROWS if row.name.rpartition(".")[0] == "agentops" and row.name != "agentops.tracker"]


@pytest.mark.parametrize("name", TOP)
def test_every_name_of_the_package_itself_is_here(name: str) -> None:
    """`from agentops import ...` works for every name of both versions."""
    assert NAMES[name].is_here


VOCABULARY = sorted(
    (module, name, entry)
    for module, names in compatibility.committed()["0.4.21"]["modules"].items()
    if module.startswith("agentops.semconv.")
    for name, entry in names.items()
)


@pytest.mark.parametrize(
    ("module", "name", "entry"), VOCABULARY, ids=lambda value: str(value) if isinstance(value, str) else ""
)
def test_every_attribute_name_is_the_one_of_0_4(module: str, name: str, entry: dict[str, Any]) -> None:
    """The vocabulary has the very values that programs and dashboards of 0.4 know."""
    ours = getattr(importlib.import_module(module), name)
    wanted = {member: said["value"] for member, said in entry["members"].items()}
    found = {member: getattr(ours, member) for member in wanted}
    assert {member: getattr(value, "value", value) for member, value in found.items()} == wanted
