"""Keeping what went wrong, where one answers for others: a server to its clients, a writer to the threads it serves."""

from types import TracebackType
from typing import Self


class Catching:
    """Keeps the exception that its block ends with; what ends a program or cancels a task goes on.

    with Catching() as caught:
        result = work()
    if caught.error is not None:
        tell(caught.error)

    Attributes:
        error: the exception; None where there was none.
    """

    __slots__ = ("error",)

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.error = error
        return True
