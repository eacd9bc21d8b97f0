"""A model call that several see is one call: its tokens, its cost and its place in the tree are counted once."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

RunProgram = Callable[..., tuple[Any, Any]]
DIALECTS = ("genai", "older genai", "openinference", "openllmetry", "agentops")
CONSTELLATIONS = {
    "theirs alone": ["llm chat gpt-4o"],
    "ours alone": ["llm chat gpt-4o"],
    "decorated alone": ["llm decorated"],
    "theirs in ours": ["llm chat gpt-4o"],
    "native in ours": ["llm chat gpt-4o"],
    "native with children in ours": ["llm chat gpt-4o", "task step"],
    "theirs around ours": ["llm chat gpt-4o", "task chat gpt-4o"],
    "theirs around a step around ours": ["llm chat gpt-4o", "task chat gpt-4o", "task step"],
    "theirs around theirs": ["llm chat inner", "task chat gpt-4o"],
    "theirs in decorated": ["action decorated", "llm chat gpt-4o"],
    "theirs around decorated": ["llm decorated", "task chat gpt-4o"],
    "ours in decorated": ["action decorated", "llm chat gpt-4o"],
    "theirs in ours in decorated": ["action decorated", "llm chat gpt-4o"],
}
CASES = list(itertools.product(("alone", "provider"), DIALECTS, ("early", "late"), CONSTELLATIONS))


@pytest.fixture(scope="module", name="found")
def find(run_program: RunProgram) -> dict[str, Any]:
    """What every constellation adds up to, with and without a provider of the program's own."""
    return {mode: run_program("dialects", mode)[0] for mode in ("alone", "provider")}


@pytest.mark.parametrize(("mode", "dialect", "when", "constellation"), CASES)
def test_one_call_counts_once(mode: str, dialect: str, when: str, constellation: str, found: dict[str, Any]) -> None:
    """Whoever sees it, whatever words it is written in, and whether these are there at its start or at its end."""
    seen = found[mode]["found"][f"{dialect}, {when}: {constellation}"]
    assert seen == {
        "calls": 1,
        "tokens": [10, 5],
        "stored calls": 1,
        "stored tokens": [10, 5],
        "costs": ["0.000075"],
        "orphans": [],
        "tree": seen["tree"],
    }
    assert sorted(seen["tree"]) == CONSTELLATIONS[constellation]


def test_the_sdk_is_only_there_where_the_program_has_it(found: dict[str, Any]) -> None:
    """Taking in spans of others does not import OpenTelemetry's SDK."""
    assert {mode: each["sdk"] for mode, each in found.items()} == {"alone": False, "provider": True}
