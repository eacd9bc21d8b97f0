"""What is measured: the smallest tool a program has, called in sessions of a hundred, each call carrying its marker."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

SESSION = 100
"""Calls per session."""


def lookup(x: int, label: str) -> dict[str, Any]:
    """A tool that does next to nothing: three keys."""
    return {"x": x, "label": label, "ok": True}


def markers(count: int, *, first: int = 0) -> list[str]:
    """Distinct words that the sink finds again in whatever arrives."""
    return [f"mk{number:08d}x" for number in range(first, first + count)]


@dataclass(slots=True)
class Blocks:
    """Wall time (nanoseconds) per call of each block of a session's calls."""

    times: list[float] = field(default_factory=list)

    def run(self, function: Callable[[int, str], Any], labels: Sequence[str]) -> None:
        """Call the function once for every label, timed as one block."""
        began = time.perf_counter_ns()
        for label in labels:
            function(1, label)
        self.times.append((time.perf_counter_ns() - began) / len(labels))

    @property
    def best(self) -> float:
        """The fastest block: what the call costs when nothing else of the machine is in the way."""
        return min(self.times)

    @property
    def middle(self) -> float:
        """The median block: background threads and their hold on the interpreter included."""
        return median(self.times)


def sessions_of(labels: Sequence[str]) -> list[Sequence[str]]:
    """The labels, a session's worth at a time."""
    return [labels[first : first + SESSION] for first in range(0, len(labels), SESSION)]
