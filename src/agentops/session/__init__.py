"""Sessions: one execution of a workflow each, and everything recorded in it.

The package can be called: `agentops.session` is both the package and the decorator `agentops.decorators.session`.
"""

import sys
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(
        self,
        wrapped: Any = None,
        /,
        *,
        name: str | None = None,
        tags: Iterable[str] | str | None = None,
        **more: Any,
    ) -> Any:
        """What `agentops.decorators.session` does."""
        return import_module("agentops.decorators").session(wrapped, name=name, tags=tags, **more)


sys.modules[__name__].__class__ = _CallablePackage
