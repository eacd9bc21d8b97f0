"""How long things took, many of them, in little memory."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from msgspec import Struct

_SMALLEST: Final = 0.001
_STEP: Final = 1.25
_BOUNDS: Final = tuple(_SMALLEST * _STEP**power for power in range(85))
"""Seconds, from a millisecond to two days: a quantile is wrong by an eighth at most."""


class DurationSummary(Struct, frozen=True, kw_only=True):
    """Durations in figures, all in seconds; quantiles are exact to an eighth, and None where there were none.

    Attributes:
        count: how many there were.
        total: their sum.
        p50: half of them took no longer.
        p95: 95 of 100 took no longer.
        p99: 99 of 100 took no longer.
        longest: the longest.
    """

    count: int = 0
    total: float = 0.0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None


class Durations:
    """A histogram of durations: its size does not depend on how many there are."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._total = 0.0
        self._shortest = float("inf")
        self._longest = 0.0

    def add(self, seconds: float) -> None:
        """Something took so long."""
        self._counts[bisect_left(_BOUNDS, seconds)] += 1
        self._total += seconds
        self._shortest = min(self._shortest, seconds)
        self._longest = max(self._longest, seconds)

    def quantile(self, share: float) -> float | None:
        """How long such a share of them took at most; None where there were none."""
        counts = list(self._counts)
        rank, seen = share * sum(counts), 0
        for index, count in enumerate(counts):
            seen += count
            if count and seen >= rank:
                return self._middle(index)
        return None

    def _middle(self, index: int) -> float:
        """A duration in a bucket that is nowhere far from any in it, and none that is outside of what there was."""
        upper = _BOUNDS[index] if index < len(_BOUNDS) else self._longest
        middle = upper / _STEP**0.5
        return min(max(middle, self._shortest), self._longest)

    def summary(self) -> DurationSummary:
        """What there was, in figures."""
        count = sum(self._counts)
        return DurationSummary(
            count=count,
            total=self._total,
            p50=self.quantile(0.5),
            p95=self.quantile(0.95),
            p99=self.quantile(0.99),
            longest=self._longest if count else None,
        )
