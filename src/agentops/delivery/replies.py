"""What a collector's answers mean: taken, refused, or to be tried again."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import msgspec

from agentops.delivery.destination import DeliveryError
from agentops.domain import wire
from agentops.domain.foreign import at, objects, text
from agentops.errors import AgentOpsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops.delivery.transport import Answer

_RETRIED: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_UNAUTHORIZED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_SAID: Final = 300
"""Characters of a collector's words that are kept."""


class RefusedError(AgentOpsError):
    """The collector refused a request, and would again: what was in it is at fault."""

    def __init__(self, status: int, message: str) -> None:
        """`status` is that of HTTP, `message` the collector's words."""
        super().__init__(f"{status}: {message}" if message else str(status))
        self.status = status


class UnauthorizedError(DeliveryError):
    """The collector does not accept the API key; what is recorded waits until it does."""


class Refusal(NamedTuple):
    """One event that a collector did not take, though it took the others of the request."""

    event_id: str
    reason: str


def reply_of(answer: Answer) -> Mapping[str, Any]:
    """What a collector replied to a request that it took.

    Raises:
        RefusedError: if it refused it for good.
        UnauthorizedError: if it does not accept who asks.
        DeliveryError: if it may be tried again, after `retry_after` seconds where it says so.
    """
    status = answer.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _reply(answer)
    said = _words(answer)
    if status in _UNAUTHORIZED:
        raise UnauthorizedError(f"{status}: {said}")
    if status < HTTPStatus.BAD_REQUEST:
        raise DeliveryError(f"it has moved to {answer.location}: set the endpoint to where it is")
    if status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise DeliveryError(f"{status}: {said}", retry_after=answer.retry_after)
    raise RefusedError(status, said)


def _reply(answer: Answer) -> Mapping[str, Any]:
    """The JSON of a reply; the original says `"Success"` where it has nothing to say."""
    try:
        reply: Any = msgspec.json.decode(answer.body or b"{}")
    except (ValueError, RecursionError):
        raise DeliveryError("what answers there is no collector: its answer is no JSON") from None
    return cast("dict[str, Any]", reply) if isinstance(reply, dict) else {}


def _words(answer: Answer) -> str:
    """What a collector said about a failure."""
    try:
        reply: Any = msgspec.json.decode(answer.body)
    except (ValueError, RecursionError):
        return HTTPStatus(answer.status).phrase if answer.status in set(HTTPStatus) else ""
    found = next((at(reply, name) for name in ("message", "error", "detail") if at(reply, name)), reply)
    return (found if isinstance(found, str) else wire.to_legible_json(found).decode())[:_SAID]


def refusals_of(reply: Mapping[str, Any]) -> list[Refusal]:
    """The events that a reply names as refused: `{"refused": [{"id": ..., "reason": ...}]}`."""
    return [
        Refusal(text(each, "id") or "", text(each, "reason") or "refused") for each in objects(reply.get("refused"))
    ]
