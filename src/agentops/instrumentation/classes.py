"""Observed classes: the same class object, whose methods are recorded where they are called from outside."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from agentops.instrumentation.functions import observe_function
from agentops.recording.context import current_span
from agentops.recording.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.instrumentation.forms import Form

Class = TypeVar("Class", bound=type)


class OutermostForm:
    """Observes a method of an object, unless another method of the same object is being observed around it.

    Which object a span is of is kept while it lasts, by identity, so that no object is kept alive or compared.
    """

    def __init__(self, form: Form[Any]) -> None:
        self.finish = form.finish
        self.fail = form.fail
        self.pause = form.pause
        self.resume = form.resume
        self.abandon = form.abandon
        self._begin = form.begin

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Begin, if the call comes from outside the object."""
        if not args:
            return None
        owner = id(args[0])
        around = current_span()
        while isinstance(around, Span):
            if around.owner == owner:
                return None
            around = around.parent
        observation = self._begin(args, kwargs)
        inside = current_span()
        if observation is not None and inside is not None:
            inside.owner = owner
        return observation


def observe_class(decorated: Class, form_of: Callable[[Callable[..., Any]], Form[Any]]) -> Class:
    """The class, its own public methods observed; `form_of` gives the form of a method.

    Nothing is subclassed and no instance carries anything: what pickles, compares or inherits goes on doing so.
    """
    for name, method in list(vars(decorated).items()):
        if inspect.isfunction(method) and (name == "__call__" or not name.startswith("_")):
            setattr(decorated, name, observe_function(method, OutermostForm(form_of(method))))
    return decorated
