"""`track_endpoint` of AgentOps 0.4: each request that a function answers is a session of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, cast

from agentops import client
from agentops.decorators import said
from agentops.domain.states import EndState
from agentops.instrumentation.arguments import name_of, parameters_of
from agentops.instrumentation.observed import decorate
from agentops.instrumentation.withheld import withhold
from agentops.recording.guard import guarded
from agentops.session.description import words
from agentops.session.form import SessionForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.session.description import Tags
    from agentops.session.session import Session

METHOD: Final = "http.method"
URL: Final = "http.url"
ROUTE: Final = "http.route"
STATUS: Final = "http.status_code"
"""Attributes, as AgentOps 0.4 names them."""

_OK: Final = 200
_BROKEN: Final = 500


def track_endpoint(
    wrapped: Any = None, /, *, name: str | None = None, tags: Tags = None, version: object = None, **more: Any
) -> Any:
    """Runs each call of a function that answers HTTP requests as a session.

    Of a Flask request, method, address and route are kept, and the status of the answer; headers and body are not. A
    status of 500 and above is a failure.

    Args:
        wrapped: the function, when used without parentheses; or the name.
        name: what the session is called; the function's name if None.
        tags: words to find the session by.
        version: kept as an attribute.
        more: `cost` (USD of each call), `capture_request=False` and `capture_response=False` (to record nothing of
            requests or answers); further attributes.

    Raises:
        ConfigurationError: if tags are no words.
    """
    title = wrapped if isinstance(wrapped, str) else name
    known = words(tags)
    kept = said(more, version=version)
    attributes = {key: value for key, value in kept["attributes"].items() if value is not None}

    def form_of(function: Callable[..., Any], owner: type | None) -> Any:
        parameters, bound = parameters_of(function, owner)
        called = title or name_of(owner or function)
        form = EndpointForm(called, parameters, bound=bound, tags=known, attributes=attributes, manager=client.manager)
        form.watches_request, form.watches_response = kept["request"], kept["response"]
        return withhold(form, request=kept["request"], response=True)

    def track(function: Any) -> Any:
        return decorate(function, form_of)

    return track if wrapped is None or isinstance(wrapped, str) else track(wrapped)


class EndpointForm(SessionForm):
    """A session around each request.

    Attributes:
        watches_request: whether what is known of the request is kept.
        watches_response: whether what was answered is.
    """

    watches_request = True
    watches_response = True

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Session | None:
        """Start a session, with what is known of the request."""
        session = super().begin(args, kwargs)
        if session is not None and session.telemetry.root is not None and self.watches_request:
            with guarded("reading a request"):
                session.telemetry.root.set_attributes(_request_now())
        return session

    def finish(self, observation: Session, result: Any) -> None:
        """End it by the status of what was answered."""
        status = _OK
        with guarded("reading an answer"):
            status = status_of(result)
            if observation.telemetry.root is not None and self.watches_response:
                observation.telemetry.root.set_attribute(STATUS, status)
        if status >= _BROKEN:
            with guarded("ending a session"):
                observation.end(EndState.FAIL, f"status {status}")
        super().finish(observation, result if self.watches_response else None)


def _request_now() -> dict[str, str]:
    """What is known of the Flask request that is being answered, if Flask is there and at it."""
    flask: Any = sys.modules.get("flask")
    if flask is None or not flask.has_request_context():
        return {}
    request: Any = flask.request
    return {METHOD: str(request.method), URL: str(request.base_url), ROUTE: str(request.url_rule or request.path)}


def status_of(result: Any) -> int:
    """The status of an answer, as Flask reads what functions return: an object's own, that of a tuple, or 200."""
    if isinstance(result, tuple):
        parts = cast("tuple[Any, ...]", result)
        return next((part for part in parts[1:2] if type(part) is int), _OK)
    status = getattr(result, "status_code", None)
    return status if type(status) is int else _OK
