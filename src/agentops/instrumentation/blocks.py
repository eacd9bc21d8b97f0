"""Blocks that are entered and left, also asynchronously; one object may open several at the same time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

Entered = TypeVar("Entered")
Opened = TypeVar("Opened")


class Block(ABC, Generic[Entered]):
    """A context manager that is an async one as well."""

    @abstractmethod
    def __enter__(self) -> Entered: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def __aenter__(self) -> Entered:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def take(opened: list[Opened], is_current: Callable[[Opened], bool]) -> Opened:
    """What the block that ends here has opened: others may be open at the same time, in tasks and threads."""
    mine = next((one for one in reversed(opened) if is_current(one)), opened[-1])
    opened.remove(mine)
    return mine
