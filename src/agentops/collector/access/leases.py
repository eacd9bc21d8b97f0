"""Things that are opened when first needed, used by many at once, and closed when too many are open."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar


class Closing(Protocol):
    """Something to let go of."""

    def close(self) -> None:
        """Let go of it."""
        ...


Thing = TypeVar("Thing", bound=Closing)


class Lease(Generic[Thing]):
    """One thing and how many use it; it is opened by the first of them while the others wait."""

    def __init__(self) -> None:
        self.thing: Thing | None = None
        self.opening = threading.Lock()
        self.holders = 0
        self.is_kept = True


class Leases(Generic[Thing]):
    """Things by name. At most `limit` stay open without being used; what is used is never closed."""

    def __init__(self, open_thing: Callable[[str], Thing], limit: int) -> None:
        self._open = open_thing
        self._limit = limit
        self._lock = threading.Lock()
        self._leases: OrderedDict[str, Lease[Thing]] = OrderedDict()

    @contextmanager
    def hold(self, name: str) -> Generator[Thing]:
        """The thing of this name, open as long as the block lasts; whatever opening it raises comes out."""
        lease = self._take(name)
        try:
            with lease.opening:
                if lease.thing is None:
                    lease.thing = self._open(name)
                thing = lease.thing
            yield thing
        finally:
            self._give_back(name, lease)

    def drop(self, name: str) -> None:
        """Close the thing of this name, as soon as the last who uses it is done; the next opens it anew."""
        with self._lock:
            lease = self._leases.pop(name, None)
            closed = [] if lease is None else self._no_longer_kept([lease])
        _close(closed)

    def close(self) -> None:
        """Close everything that nobody uses, and the rest when it is given back."""
        with self._lock:
            leases = list(self._leases.values())
            self._leases.clear()
            closed = self._no_longer_kept(leases)
        _close(closed)

    def _take(self, name: str) -> Lease[Thing]:
        with self._lock:
            lease = self._leases.setdefault(name, Lease())
            self._leases.move_to_end(name)
            lease.holders += 1
            return lease

    def _give_back(self, name: str, lease: Lease[Thing]) -> None:
        with self._lock:
            lease.holders -= 1
            if lease.thing is None and self._leases.get(name) is lease and not lease.holders:
                del self._leases[name]  # it could not be opened
            closed = [] if lease.is_kept or lease.holders else [lease]
            closed += self._no_longer_kept(self._too_many())
        _close(closed)

    def _too_many(self) -> list[Lease[Thing]]:
        """Those not in use that are over the limit, the longest unused first; they are taken out."""
        idle = [name for name, lease in self._leases.items() if not lease.holders]
        return [self._leases.pop(name) for name in idle[: max(0, len(idle) - self._limit)]]

    @staticmethod
    def _no_longer_kept(leases: list[Lease[Thing]]) -> list[Lease[Thing]]:
        for lease in leases:
            lease.is_kept = False
        return [lease for lease in leases if not lease.holders]


def _close(leases: list[Lease[Thing]]) -> None:
    for lease in leases:
        if lease.thing is not None:
            lease.thing.close()
