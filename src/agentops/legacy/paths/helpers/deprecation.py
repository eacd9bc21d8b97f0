"""Warnings of what is going to go away, as AgentOps 0.4 gives them."""

import functools
from collections.abc import Callable
from typing import Any

from agentops.recording.guard import logger

_told: set[str] = set()


def deprecated(message: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that warns at the first call of a function; `message` says what to use instead."""

    def decorate(func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def call(*args: Any, **kwargs: Any) -> Any:
            _tell(f"{func.__name__}() is deprecated. {message}")
            return func(*args, **kwargs)

        return call

    return decorate


def warn_deprecated_param(param_name: str, replacement: str | None = None) -> None:
    """Warn, once, of a parameter that is going to go away."""
    instead = "" if replacement is None else f" Use {replacement!r} instead."
    _tell(f"the parameter {param_name!r} is deprecated.{instead}")


def _tell(warning: str) -> None:
    if warning not in _told:
        _told.add(warning)
        logger.warning("%s", warning)
