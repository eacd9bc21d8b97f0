"""The token of AgentOps 0.4: asked for once with the API key, and sent with everything from then on."""

from base64 import urlsafe_b64decode
from typing import Any, Final

import msgspec
from msgspec import Struct

from agentops.collector.access import Principal
from agentops.collector.asked import Asked
from agentops.collector.problems import RequestError
from agentops.collector.routes import Route, Tag
from agentops.domain.events.times import timestamp_of
from agentops.domain.foreign import count
from agentops.errors import UnauthorizedError

PLAN: Final = "pro"
"""What its client wants to hear, so as not to complain about a free plan."""


class KeyBody(Struct, frozen=True):
    """The API key."""

    api_key: str


class Granted(Struct, frozen=True):
    """A token, and the project that it opens."""

    token: str
    project_id: str
    project_prem_status: str = PLAN


class Payload(Struct, frozen=True):
    """What a token says; `exp` is in Unix seconds, None where it is a key and no token."""

    project_id: str
    exp: int | None
    aud: str = "authenticated"
    project_prem_status: str = PLAN
    api_key: str | None = None


class Shown(Struct, frozen=True):
    """A token that holds."""

    message: str
    payload: Payload
    expires_at: str | None


def owner_of(asked: Asked[Any, Any], key: str) -> Principal:
    """Whoever has this key.

    Raises:
        RequestError: 403, if nobody has: clients of 0.4 take it for the end of the matter.
    """
    try:
        return asked.services.access.identify_key(key)
    except UnauthorizedError as error:
        raise RequestError(403, "forbidden", str(error)) from error


def grant_token(asked: Asked[None, KeyBody]) -> Granted:
    """Give the token of a key."""
    principal = owner_of(asked, asked.body.api_key)
    return Granted(asked.services.access.token_for(principal), principal.project)


def show_token(asked: Asked[None, None]) -> Shown:
    """Say what the token that was sent stands for."""
    principal = asked.services.access.identify(asked.headers)
    expiry = _expiry_of(asked.headers.get("authorization", ""))
    moment = None if expiry is None else timestamp_of(expiry * 1_000_000_000)
    return Shown("the token is good", Payload(principal.project, expiry), moment)


def _expiry_of(authorization: str) -> int | None:
    """When a token ends that was found good; None where there is none."""
    parts = authorization.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - RFC 7519
        return None
    try:
        claims: Any = msgspec.json.decode(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    found = count(claims, "exp")
    return found if found is not None and found < 1 << 32 else None


ROUTES: Final = (
    Route(
        method="POST",
        path="/v3/auth/token",
        answer=grant_token,
        summary="Get a token for an API key",
        tag=Tag.V3,
        scope=None,
        body=KeyBody,
        reply=Granted,
    ),
    Route(
        method="GET",
        path="/v3/auth/token",
        answer=show_token,
        summary="What a token stands for",
        tag=Tag.V3,
        scope=None,
        refusals=(401,),
        reply=Shown,
    ),
)
