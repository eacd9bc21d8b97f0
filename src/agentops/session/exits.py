"""The ways out of a process: each leaves its sessions ended with a state and a reason, and goes as it would have.

The exit code, the traceback, the signal's own effect and every handler that was there before stay as they are.

One status is not seen: that of a `SystemExit` which the program raises itself, without `sys.exit`. The interpreter
tells nobody of it (`_Py_HandleSystemExit`, Python/pythonrun.c) before it runs what is to be run at exit, and by then it
is gone; what would see it - a trace function, another `SystemExit`, a process around the program - would change the
program.
"""

from __future__ import annotations

import atexit
import functools
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from agentops.domain.states import EndState
from agentops.recording.guard import guarded
from agentops.session.endings import ending_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

    from agentops.session.manager import SessionManager
    from agentops.session.tally import Tally

NORMAL_EXIT = "the process ended without ending the session"


class Exits:
    """Ends sessions when the process goes, and calls `finish` last."""

    def __init__(
        self,
        manager: Callable[[], SessionManager | None],
        finish: Callable[[], None],
        *,
        whole: bool,
        is_child: bool = False,
    ) -> None:
        """Watch the ways out.

        Args:
            manager: gives what ends the sessions.
            finish: delivers what is left, within its own time limit.
            whole: the session is the whole program (`agentops run`): a normal end is a success, and an exit code
                a failure.
            is_child: the session is another process's to end. SIGTERM is left alone then: a handler in Python is
                heard only between two steps of the interpreter, so that one who sends the signal at a bad moment, as
                pools of multiprocessing do to their workers, would wait for ever.
        """
        self._manager = manager
        self._finish = finish
        self._whole = whole
        self._is_child = is_child
        self._end: tuple[EndState, str | None] | None = None
        self._interrupted = False
        self._process = os.getpid()
        self._status: ExitStatus | None = None
        self._previous_hook = sys.excepthook
        self._previous_exit: Callable[..., Any] = sys.exit
        self._exit: Callable[..., Any] | None = None
        self._previous_handler: Any = None

    def install(self) -> None:
        """Begin to watch."""
        atexit.register(self.leave)
        self._previous_hook = sys.excepthook
        sys.excepthook = self._on_exception
        if self._whole:
            self._previous_exit = sys.exit
            sys.exit = self._exit = self._noting(sys.exit)
        if threading.current_thread() is threading.main_thread() and not self._is_child:
            previous = signal.getsignal(signal.SIGTERM)
            if previous is not None and previous is not signal.SIG_IGN:
                self._previous_handler = previous
                signal.signal(signal.SIGTERM, self._on_terminate)

    def undo(self) -> None:
        """Stop watching; what somebody else has put over ours stays."""
        atexit.unregister(self.leave)
        if sys.excepthook == self._on_exception:
            sys.excepthook = self._previous_hook
        if sys.exit is self._exit:
            sys.exit = self._previous_exit
        self._leave_signals_alone()

    def after_fork(self) -> None:
        """This is a child process."""
        self._is_child = True
        self._leave_signals_alone()

    def _leave_signals_alone(self) -> None:
        if self._previous_handler is not None and threading.current_thread() is threading.main_thread():
            if signal.getsignal(signal.SIGTERM) == self._on_terminate:
                signal.signal(signal.SIGTERM, self._previous_handler)
            self._previous_handler = None

    def leave(self) -> None:
        """End what lives and deliver what is left."""
        with guarded("ending sessions at exit"):
            if os.getpid() == self._process:
                state, reason = self._end or self._normal_end()
                manager = self._manager()
                if manager is not None:
                    if not self._is_worth_a_session(state, manager.tally):
                        manager.forget_unused()
                    manager.end_all(state, reason)
            with suppress(KeyboardInterrupt):  # whoever is tired of waiting: what is left stays in the journal
                self._finish()
        if self._interrupted:
            _interrupt_again()

    def _is_worth_a_session(self, state: EndState, tally: Tally) -> bool:
        """Whether the end of a program is to be told by a session in which nothing else happened."""
        if state is EndState.FAIL:
            return not tally.tells_of_failure
        return self._whole and not tally.started

    def _normal_end(self) -> tuple[EndState, str | None]:
        if not self._whole:
            return EndState.INDETERMINATE, NORMAL_EXIT
        status = self._status
        if status is None or status.was_caught or not status.value:
            return EndState.SUCCESS, None
        return EndState.FAIL, f"exit status {status.value}"

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        with guarded("noting an uncaught exception"):
            self._interrupted = isinstance(error, KeyboardInterrupt)
            self._end = (EndState.FAIL, "Signal SIGINT detected") if self._interrupted else ending_of(error)
        self._previous_hook(kind, error, trace)

    def _noting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """`sys.exit`, with the status noted."""

        @functools.wraps(original)
        def noting_exit(status: Any = None, /) -> None:
            try:
                original(status)
            except SystemExit as error:
                self._status = ExitStatus(error.code)
                vars(error)["_agentops"] = LastUser(self._status)
                raise

        return noting_exit

    def _on_terminate(self, number: int, frame: FrameType | None) -> None:
        reason = EndState.FAIL, "Signal SIGTERM detected"
        if callable(self._previous_handler):
            noted, self._end = self._end, reason
            self._previous_handler(number, frame)
            self._end = noted  # the handler came back: the program goes on
            return
        self._end = reason
        self.leave()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


class ExitStatus:
    """A status that `sys.exit` was called with, and whether the program caught that and went on."""

    def __init__(self, value: object) -> None:
        self.value = value if value is None or isinstance(value, int) else 1
        self.was_caught = False


class LastUser:
    """Lives as long as one SystemExit does, and tells where that was let go of.

    The interpreter lets go of the one that ends the program when no frame is left, a program that catches one does so
    in a frame.
    """

    def __init__(self, status: ExitStatus) -> None:
        self._status = status

    def __del__(self, look: Callable[[int], object] = sys._getframe) -> None:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - documented, and there is no other way
        try:
            look(1)
        except ValueError:  # no frame but this one
            return
        self._status.was_caught = True


def _interrupt_again() -> None:
    """Let CPython know again that it ends because of an interrupt, which makes it end by SIGINT.

    It forgets as soon as code is evaluated from a string, as namedtuples and dataclasses do when they are defined
    (`_Py_UnhandledKeyboardInterrupt`, Python/pythonrun.c).
    """
    with suppress(KeyboardInterrupt):
        exec("raise KeyboardInterrupt")  # noqa: S102 - it has to be code from a string
