"""How long calls took: counts of durations, which add up without loss.

A histogram is one integer with a lane of 32 bits for each bucket, so that adding two is one addition; taking calls
away again adds a negative one. Bucket b holds durations from 2^(b/8) to 2^((b+1)/8) nanoseconds.
"""

from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate
from math import log2
from struct import unpack
from typing import Final

BUCKETS_A_DOUBLING: Final = 8

_LANE: Final = 32
_LANE_BYTES: Final = _LANE // 8
_FIRST: Final = 2
"""Bytes that say which lane is the first."""


def bucket_of(duration: int) -> int:
    """The bucket of a duration in nanoseconds."""
    return int(log2(duration) * BUCKETS_A_DOUBLING) if duration > 1 else 0


def middle_of(bucket: int) -> float:
    """The duration in nanoseconds that stands for a bucket, less than five percent off."""
    return 2 ** ((bucket + 0.5) / BUCKETS_A_DOUBLING)


def histogram_of(calls: Mapping[int, int]) -> int:
    """The histogram of so many calls by bucket; fewer than none are to be taken from another."""
    return sum(count << bucket * _LANE for bucket, count in calls.items())


def write_histogram(histogram: int) -> bytes:
    """A histogram, or what is to be taken from one, as bytes: its first lane that is not empty, and the rest."""
    first = _first_lane(histogram)
    lanes = histogram >> first * _LANE
    return first.to_bytes(_FIRST, "little") + lanes.to_bytes(lanes.bit_length() // 8 + 1, "little", signed=True)


def read_histogram(data: bytes | None) -> int:
    """The histogram that bytes hold."""
    if not data:
        return 0
    first = int.from_bytes(data[:_FIRST], "little")
    return int.from_bytes(data[_FIRST:], "little", signed=True) << first * _LANE


def add_durations(first: bytes | None, second: bytes | None) -> bytes:
    """Two histograms as one: the SQL function of that name."""
    return write_histogram(read_histogram(first) + read_histogram(second))


class Histogram:
    """The histogram of many durations: the SQL aggregate `histogram`."""

    def __init__(self) -> None:
        self._calls: dict[int, int] = {}

    def step(self, duration: int) -> None:
        """One more."""
        bucket = bucket_of(duration)
        self._calls[bucket] = self._calls.get(bucket, 0) + 1

    def finalize(self) -> bytes:
        """All of them."""
        return write_histogram(histogram_of(self._calls))


def counts_of(histogram: int) -> tuple[int, ...]:
    """How many calls each bucket holds, from the shortest."""
    lanes = -(-histogram.bit_length() // _LANE)
    return unpack(f"<{lanes}I", histogram.to_bytes(lanes * _LANE_BYTES, "little"))


def quantiles(histogram: int, shares: tuple[float, ...]) -> list[float]:
    """The durations in seconds that these shares of calls stayed below; 0 where there is none."""
    first = _first_lane(histogram)
    passed = list(accumulate(counts_of(histogram >> first * _LANE)))
    if not passed:
        return [0.0] * len(shares)
    return [middle_of(first + bisect_left(passed, max(1, share * passed[-1]))) / 1e9 for share in shares]


def _first_lane(histogram: int) -> int:
    """The first lane that is not empty."""
    return ((histogram & -histogram).bit_length() - 1) // _LANE if histogram else 0
