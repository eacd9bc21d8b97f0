"""Events sent by the server as things happen, which go on where they were when a connection breaks.

Each event arrives whole or not at all, and its id says up to where the client has been told: one that comes back with
it misses nothing and is told nothing twice. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from agentops.collector.access import Scope
from agentops.collector.asked import Asked
from agentops.collector.problems import bad_request
from agentops.collector.replies import EVENTS, Stream, to_json
from agentops.errors import AccessError, StoreError
from agentops.store.protocol import Store

HEARTBEAT: Final = 15.0
"""Seconds after which a stream says that it is still there."""
LOOK_EVERY: Final = 1.0
"""Seconds between looks at the file, into which other processes write without telling."""
_GATHER: Final = 0.0125
"""Seconds to wait for more once something came, for each of those who watch: so all of them together look at the store
eighty times a second at most."""
_FEW: Final = 4
"""Those who watch count as so many at least."""
_RETRY: Final = b"retry: 2000\n\n"
"""Milliseconds after which a client comes back."""
_STILL_HERE: Final = b": still here\n\n"
_LARGEST: Final = 2**63 - 1
_WORD: Final = re.compile(r"([0-9]{1,19}(?:\.[0-9]{1,19})*)(?:-([0-9a-f]{16}))?", re.ASCII)


class Told(Struct, frozen=True):
    """Up to where a client was told.

    Attributes:
        cursors: of changes of the store; -1 is now.
        digest: of what it was told last of a thing that has no cursor.
    """

    cursors: tuple[int, ...]
    digest: str = ""

    def word(self) -> str:
        """As the id of an event."""
        return ".".join(map(str, self.cursors)) + (f"-{self.digest}" if self.digest else "")


class Look(Struct, frozen=True):
    """What a look at the store found: events as they are sent, up to where they tell, and what to do next."""

    events: Sequence[bytes]
    told: Told
    is_more: bool = False
    is_end: bool = False


def event(name: str, data: Any, told: Told) -> bytes:
    """An event as it is sent, after which so much was told."""
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (told.word().encode(), name.encode(), to_json(data))


def read_told(asked: Asked[Any, Any], after: str | None, width: int) -> Told:
    """Up to where whoever asks was told before; it goes on from now where they do not say.

    Args:
        asked: the request; its header Last-Event-ID goes before `after`, which stays as it was when a browser returns.
        after: the id of an event; `0` is the beginning.
        width: how many cursors there are.

    Raises:
        RequestError: 400 if that is no id of this stream.
    """
    word = asked.headers.get("last-event-id") or after
    if not word:
        return Told((-1,) * width)
    if word == "0":
        return Told((0,) * width)
    found = _WORD.fullmatch(word)
    cursors = tuple(map(int, found[1].split("."))) if found else ()
    if found is None or len(cursors) != width or max(cursors) > _LARGEST:
        raise bad_request("that is the id of no event of this stream")
    return Told(cursors, found[2] or "")


def tell(asked: Asked[Any, Any], told: Told, look: Callable[[Store, Told], Look]) -> Stream:
    """Events, until the client goes, its key holds no more, or the server ends.

    Raises:
        RequestError: 503 if too many watch already.
    """
    asked.services.live.check_room()
    return Stream(_pieces(asked, told, look), EVENTS, {"X-Accel-Buffering": "no"})


async def _pieces(asked: Asked[Any, Any], told: Told, look: Callable[[Store, Told], Look]) -> AsyncGenerator[bytes]:
    services, project = asked.services, asked.principal.project
    loop = asyncio.get_running_loop()
    is_ready, spoke = False, loop.time()
    with services.live.watching(project) as bell, services.projects.lease(project) as store:
        yield _RETRY
        while not services.live.is_closing:
            try:
                found = await loop.run_in_executor(services.readers, look, store, told)
            except StoreError:
                return  # the client comes back, and finds the store well or is told that it is not
            told = found.told
            for piece in found.events:
                yield piece
                spoke = loop.time()
            if found.is_end:
                return
            if found.is_more:
                continue
            if not is_ready:
                yield event("ready", {}, told)
                is_ready = True
            if loop.time() - spoke >= HEARTBEAT:
                if not _is_welcome(asked):
                    return
                yield _STILL_HERE
                spoke = loop.time()
            await bell.wait(LOOK_EVERY)
            await asyncio.sleep(_GATHER * max(_FEW, services.live.watchers))


def _is_welcome(asked: Asked[Any, Any]) -> bool:
    """Whether the key still holds."""
    try:
        return asked.services.access.admit(asked.headers, Scope.READ).project == asked.principal.project
    except AccessError:
        return False
