"""Watching a program run: what it prints, and the session that it records."""

import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from agentops.cli import content, following
from agentops.cli.following import Telling, is_over
from agentops.cli.glyphs import glyphs_for
from agentops.cli.live import LiveTree
from agentops.cli.tail import print_span
from agentops.domain.spans import SpanRecord
from agentops.errors import UnknownSessionError
from agentops.store.protocol import SessionSummary, Store

_PAUSE = 0.1
_GRACE = 5.0
_OWN = ("Session Stats", "Session Replay")


class Spectator:
    """Shows a program's output and the tree of its session as it grows; plain lines where there is no terminal."""

    def __init__(self, store: Store, console: Console, *, name: str) -> None:
        self._store = store
        self._console = console
        self._tree = LiveTree(name)
        self._telling = Telling()
        self._lines: SimpleQueue[tuple[str, str]] = SimpleQueue()
        self._cursor = store.changes(following.NOW)[1]
        self._session_id: str | None = None
        self._others: set[str] = set()

    @property
    def session(self) -> SessionSummary | None:
        """What was recorded; None before anything was."""
        return None if self._session_id is None else self._store.find(self._session_id)

    def watch(self, program: subprocess.Popen[str]) -> int:
        """Show everything until the program has ended and its session is over; the program's exit status."""
        readers = [
            Thread(target=self._read, args=(stream, style), daemon=True)
            for stream, style in ((program.stdout, ""), (program.stderr, "faint"))
            if stream is not None
        ]
        for reader in readers:
            reader.start()
        with self._stage(), suppress(KeyboardInterrupt):  # the program has got it too: see how it ends
            while program.poll() is None:
                self._show_news(program.pid)
                time.sleep(_PAUSE)
        with self._stage():
            for reader in readers:
                reader.join(_GRACE)
            self._wait_for_the_end(program.pid)
        return program.wait()

    def _wait_for_the_end(self, process_id: int) -> None:
        deadline = time.monotonic() + _GRACE
        while time.monotonic() < deadline:
            news = self._show_news(process_id)
            session = self.session
            if not news and session is not None and is_over(session):
                return
            time.sleep(_PAUSE)

    @contextmanager
    def _stage(self) -> Generator[None]:
        if not self._console.is_terminal:
            yield
            return
        with Live(self._tree, console=self._console, transient=True, refresh_per_second=10):
            yield

    def _read(self, stream: IO[str], style: str) -> None:
        with stream:
            for line in stream:
                self._lines.put((line, style))

    def _show_news(self, process_id: int) -> bool:
        self._print_lines()
        spans, self._cursor = self._store.changes(self._cursor)
        own = [span for span in sorted(spans, key=following.moment) if self._is_own(span, process_id)]
        self._tree.take(own)
        if not self._console.is_terminal:
            glyphs = glyphs_for(self._console)
            for span in own:
                if self._telling.is_news(span):
                    print_span(self._console, span, glyphs, named=False)
        return bool(spans)

    def _print_lines(self) -> None:
        bar = f"{glyphs_for(self._console).line.strip()} "
        while True:
            try:
                line, style = self._lines.get_nowait()
            except Empty:
                return
            if not any(word in line for word in _OWN):
                for part in content.wrapped(line.rstrip("\n"), self._console.width - len(bar)):
                    self._console.print(Text.assemble((bar, "faint"), (part, style)), soft_wrap=True)

    def _is_own(self, span: SpanRecord, process_id: int) -> bool:
        """Whether the span belongs to the program; `agentops run` keeps the process id that it was started with."""
        if self._session_id is None and span.session_id not in self._others:
            try:
                owner = self._store.session(span.session_id).process_id
            except UnknownSessionError:
                owner = None
            if owner == process_id:
                self._session_id = span.session_id
            elif owner is not None:
                self._others.add(span.session_id)
        return span.session_id == self._session_id
