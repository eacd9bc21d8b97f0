"""The wrapper around an observed callable: in everything but the call, the callable itself."""

from __future__ import annotations

import copy
import pkgutil
from typing import TYPE_CHECKING, Any, Self

from agentops.instrumentation.proxy import BoundWrapper, Wrapper

if TYPE_CHECKING:
    from collections.abc import Callable

MAXIMUM_DEPTH = 64
"""How many wrappers of one callable are looked through."""


class BoundObserved(BoundWrapper):
    """An observed method as reached through its class or an instance."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        instance: Any = self._self_instance
        return self if instance is None else getattr(copy.deepcopy(instance, memo), self.__name__)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """By reference, as functions and bound methods are; whoever unpickles needs no agentops."""
        instance: Any = self._self_instance
        if instance is not None:
            return getattr, (instance, self.__name__)
        path = f"{self.__module__}:{self.__qualname__}"
        pkgutil.resolve_name(path)
        return pkgutil.resolve_name, (path,)


class Observed(Wrapper):
    """An observed callable; while its switch is empty, it only calls through.

    Attributes:
        _self_switch: shared by all wrappers that go out together. Its length is asked before each call, in C, so that
            a bound method that the program keeps goes quiet too.
    """

    __bound_function_wrapper__ = BoundObserved

    def __init__(self, wrapped: Any, wrapper: Callable[..., Any], switch: list[bool]) -> None:
        super().__init__(wrapped, wrapper, enabled=switch.__len__)  # pyright: ignore[reportArgumentType] - any callable
        self._self_switch = switch

    @property
    def is_live(self) -> bool:
        """Whether calls are observed."""
        return bool(self._self_switch)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: Any) -> str:
        """By reference, as functions are."""
        return self.__qualname__


def is_observed(attribute: Any) -> bool:
    """Whether a live wrapper of ours is anywhere in the chain of wrappers that make up this attribute."""
    for _ in range(MAXIMUM_DEPTH):
        if type(attribute) is Observed and attribute.is_live:
            return True
        attribute = getattr(attribute, "__wrapped__", None)
        if attribute is None:
            return False
    return False
