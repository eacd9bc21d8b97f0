"""Listening to what is written to `sys.stdout` and `sys.stderr`, which stay the very objects that they are.

Nothing is put in the place of a stream: its `write` and `flush`, and the `write` of the buffer below, are covered by
attributes of the object itself, which first do what the stream does and then note what was written. So everything
else, who holds the stream already included, goes on as before: its type, its buffer, `fileno`, `isatty`,
`reconfigure`. What goes around Python's stream objects is not heard: `os.write`, writing to the raw file below the
buffer, C code, and programs that inherit the descriptors.
"""

from __future__ import annotations

import codecs
import functools
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final

from agentops.recording.guard import FAILURES, report
from agentops.session.lines import Lines
from agentops.session.listening import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.domain.spans import LogSource
    from agentops.session.listening import Captures

_MISSING: Final = object()

LOGGING_ERROR: Final = "--- Logging error ---\n"
"""How `logging.Handler.handleError` begins to say that a handler failed."""


class StreamTap:
    """Listens to one stream.

    Attributes:
        stream: which.
        lines: what was written to it, as lines.
    """

    def __init__(self, stream: Any, source: LogSource, captures: Captures, taps: dict[int, StreamTap]) -> None:
        """Nothing is covered yet.

        Args:
            stream: the stream.
            source: what it is called.
            captures: who is told.
            taps: all of them, by the identity of their stream.
        """
        self.stream = stream
        self.lines = Lines(source)
        self._captures = captures
        self._taps = taps
        self._covers: list[Cover] = []
        self._tails: dict[int, bytes] = {}

    def install(self) -> None:
        """Begin to listen, unless the stream does not let its methods be covered."""
        if self._covers:  # somebody has covered ours, so that they are still there
            return
        self._cover(self.stream, "write", self.note)
        self._cover(self.stream, "flush", None)
        try:
            buffer = self.stream.buffer
        except FAILURES:  # it has none, or was detached from it
            return
        self._cover(buffer, "write", self.note_bytes)

    def _cover(self, target: Any, name: str, note: Callable[[tuple[Any, ...], Any], None] | None) -> None:
        cover = Cover(target, name)
        if cover.place(_write_of(self, cover.original, note)):
            self._covers.append(cover)

    def undo(self) -> bool:
        """Stop listening; whether the stream is as it was: what somebody has put over ours stays, and ours below."""
        self.lines.flush()
        self._tails = {}
        self._covers = [cover for cover in self._covers if not cover.remove()]
        return not self._covers

    def note(self, args: tuple[Any, ...], result: Any) -> None:  # noqa: ARG002 - what covers of both kinds are told
        """Text was written."""
        text = args[0]
        if type(text) is not str:
            if not isinstance(text, str):
                return
            text = str.__str__(text)
        self._add(text)

    def note_bytes(self, args: tuple[Any, ...], result: Any) -> None:
        """Bytes were written to the buffer, `result` of them."""
        data = bytes(args[0]) if type(args[0]) is bytes else bytes(memoryview(args[0]).cast("B"))
        if isinstance(result, int):
            self._add(self._decode(data[:result]))

    def _add(self, text: str) -> None:
        if not text or (here.handler is not None and self._is_echo(text)):
            return
        place = self._captures.find()
        if place is not None:
            self.lines.add(place[0], place[1], text if text.isascii() else self._legible(text))

    def _is_echo(self, text: str) -> bool:
        """Whether this is what a handler prints of a record that is kept itself."""
        if text == LOGGING_ERROR:
            here.handler = None  # what comes now is about the failure
            return False
        target = getattr(here.handler, "stream", None)
        return target is None or target is self.stream or id(target) not in self._taps

    def _decode(self, data: bytes) -> str:
        """Bytes as the text they stand for; what does not make a character yet waits for the rest."""
        thread = get_ident()
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        decoder = codecs.getincrementaldecoder(encoding)("backslashreplace")
        text = decoder.decode(self._tails.pop(thread, b"") + data)
        tail = decoder.getstate()[0]
        if tail:
            self._tails[thread] = tail
        return text

    def _legible(self, text: str) -> str:
        """Text as UTF-8 can hold it; what it cannot hold as the stream has written it, single bytes shown as such."""
        try:
            text.encode()
        except UnicodeEncodeError:
            encoding, errors = getattr(self.stream, "encoding", None), getattr(self.stream, "errors", None)
            try:
                written = text.encode(encoding or "utf-8", errors or "backslashreplace")
            except UnicodeEncodeError:  # it was given to a stream that is not strict with its text
                return text.encode("utf-8", "backslashreplace").decode()
            return written.decode(encoding or "utf-8", "backslashreplace")
        return text

    def forget(self) -> None:
        """Forget what is begun."""
        self.lines.forget()
        self._tails = {}


class Cover:
    """An attribute of an object that covers a method of it.

    Attributes:
        original: what it covers.
    """

    def __init__(self, target: Any, name: str) -> None:
        self._target = target
        self._name = name
        self._namespace: dict[str, Any] | None = getattr(target, "__dict__", None)
        self._hook: Any = None
        self._previous: Any = _MISSING
        self.original: Any = getattr(target, name, None)

    def place(self, hook: Any) -> bool:
        """Cover the method; whether it is covered."""
        namespace = self._namespace
        if type(namespace) is not dict or not callable(self.original):
            return False
        self._hook = hook
        self._previous = namespace.get(self._name, _MISSING)
        namespace[self._name] = hook
        if getattr(self._target, self._name, None) is hook:
            return True
        self.remove()
        return False

    def remove(self) -> bool:
        """Uncover it; False where somebody has put something over ours."""
        namespace = self._namespace or {}
        if namespace.get(self._name) is not self._hook:
            return self._name not in namespace
        if self._previous is _MISSING:
            del namespace[self._name]
        else:
            namespace[self._name] = self._previous
        return True


def _write_of(
    tap: StreamTap, original: Callable[..., Any], note: Callable[[tuple[Any, ...], Any], None] | None
) -> Callable[..., Any]:
    """What covers a method: the method, then a note of what it was given; a failure of it passes without a trace of us.

    What one stream does inside another's `write`, or inside its own, is that write seen from further in. Only what is
    in reach of the function itself is used, so that it works while the interpreter takes modules apart.
    """
    now, sessions = here, tap._captures.sessions  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - one module
    is_text = note == tap.note
    tolerated, tell = FAILURES, report

    def covered(*args: Any, **kwargs: Any) -> Any:
        outer = now.owner
        try:
            now.owner = tap
            result = original(*args, **kwargs)
        except BaseException as error:
            frames = error.__traceback__
            error.__traceback__ = None if frames is None else frames.tb_next
            raise  # as it is: with no argument this frame is not added again
        finally:
            now.owner = outer
        if note is not None and sessions and (outer is None or (is_text and outer is tap)):
            try:
                note(args or tuple(kwargs.values()), result)
            except RecursionError:  # the program is about to find out by itself
                pass
            except tolerated as error:
                tell("capturing what is written", error)
        return result

    return functools.wraps(original)(covered)
