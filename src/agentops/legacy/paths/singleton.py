"""Classes of which there is one object: the module of AgentOps 0.3."""

from collections.abc import Callable
from typing import Any

ao_instances: dict[Any, Any] = {}
"""The objects by their classes."""


def singleton(class_: Callable[..., Any]) -> Callable[..., Any]:
    """A function that makes the object of a class at its first call, and gives that one ever after."""

    def instance(*args: Any, **kwargs: Any) -> Any:
        if class_ not in ao_instances:
            ao_instances[class_] = class_(*args, **kwargs)
        return ao_instances[class_]

    return instance


def conditional_singleton(class_: Callable[..., Any]) -> Callable[..., Any]:
    """The same, but `use_singleton=False` makes a fresh object, which is not kept."""
    shared = singleton(class_)

    def instance(*args: Any, use_singleton: bool = True, **kwargs: Any) -> Any:
        return shared(*args, **kwargs) if use_singleton else class_(*args, **kwargs)

    return instance


def clear_singletons() -> None:
    """Forget every object: the next call makes another."""
    ao_instances.clear()
