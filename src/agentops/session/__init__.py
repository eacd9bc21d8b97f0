"""Sessions: one execution of a workflow each, and everything recorded in it.

The package can be called: `agentops.session` is both the package and the decorator `agentops.decorators.session`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentops.session.description import Tags


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


sys.modules[__name__].__class__ = _CallablePackage
