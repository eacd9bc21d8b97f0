"""Context managers that a callable hands out: blocks in which the call goes on, or which give the true result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agentops.instrumentation.emitter import emission_of
from agentops.instrumentation.proxy import Proxy
from agentops.recording.context import leave
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from agentops.instrumentation.call import Call


ENTER: Final = "__enter__"
"""As the `Reader.deferred` of such a result, be it entered with `with` or `async with`."""


class ObservedManager(Proxy):
    """A context manager, sync or async; from entering to leaving it the call is current, and with it the call ends.

    What the library makes current meanwhile lies inside what we make current, so that either finds its own again.
    """

    def __init__(self, wrapped: Any, call: Call) -> None:
        super().__init__(wrapped)
        self._self_call = call
        self._self_stay = emission_of(call.span, call.request)
        self._self_entered: Any = None

    def _self_begin(self) -> None:
        with guarded("entering a call"):
            self._self_stay.stay()

    def _self_end(self, error: BaseException | None) -> None:
        entered, self._self_entered = self._self_entered, None
        with guarded("leaving a call"):
            self._self_stay.step_aside()
        if error is None:
            self._self_call.finish(entered)
        else:
            self._self_call.fail(error)

    def __enter__(self) -> Any:
        wrapped: Any = self.__wrapped__
        self._self_begin()
        try:
            self._self_entered = wrapped.__enter__()
        except BaseException as error:
            self._self_end(error)
            raise
        return self._self_entered

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        wrapped: Any = self.__wrapped__
        try:
            swallows = wrapped.__exit__(kind, error, trace)
        except BaseException as raised:
            self._self_end(raised)
            raise
        self._self_end(error)
        return swallows

    async def __aenter__(self) -> Any:
        wrapped: Any = self.__wrapped__
        self._self_begin()
        try:
            self._self_entered = await wrapped.__aenter__()
        except BaseException as error:
            self._self_end(error)
            raise
        return self._self_entered

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        wrapped: Any = self.__wrapped__
        try:
            swallows = await wrapped.__aexit__(kind, error, trace)
        except BaseException as raised:
            self._self_end(raised)
            raise
        self._self_end(error)
        return swallows

    def __del__(self) -> None:
        call = self._self_call
        if not call.ended:
            call.finish_stream(complete=False)


class HandingOut(Proxy):
    """A context manager, sync or async; what it was entered as is settled, and left before its end it is over."""

    def __init__(self, wrapped: Any, call: Call, settle: Callable[[Call, Any], Any]) -> None:
        super().__init__(wrapped)
        self._self_call = call
        self._self_settle = settle

    def _self_leave(self) -> None:
        self._self_call.finish_stream(complete=False)

    def __enter__(self) -> Any:
        call, wrapped = self._self_call, self.__wrapped__
        token = call.enter()
        try:
            try:
                entered: Any = wrapped.__enter__()
            finally:
                leave(token)
        except BaseException as error:
            call.fail(error)
            raise
        return self._self_settle(call, entered)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        wrapped: Any = self.__wrapped__
        try:
            return wrapped.__exit__(kind, error, trace)
        finally:
            self._self_leave()

    async def __aenter__(self) -> Any:
        call, wrapped = self._self_call, self.__wrapped__
        token = call.enter()
        try:
            try:
                entered: Any = await wrapped.__aenter__()
            finally:
                leave(token)
        except BaseException as error:
            call.fail(error)
            raise
        return self._self_settle(call, entered)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        wrapped: Any = self.__wrapped__
        try:
            return await wrapped.__aexit__(kind, error, trace)
        finally:
            self._self_leave()

    def __del__(self) -> None:
        self._self_leave()
