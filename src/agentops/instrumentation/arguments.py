"""What is known of a decorated function before it runs: its name, its parameters, and its arguments by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_OBJECTS = (("self",), ("cls",), ("mcs",))


def parameters_of(function: Callable[..., Any], owner: type | None) -> tuple[tuple[str, ...], int]:
    """The names of the positional parameters, without the object a method belongs to, and 1 where there is one."""
    code = getattr(function, "__code__", None)
    if code is None:
        return (), 0
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    scope = function.__qualname__.rpartition(".")[0]
    is_method = owner is not None or (bool(scope) and not scope.endswith("<locals>") and names[:1] in _OBJECTS)
    return (names[1:], 1) if is_method and names else (names, 0)


def arguments_of(
    parameters: tuple[str, ...], bound: int, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The arguments of a call by name, and under `*` those that no parameter has a name for.

    Args:
        parameters: names of the function's positional parameters, without bound ones.
        bound: how many leading arguments are the object that the method belongs to.
        args: the positional arguments.
        kwargs: the others.
    """
    positional = args[bound:]
    arguments: dict[str, Any] = dict(zip(parameters, positional, strict=False))
    if len(positional) > len(parameters):
        arguments["*"] = positional[len(parameters) :]
    arguments.update(kwargs)
    return arguments


def name_of(decorated: Any) -> str:
    """What a function or class is called; of an object that can be called, its class."""
    return getattr(decorated, "__name__", type(decorated).__name__)
