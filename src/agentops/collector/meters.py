"""What the collector counts of itself, for whoever watches it."""

from collections import Counter
from threading import Lock
from typing import Final

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds, by which the times of requests are counted."""


class Meters:
    """Counters since the start.

    Attributes:
        requests: by route (method and path with names) and status.
        seconds: how long requests took in all, by route.
        buckets: how many took at most so long, by route and the index in `BUCKETS`.
        records: taken in, by what they are (`records`, `points`) and whether they were new.
        refused: spans, lines and points that were refused, by reason.
    """

    def __init__(self) -> None:
        self.requests = Counter[tuple[str, int]]()
        self.seconds = Counter[str]()
        self.buckets = Counter[tuple[str, int]]()
        self.records = Counter[tuple[str, bool]]()
        self.refused = Counter[str]()
        self._lock = Lock()

    def note_request(self, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        at = next((index for index, bound in enumerate(BUCKETS) if seconds <= bound), len(BUCKETS))
        with self._lock:
            self.requests[route, status] += 1
            self.seconds[route] += seconds  # pyright: ignore[reportArgumentType] - a Counter adds up any number
            self.buckets[route, at] += 1

    def note_records(self, kind: str, *, new: int, known: int) -> None:
        """Records were committed."""
        with self._lock:
            self.records[kind, True] += new
            self.records[kind, False] += known

    def note_refusal(self, reason: str, count: int) -> None:
        """Something was refused."""
        with self._lock:
            self.refused[reason] += count
