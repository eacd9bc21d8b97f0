"""Every exchange of the recordings of other projects is replayed, with sync and with async clients."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from recorded_traffic import AT_HAND, RECORDINGS, Recording, exchanges, recordings

pytestmark = AT_HAND

REPLAYS = (
    "test_recorded_bedrock",
    "test_recorded_cohere",
    "test_recorded_gemini",
    "test_recorded_mistral",
    "test_recorded_ollama",
    "test_recorded_traffic",
)
CLIENTS = ("anthropic", "bedrock", "cohere", "google-genai", "groq", "mistral", "ollama", "openai")


def replayed(module: ModuleType, *, is_async: bool) -> set[tuple[str, int]]:
    """The exchanges that the tests of a module are given."""
    tests = {name: getattr(module, name) for name in dir(module) if name.startswith("test_")}
    marks: list[Any] = [
        mark
        for name, test in tests.items()
        if name.endswith("_async") == is_async
        for mark in getattr(test, "pytestmark", ())
        if mark.name == "parametrize" and mark.args[0] == "recording"
    ]
    return {place(given) for mark in marks for given in mark.args[1]}


def place(given: Any) -> tuple[str, int]:
    """Where the exchange lies that a test is given."""
    recording: Recording = given.values[0]
    return recording.file, recording.index


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_nothing_is_left_over(is_async: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Each has a truth, and each truth a test that compares with it."""
    kept = {
        (str(file.relative_to(RECORDINGS)), index)
        for file in Path(RECORDINGS).rglob("*.yaml")
        for index in range(len(exchanges(str(file.relative_to(RECORDINGS)))))
    }
    assert {place(given) for given in recordings(*CLIENTS)} == kept
    tried = set[tuple[str, int]]().union(
        *(replayed(importlib.import_module(name), is_async=is_async) for name in REPLAYS)
    )
    assert tried == kept
