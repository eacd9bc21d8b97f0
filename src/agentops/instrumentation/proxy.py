"""What objects that stand in for a library's own are made of, in both versions of wrapt."""

from typing import TYPE_CHECKING, Any

import wrapt

if TYPE_CHECKING:
    Proxy = wrapt.BaseObjectProxy[Any]
    Wrapper = wrapt.FunctionWrapper[..., Any]
    BoundWrapper = wrapt.BoundFunctionWrapper[..., Any]
else:  # the classes of wrapt 1, to which aiobotocore 2 holds, take no types, and one of them has another name
    Proxy = getattr(wrapt, "BaseObjectProxy", wrapt.ObjectProxy)
    Wrapper = wrapt.FunctionWrapper
    BoundWrapper = wrapt.BoundFunctionWrapper
