"""Connections that nobody can hold for nothing: slow, endless and silent clients are let go of.

uvicorn waits for the head of a request as long as a client likes, keeps as much of it as comes, and waits for readers
that do not read. asyncio's protocol and the callbacks of httptools are where that is bounded.
"""

import asyncio
from collections import deque
from typing import Any, Final

from msgspec import Struct
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle


class ConnectionLimits(Struct, frozen=True):
    """What a client may take.

    Attributes:
        connections: how many may be open at once.
        head_bytes: how large the line and the headers of a request may be, and the trailer behind its body.
        head_seconds: how long they may take, from the connection or from their first byte on.
        idle_seconds: how long a connection is kept between requests.
        late_seconds: how long the rest of a request that has its answer already is taken in and thrown away; a client
            that has not sent all may not look at the answer before.
        stalled_seconds: how long an answer waits for its reader.
    """

    connections: int = 1000
    head_bytes: int = 64 << 10
    head_seconds: float = 5.0
    idle_seconds: int = 30
    late_seconds: float = 5.0
    stalled_seconds: float = 20.0


class HeadTooLargeError(Exception):
    """The parser is to stop: the head of the request is larger than it may be."""


class Connection(HttpToolsProtocol):
    """One client's connection, within limits."""

    def __init__(self, *args: Any, limits: ConnectionLimits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = limits
        self._deadline: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._unread = 0
        self._awaits_head = True
        self._unanswered: deque[RequestResponseCycle] = deque()

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn has it
        """Let a client in, or send it away where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self._refuse(b"503 Service Unavailable")
        else:
            self._close_in(self._limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a client that is gone; nothing is written to it any more, whatever it had still asked."""
        self._deadline = _cancelled(self._deadline)
        self._stall = _cancelled(self._stall)
        for cycle in self._unanswered:
            cycle.disconnected = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came; bytes of which nothing comes are counted, for the parser keeps them."""
        if self.transport.is_closing():
            return
        self._unread += len(data)
        super().data_received(data)
        if self._unread > self._limits.head_bytes:
            self._refuse(_TOO_LARGE)
        elif self._awaits_head and self._deadline is None and not self._is_answering:
            self._close_in(self._limits.head_seconds)

    @property
    def _is_answering(self) -> bool:
        return bool(self.cycle) and not self.cycle.response_complete

    def on_headers_complete(self) -> None:
        """Begin to answer; only a large piece can hold too large a head that is complete."""
        limit = self._limits.head_bytes
        if self._unread > limit and sum(len(name) + len(value) for name, value in self.headers) + len(self.url) > limit:
            self._refuse(_TOO_LARGE)
            raise HeadTooLargeError
        self._unread = 0
        self._awaits_head = False
        self._deadline = _cancelled(self._deadline)
        super().on_headers_complete()
        self._unanswered.append(self.cycle)

    def on_chunk_header(self) -> None:
        """A chunk of a body begins: what announced it has been read."""
        self._unread = 0

    def on_body(self, body: bytes) -> None:
        """Hand on a part of a body."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is complete; the next may come."""
        self._unread = 0
        self._awaits_head = True
        if self.cycle.response_complete:
            self._close_in(self._limits.idle_seconds)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is out; where its request is not complete, the rest does not matter any more."""
        self._unanswered.popleft()
        super().on_response_complete()
        if not self._awaits_head and not self.transport.is_closing():
            self._close_in(self._limits.late_seconds)

    def send_400_response(self, msg: str) -> None:
        """Say that this was no HTTP, unless more has been said."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def pause_writing(self) -> None:
        """Wait for a client that does not read."""
        super().pause_writing()
        self._stall = self.loop.call_later(self._limits.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: it has read."""
        self._stall = _cancelled(self._stall)
        super().resume_writing()

    def _close_in(self, seconds: float) -> None:
        _cancelled(self._deadline)
        self._deadline = self.loop.call_later(seconds, self.transport.close)

    def _refuse(self, status: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            self.transport.close()


_TOO_LARGE: Final = b"431 Request Header Fields Too Large"


def _cancelled(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
