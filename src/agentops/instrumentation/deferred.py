"""Results that hand out the true result later: raw responses whose body is still on the wire."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, cast

from agentops.instrumentation.closing import watch_closing
from agentops.recording.context import leave
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.instrumentation.call import Call

CONNECTION = "http_response"
"""Where a raw response keeps what its closing releases."""


def defer(result: Any, method: str, call: Call, settle: Callable[[Call, Any], Any]) -> bool:
    """Let the call go on until the program asks the result's method for the true one; False where there is none.

    `settle` then takes what the method gives. Closed or dropped before that, the call ends with the result itself.
    """
    kind = cast("Any", type(result))
    original = getattr(kind, method, None)
    own: dict[str, Any] | None = getattr(result, "__dict__", None)
    if original is None or own is None:
        return False
    pending = Pending(call, result)

    def hand_out(*args: Any, **kwargs: Any) -> Any:
        own.pop(method, None)
        pending.asked = True
        pending.advancing = True
        token = call.enter()
        try:
            try:
                outcome = original(result, *args, **kwargs)
            finally:
                leave(token)
        except BaseException as error:
            call.fail(error)
            raise
        finally:
            pending.advancing = False
        return settle(call, outcome)

    own[method] = hand_out
    connection = getattr(result, CONNECTION, None)
    if connection is not None:
        watch_closing(connection, lambda: pending, call, pending.leave)
    weakref.finalize(result, pending.leave_dropped).atexit = False
    return True


class Pending:
    """A deferred result that has not been asked for.

    Attributes:
        asked: whether the true result was handed out: the stream, if it is one, ends the call.
        advancing: whether the library is at work on it.
    """

    def __init__(self, call: Call, result: Any) -> None:
        self._call = call
        self._result = weakref.ref(result)
        self.asked = False
        self.advancing = False

    def leave(self) -> None:
        """The connection was closed: whatever of the body was read, it is over."""
        if not self.asked:
            self._call.finish(self._result())

    def leave_dropped(self) -> None:
        """Nobody has the result any more."""
        if not self.asked:
            with guarded("ending a dropped response"):
                self._call.finish_stream(complete=False)
