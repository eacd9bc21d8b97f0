"""How much is being worked on at once, in bytes, so that more than fits in memory is turned away before it is read."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

from agentops.collector.memory import give_back_memory
from agentops.collector.problems import overloaded


class Load:
    """Counts the bytes of requests that are under way.

    Attributes:
        limit: how many there may be at once.
        bytes: how many there are.
        refused: how many requests were turned away.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self.refused = 0
        self._lock = Lock()

    def take(self, size: int, held: int = 0) -> None:
        """Count more bytes, for a request that holds some already.

        Raises:
            RequestError: 503, if that were too many; a single request always finds room when nothing else is under way.
        """
        with self._lock:
            if self.bytes <= held or self.bytes + size <= self.limit:
                self.bytes += size
                return
            self.refused += 1
        raise overloaded("more is being sent than can be taken in; try again in a moment")

    def give_back(self, size: int) -> None:
        """Be done with these bytes."""
        with self._lock:
            self.bytes -= size

    @contextmanager
    def share(self) -> Generator["Share"]:
        """What one request takes while the block lasts."""
        share = Share(self)
        try:
            yield share
        finally:
            self.give_back(share.size)
            give_back_memory(share.size)


class Share:
    """The bytes of one request."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self.size = 0

    def grow(self, size: int) -> None:
        """Take that many more.

        Raises:
            RequestError: 503, if there is no room for them.
        """
        self._load.take(size, self.size)
        self.size += size
