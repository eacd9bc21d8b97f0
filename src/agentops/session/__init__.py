"""Sessions: one execution of a workflow each, and everything recorded in it.

The package can be called: `agentops.session` is both the package and the decorator `agentops.decorators.session`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentops.domain.states import EndState, SessionState
    from agentops.session.description import Tags
    from agentops.session.registry import (
        active_sessions,
        add_session,
        clear_registry,
        end_session_scope,
        get_active_sessions,
        get_current_session,
        get_default_session,
        get_session_by_id,
        remove_session,
        set_current_session,
        use_session,
    )
    from agentops.session.session import Session

__all__ = [
    "EndState",
    "Session",
    "SessionState",
    "active_sessions",
    "add_session",
    "clear_registry",
    "end_session_scope",
    "get_active_sessions",
    "get_current_session",
    "get_default_session",
    "get_session_by_id",
    "remove_session",
    "set_current_session",
    "use_session",
]


class _CallablePackage(ModuleType):
    def __call__(
        self,
        wrapped: Any = None,
        /,
        *,
        name: str | None = None,
        tags: Tags = None,
        **more: Any,
    ) -> Any:
        """What `agentops.decorators.session` does."""
        return import_module("agentops.decorators").session(wrapped, name=name, tags=tags, **more)


_PLACES = {
    "EndState": "agentops.domain.states",
    "Session": "agentops.session.session",
    "SessionState": "agentops.domain.states",
    **dict.fromkeys(
        (
            *("active_sessions", "add_session", "clear_registry", "end_session_scope", "get_active_sessions"),
            *("get_current_session", "get_default_session", "get_session_by_id", "remove_session"),
            *("set_current_session", "use_session"),
        ),
        "agentops.session.registry",
    ),
}
"""What programs import from here, and where it is: nothing is imported before it is asked for."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


sys.modules[__name__].__class__ = _CallablePackage
