"""Telling those who watch that something was committed."""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager, suppress

from agentops.collector.problems import overloaded

WATCHERS: int = 256
"""How many may watch at once."""


class Bell:
    """What one who watches listens to; it remembers that it was rung."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something was committed."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Come back when it is rung, or was since the last time, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()


class Live:
    """The bells of each project; whoever hears one asks the store what is new.

    Other processes may write to the same file without ringing, so watchers look by themselves now and then.

    Attributes:
        is_closing: whether the server is about to end, and streams are to end with it.
        watchers: how many watch.
    """

    def __init__(self, limit: int = WATCHERS) -> None:
        self.is_closing = False
        self.watchers = 0
        self._limit = limit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bells = defaultdict[str, set[Bell]](set)

    def start(self) -> None:
        """Ring on the running event loop from now on."""
        self._loop = asyncio.get_running_loop()

    def check_room(self) -> None:
        """Make sure that one more may watch.

        Raises:
            RequestError: 503, if too many do already.
        """
        if self.watchers >= self._limit:
            raise overloaded(f"{self.watchers} watch already; try again when one of them has gone")

    @contextmanager
    def watching(self, project: str) -> Generator[Bell]:
        """A bell that rings when something of a project is committed, and when the server ends."""
        bell = Bell()
        self._bells[project].add(bell)
        self.watchers += 1
        try:
            yield bell
        finally:
            self.watchers -= 1
            self._bells[project].discard(bell)
            if not self._bells[project]:
                del self._bells[project]

    def note(self, project: str) -> None:
        """Something of a project was committed; from any thread."""
        if self._bells.get(project):
            self._call(project)

    def close(self) -> None:
        """End all streams; from any thread, and from a signal handler."""
        self.is_closing = True
        for project in list(self._bells):
            self._call(project)

    def _call(self, project: str) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and with it all who watched
                self._loop.call_soon_threadsafe(self._ring, project)

    def _ring(self, project: str) -> None:
        for bell in self._bells.get(project, ()):
            bell.ring()
