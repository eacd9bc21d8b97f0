"""Context managers that hand out the true result when they are entered: a stream, for as long as they are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agentops.instrumentation.proxy import Proxy
from agentops.recording.context import leave

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from agentops.instrumentation.call import Call

ENTER: Final = "__enter__"
"""As the `Reader.deferred` of such a result, be it entered with `with` or `async with`."""


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
