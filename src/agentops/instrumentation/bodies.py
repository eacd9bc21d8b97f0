"""Bodies that the program reads from the connection itself, observed as it does."""

from __future__ import annotations

import inspect
from functools import reduce
from typing import TYPE_CHECKING, Any

from agentops.domain.foreign import at
from agentops.instrumentation.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from agentops.instrumentation.call import Call


def observe_reading(body: Any, paths: Sequence[str], call: Call, result: Any) -> bool:
    """Observe what a body, part of a result, is read from, at the first of these paths; False where there is none."""
    for path in paths:
        *outer, name = path.split(".")
        holder = reduce(at, outer, body)
        source = at(holder, name)
        if hasattr(source, "read"):
            try:
                setattr(holder, name, ObservedSource(source, Reading(call)))
            except AttributeError:  # it makes its source anew each time
                return False
            call.begin_stream(result)
            return True
    return False


class Reading:
    """What of a body was read; forgotten before its end, the call ends incomplete."""

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    def take(self, data: bytes, size: int | None) -> None:
        """Bytes came, of at most `size`; where that is no limit, or nothing came, they are the last."""
        self._call.chunk(data)
        if not data or size is None or size < 0:
            self._call.finish_stream(complete=True)

    def fail(self, error: BaseException) -> None:
        """Reading raised."""
        self._call.fail(error)

    def leave(self) -> None:
        """It is read no further."""
        self._call.finish_stream(complete=False)

    def __del__(self) -> None:
        if not self._call.ended:
            self._call.finish_stream(complete=False)


class ObservedSource(Proxy):
    """What a body is read from; it stands in for the library's own."""

    def __init__(self, wrapped: Any, reading: Reading) -> None:
        super().__init__(wrapped)
        self._self_reading = reading

    def read(self, *args: Any, **kwargs: Any) -> Any:
        """Read, at once or once awaited; the first argument, whatever it is called, says how much."""
        wrapped: Any = self.__wrapped__
        reading: Reading = self._self_reading
        size = next(iter((*args, *kwargs.values())), None)
        try:
            data = wrapped.read(*args, **kwargs)
        except BaseException as error:
            reading.fail(error)
            raise
        if inspect.isawaitable(data):
            return _read(data, size, reading)
        reading.take(data, size)
        return data

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        wrapped: Any = self.__wrapped__
        reading: Reading = self._self_reading
        try:
            count: int = wrapped.readinto(buffer)
        except BaseException as error:
            reading.fail(error)
            raise
        reading.take(bytes(memoryview(buffer)[:count]), len(buffer))
        return count

    def close(self) -> Any:
        """Close it; not read to its end, the call ends incomplete."""
        wrapped: Any = self.__wrapped__
        try:
            return wrapped.close()
        finally:
            self._self_reading.leave()


async def _read(coming: Awaitable[bytes], size: int | None, reading: Reading) -> bytes:
    try:
        data = await coming
    except BaseException as error:
        reading.fail(error)
        raise
    reading.take(data, size)
    return data
