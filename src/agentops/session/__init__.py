"""Sessions: one execution of a workflow each, and everything recorded in it.

The package can be called: `agentops.session` names both the package and the decorator, whichever was imported first.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What `agentops.decorators.session` does."""
        return import_module("agentops.decorators").session(*args, **kwargs)


sys.modules[__name__].__class__ = _CallablePackage
