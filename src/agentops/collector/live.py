"""Telling those who watch that something was committed."""

import asyncio
from collections import defaultdict


class Live:
    """A bell for each project; whoever hears it asks the store what is new.

    Other processes may write to the same file without ringing, so watchers look by themselves now and then.

    Attributes:
        is_closing: whether the server is about to end, and streams are to end with it.
    """

    def __init__(self) -> None:
        self.is_closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting = defaultdict[str, set[asyncio.Event]](set)

    def start(self) -> None:
        """Ring on the running event loop from now on."""
        self._loop = asyncio.get_running_loop()

    def note(self, project: str) -> None:
        """Something of a project was committed; from any thread."""
        if self._loop is not None and self._waiting.get(project) and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring, project)

    def _ring(self, project: str) -> None:
        for event in self._waiting.get(project, ()):
            event.set()

    async def wait(self, project: str, seconds: float) -> None:
        """Come back when something of a project is committed, or after so many seconds, or when the server ends."""
        if self.is_closing:
            return
        event = asyncio.Event()
        self._waiting[project].add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting[project].discard(event)
            if not self._waiting[project]:
                del self._waiting[project]

    def close(self) -> None:
        """End all streams."""
        self.is_closing = True
        for project in list(self._waiting):
            self._ring(project)
