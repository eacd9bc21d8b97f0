"""Putting together what is written to a stream into whole lines, each where it was written.

No lock is taken: whoever works on a begun line takes it out of a dictionary first, in one step of the interpreter, so
that other threads, signal handlers and finalisers find none and begin their own.
"""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agentops.domain.spans import LogSource

LIMIT: Final = 64 * 1024
"""Characters of one record, and of one line; a longer line is cut."""

PATIENCE: Final = 1_000_000_000
"""Nanoseconds that a begun line is waited for."""


class Sink(Protocol):
    """Keeps what is written in one session."""

    def now(self) -> int:
        """Unix nanoseconds."""
        ...

    def keep(self, source: LogSource, span_id: str | None, time: int, text: str) -> None:
        """Keep whole lines, or part of one, written in a span, or in none, at a moment."""
        ...


class Begun:
    """The part of a line that has been written so far."""

    __slots__ = ("cut", "parts", "sink", "size", "span_id", "time")

    def __init__(self, sink: Sink, span_id: str | None) -> None:
        self.sink = sink
        self.span_id = span_id
        self.time = sink.now()
        self.parts: list[str] = []
        self.size = 0
        self.cut = 0

    def take(self, text: str) -> None:
        """Take more of the line, as long as it has room."""
        if self.size < LIMIT or "\n" in text:
            self.parts.append(text)
            self.size += len(text)
        else:
            self.cut += len(text)


class Lines:
    """The lines of one stream: those of different threads, spans and sessions are kept apart."""

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._begun: dict[int, Begun] = {}

    def add(self, sink: Sink, span_id: str | None, text: str) -> None:
        """Take what was written to the stream by the running thread, in a session and a span of it."""
        thread = get_ident()
        begun = self._begun.pop(thread, None)
        if begun is not None and (begun.sink is not sink or begun.span_id != span_id):
            self._keep(begun)
            begun = None
        end = text.rfind("\n") + 1
        if end:
            whole = text if end == len(text) else text[:end]
            if begun is None and len(whole) <= LIMIT:
                sink.keep(self._source, span_id, sink.now(), whole)
            else:
                begun = begun or Begun(sink, span_id)
                begun.take(whole)
                self._keep(begun)
                begun = None
        if end < len(text):
            begun = Begun(sink, span_id) if begun is None else begun
            begun.take(text[end:] if end else text)
        if begun is not None:
            self._put_back(thread, begun)

    def _put_back(self, thread: int, begun: Begun) -> None:
        """Wait for the rest; what a signal handler has begun meanwhile came after it on the screen, and goes first."""
        while self._begun.setdefault(thread, begun) is not begun:
            other = self._begun.pop(thread, None)
            if other is not None:
                self._keep(other)

    def flush(self, wanted: Callable[[Begun], bool] = lambda _: True) -> None:
        """Wait no longer for the rest of the lines that are wanted."""
        for thread, begun in list(self._begun.items()):
            if wanted(begun):
                taken = self._begun.pop(thread, None)
                if taken is not None:
                    self._keep(taken)

    def forget(self) -> None:
        """Forget what is begun: in a forked child it is the parent's."""
        self._begun = {}

    def _keep(self, begun: Begun) -> None:
        text = "".join(begun.parts)
        for piece in (text,) if not begun.cut and len(text) <= LIMIT else pieces(text, begun.cut):
            begun.sink.keep(self._source, begun.span_id, begun.time, piece)


def is_old(begun: Begun) -> bool:
    """Whether the rest of a line has been waited for long enough."""
    return begun.sink.now() - begun.time > PATIENCE


def pieces(text: str, cut: int = 0) -> Iterator[str]:
    """Text in pieces of whole lines, each piece and each line bounded; `cut` characters of its first line are gone."""
    piece: list[str] = []
    size = 0
    for line in _lines_of(text):
        bounded = _bounded(line, cut)
        cut = 0
        if size and size + len(bounded) > LIMIT:
            yield "".join(piece)
            piece, size = [], 0
        piece.append(bounded)
        size += len(bounded)
    if piece:
        yield "".join(piece)


def _lines_of(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _bounded(line: str, cut: int) -> str:
    body = line.removesuffix("\n")
    over = max(0, len(body) - LIMIT) + cut
    if not over:
        return line
    return f"{body[:LIMIT]}… [{over} characters cut]{line[len(body) :]}"
