"""Calls of which the program wants to keep what goes in, or what comes out, to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from agentops.instrumentation.forms import Form

Observation = TypeVar("Observation")


class WithheldForm(Generic[Observation]):
    """Observes as another form does, without the arguments of calls, or without their results, or both."""

    def __init__(self, form: Form[Observation], *, request: bool, response: bool) -> None:
        """Say what is recorded.

        Args:
            form: how it is recorded.
            request: whether the arguments are.
            response: whether the results are.
        """
        self._form = form
        self._request = request
        self._response = response
        self.fail = form.fail
        self.pause = form.pause
        self.resume = form.resume

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Observation | None:
        """The call begins."""
        return self._form.begin(args, kwargs) if self._request else self._form.begin((), {})

    def finish(self, observation: Observation, result: Any) -> None:
        """It came back."""
        self._form.finish(observation, result if self._response else None)

    def abandon(self, observation: Observation, result: Any) -> None:
        """Its generator was closed before its end."""
        self._form.abandon(observation, result if self._response else None)


def withhold(form: Form[Any], *, request: bool, response: bool) -> Form[Any]:
    """The form itself where nothing is withheld."""
    return form if request and response else WithheldForm(form, request=request, response=response)
