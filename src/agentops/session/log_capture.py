"""Capturing what a program writes to stdout, stderr and `logging`: each line in the session and span it belongs to."""

from __future__ import annotations

import os
import sys
import threading
from itertools import count
from typing import TYPE_CHECKING, Final

from agentops.domain.spans import LogRecord, LogSource
from agentops.recording.guard import guarded
from agentops.session.lines import is_old
from agentops.session.listening import captures
from agentops.session.loggers import LoggingTap
from agentops.session.streams import StreamTap

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.session.lines import Begun
    from agentops.session.loggers import Logged
    from agentops.session.session import Session

_numbers: Final = count(1)


class LogCapture:
    """Keeps what is written in one session, from `start` until `stop` or the end of the session.

    A line belongs to the session and the span that are current where it is written. What threads and tasks without a
    session write belongs to the default session. The output itself stays as it is, to the byte.

    Attributes:
        session_id: the session.
        now: gives Unix nanoseconds, as spans have them.
    """

    def __init__(self, session: Session) -> None:
        """Nothing is captured before `start`."""
        self._trace = session.telemetry.trace
        self.session_id = self._trace.session_id
        self._recorder = session.telemetry.recorder
        self.now = self._recorder.clock.now

    @property
    def is_on(self) -> bool:
        """Whether what is written in the session is captured."""
        return captures.sessions.get(self.session_id) is self

    def start(self) -> None:
        """Capture what is written from now on."""
        if self._recorder.content:
            captures.find_trace = self._recorder.find_trace
            _tap.add(self.session_id, self)

    def stop(self) -> None:
        """Capture no more; begun lines are kept as they are."""
        self.flush()
        _tap.remove(self.session_id, self)

    def flush(self) -> None:
        """Write down the lines that are begun, without waiting for their ends."""
        _tap.flush(lambda begun: begun.sink is self)

    def flush_old(self) -> None:
        """Write down the lines that were begun a second ago and are not ended."""
        _tap.flush(lambda begun: begun.sink is self and is_old(begun))

    def keep(self, source: LogSource, span_id: str | None, time: int, text: str) -> None:
        """Write down whole lines, or part of one."""
        self._recorder.add(
            LogRecord(
                session_id=self.session_id,
                time=time,
                number=next(_numbers),
                span_id=span_id,
                source=source,
                body=text,
            ),
            self._trace,
        )

    def keep_logged(self, span_id: str | None, time: int, logged: Logged) -> None:
        """Write down a record of `logging`."""
        self._recorder.add(
            LogRecord(
                session_id=self.session_id,
                time=time,
                number=next(_numbers),
                span_id=span_id,
                source=LogSource.LOGGING,
                **logged._asdict(),
            ),
            self._trace,
        )


class Tap:
    """Listens to the streams and loggers of the process, as long as any session captures."""

    def __init__(self) -> None:
        self._streams: dict[int, StreamTap] = {}
        self._logging = LoggingTap(captures)
        self._lock = threading.RLock()  # a signal handler may end sessions while one is being started

    def add(self, session_id: str, capture: LogCapture) -> None:
        """One more session listens; to what `sys.stdout` and `sys.stderr` are now as well."""
        with self._lock:
            captures.put(session_id, capture)
            for stream, source in ((sys.stdout, LogSource.STDOUT), (sys.stderr, LogSource.STDERR)):
                with guarded("listening to a stream"):
                    self._listen(stream, source)
            self._logging.install()

    def _listen(self, stream: object, source: LogSource) -> None:
        if stream is None:  # closed before Python started
            return
        tap = self._streams.get(id(stream))
        if tap is None:
            tap = self._streams[id(stream)] = StreamTap(stream, source, captures, self._streams)
        tap.install()

    def remove(self, session_id: str, capture: LogCapture) -> None:
        """A session listens no more; the last one leaves everything as it was."""
        with self._lock:
            captures.take(session_id, capture)
            if not captures.sessions:
                self._undo()

    def _undo(self) -> None:
        for key, tap in list(self._streams.items()):
            with guarded("leaving a stream as it was"):
                if tap.undo():
                    del self._streams[key]
        self._logging.undo()

    def flush(self, wanted: Callable[[Begun], bool]) -> None:
        """Write down the begun lines that are wanted."""
        for tap in list(self._streams.values()):
            with guarded("writing down begun lines"):
                tap.lines.flush(wanted)

    def after_fork(self) -> None:
        """This is a child process: what is begun is its parent's."""
        self._lock = threading.RLock()
        for tap in self._streams.values():
            tap.forget()


_tap: Final = Tap()
os.register_at_fork(after_in_child=_tap.after_fork)
