"""Work that is done now and then while a collector runs, on a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

from msgspec import Struct

from agentops.catching import Catching
from agentops.collector.logs import say
from agentops.errors import AgentOpsError


class Chore(Struct, frozen=True):
    """Something to be done at the start, and again whenever so many seconds have passed.

    It is given a function that says whether the collector ends, after which it should not go on.
    """

    name: str
    seconds: float
    work: Callable[[Callable[[], bool]], None]


class Rounds:
    """Does chores, one after the other, until the block ends; one that fails is tried again in the next round."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        self._chores = chores
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._go, name="agentops-rounds", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _go(self) -> None:
        due = dict.fromkeys(range(len(self._chores)), 0.0)
        while due and not self._end.is_set():
            for number, chore in enumerate(self._chores):
                if due[number] <= time.monotonic() and not self._end.is_set():
                    self._do(chore)
                    due[number] = time.monotonic() + chore.seconds
            self._end.wait(max(0.0, min(due.values()) - time.monotonic()))

    def _do(self, chore: Chore) -> None:
        with Catching() as caught:
            chore.work(self._end.is_set)
        if isinstance(caught.error, AgentOpsError):
            say(logging.WARNING, f"{chore.name} failed", reason=caught.error)
        elif caught.error is not None:
            say(logging.ERROR, f"{chore.name} failed", error=caught.error)
