"""Connections closed under a stream or a deferred result: the call ends with them, whoever closes them."""

from __future__ import annotations

import weakref
from types import GeneratorType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.instrumentation.call import Call


def watch_closing(
    connection: Any, current: Callable[[], Any], call: Call, leave: Callable[[], None] | None = None
) -> None:
    """End the call when the connection is closed between two chunks, whoever closes it.

    While a chunk is being fetched the library closes it by itself, at the end or on errors.

    Args:
        connection: what is closed; it gets a `close` or `aclose` of its own for as long as the call goes on.
        current: gives who fetches chunks, None where nobody does any more; whether it is at it just now is what its
            `advancing` says, or `gi_running` of a generator.
        call: what ends.
        leave: ends it; as a stream that was left, if None.
    """
    watch = Watch(weakref.ref(connection), current, call, leave or (lambda: call.finish_stream(complete=False)))
    kind = cast("Any", type(connection))
    for name, replacement in (("close", watch.close), ("aclose", watch.aclose)):
        if hasattr(kind, name):
            vars(connection)[name] = replacement


def _is_advancing(current: Any) -> bool:
    if isinstance(current, GeneratorType):
        return cast("GeneratorType[Any, Any, Any]", current).gi_running
    return current is not None and current.advancing


class Watch:
    """Stands in for a connection's closing methods; it does not keep the connection."""

    def __init__(
        self,
        connection: Callable[[], Any],
        current: Callable[[], Any],
        call: Call,
        leave: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._current = current
        self._call = call
        self._leave = leave

    def close(self) -> Any:
        """Close the connection, then end the call."""
        connection = self._connection()
        kind = cast("Any", type(connection))
        try:
            return None if connection is None else kind.close(connection)
        finally:
            self._closed()

    async def aclose(self) -> Any:
        """Close the connection, then end the call."""
        connection = self._connection()
        kind = cast("Any", type(connection))
        try:
            return None if connection is None else await kind.aclose(connection)
        finally:
            self._closed()

    def _closed(self) -> None:
        current = self._current()
        if not self._call.ended and _is_advancing(current):
            return
        connection = self._connection()
        for name in ("close", "aclose"):
            if connection is not None:
                vars(connection).pop(name, None)  # pyright: ignore[reportUnknownMemberType] - any object's
        if not self._call.ended:
            self._leave()
