"""Context managers that a callable hands out: what it stands for goes on while the program is inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops.instrumentation.proxy import Proxy
from agentops.recording.context import leave, stay, step_aside
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from types import TracebackType

    from agentops.instrumentation.call import Call
    from agentops.recording.passing import Passing


class ObservedManager(Proxy):
    """A context manager, sync or async; inside it the call is current, and with it the call ends."""

    def __init__(self, wrapped: Any, call: Call) -> None:
        super().__init__(wrapped)
        self._self_call = call
        self._self_entered: Any = None
        self._self_passing: Passing | None = None

    def _self_begin(self, entered: Any) -> Any:
        """The program is inside."""
        self._self_entered = entered
        with guarded("entering a call"):
            self._self_passing = stay(self._self_call.span)
        return entered

    def _self_pause(self) -> None:
        """The program comes out."""
        passing, self._self_passing = self._self_passing, None
        if passing is not None:
            with guarded("leaving a call"):
                step_aside(passing)

    def _self_end(self, error: BaseException | None) -> None:
        entered, self._self_entered = self._self_entered, None
        if error is None:
            self._self_call.finish(entered)
        else:
            self._self_call.fail(error)

    def __enter__(self) -> Any:
        wrapped: Any = self.__wrapped__
        token = self._self_call.enter()
        try:
            try:
                entered = wrapped.__enter__()
            finally:
                leave(token)
        except BaseException as error:
            self._self_end(error)
            raise
        return self._self_begin(entered)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        wrapped: Any = self.__wrapped__
        self._self_pause()
        token = self._self_call.enter()
        try:
            try:
                swallows = wrapped.__exit__(kind, error, trace)
            finally:
                leave(token)
        except BaseException as raised:
            self._self_end(raised)
            raise
        self._self_end(error)
        return swallows

    async def __aenter__(self) -> Any:
        wrapped: Any = self.__wrapped__
        token = self._self_call.enter()
        try:
            try:
                entered = await wrapped.__aenter__()
            finally:
                leave(token)
        except BaseException as error:
            self._self_end(error)
            raise
        return self._self_begin(entered)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        wrapped: Any = self.__wrapped__
        self._self_pause()
        token = self._self_call.enter()
        try:
            try:
                swallows = await wrapped.__aexit__(kind, error, trace)
            finally:
                leave(token)
        except BaseException as raised:
            self._self_end(raised)
            raise
        self._self_end(error)
        return swallows

    def __del__(self) -> None:
        call = self._self_call
        if not call.ended:
            call.finish_stream(complete=False)
