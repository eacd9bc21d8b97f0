"""An exception counts once, through whosever spans it passes, and every exception counts."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import agentops
from agentops.testing.recording import record

RunProgram = Callable[..., tuple[Any, Path]]


@pytest.mark.parametrize("mode", ["alone", "provider"])
def test_an_exception_counts_once_through_spans_of_anybody(mode: str, run_program: RunProgram) -> None:
    """Where it was raised; one that was handled on the way is not held against the next."""
    found, _ = run_program("errors", mode)
    assert found == {
        "theirs around ours": [1, ["fail"]],
        "ours around theirs around ours": [1, ["fail"]],
        "many of each": [1, ["fail"]],
        "theirs alone": [1, ["theirs"]],
        "ours around theirs": [1, ["theirs"]],
        "handled inside": [1, ["fail"]],
        "handled, then another": [2, found["handled, then another"][1]],
        "told by hand": [1, ["fail"]],
        "told later": [1, ["fail"]],
    }
    assert sorted(found["handled, then another"][1]) == ["fail", "theirs"]


def test_an_exception_is_not_taken_for_one_whose_memory_it_has() -> None:
    """Handled exceptions are gone, and the next one is often made in the same place."""

    @agentops.tool
    def fail(number: int) -> None:
        raise ValueError(number)

    @agentops.agent
    def act() -> None:
        with contextlib.suppress(ValueError):
            fail(1)
        raise ValueError(1)

    with record(plugins=False, strict=True), agentops.session("session") as session:
        for _ in range(20):
            with contextlib.suppress(ValueError):
                act()
        assert session.analytics.errors == 40
