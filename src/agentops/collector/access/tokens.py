"""Tokens that stand for a key for a while: JSON Web Tokens (RFC 7519), signed with what only this collector knows.

A token names its key, and holds no longer than that key does.
"""

import hashlib
import secrets
import time
from typing import Final

import msgspec
from msgspec import Struct

from agentops.collector.access.records import Scope
from agentops.errors import UnauthorizedError

LIFETIME: Final = 30 * 86_400
"""Seconds for which a token is good: AgentOps 0.3 and 0.4 never ask for another."""

LEEWAY: Final = 60
"""Seconds by which the clock may have been set back since."""

ALGORITHM: Final = "HS256"
HEADER: Final = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
"""The first part of each of our tokens. What begins otherwise is not ours, and none of it is decoded."""

ISSUER: Final = "agentops collector"
AUDIENCE: Final = "agentops"

UNKNOWN: Final = "the key or token is not known here"
"""The reason for what was never given out and for what was revoked."""

_PURPOSE: Final = b"agentops token"
_REQUIRED: Final = ["iss", "aud", "iat", "exp"]


class Claims(Struct, frozen=True, rename={"project": "sub"}):
    """What a token says.

    Attributes:
        project: the id of the project that it opens.
        scopes: what it allows at most; no more than its key does.
        key_id: of its key; None where it was given while no key was needed.
        session_id: of the session that it was given for; None for any.
    """

    project: str
    scopes: frozenset[Scope]
    key_id: str | None = None
    session_id: str | None = None


def sign(said: Claims, secret: bytes, *, now: float | None = None) -> str:
    """A token that says this, unlike any other that does; `now` is in Unix seconds."""
    import jwt  # noqa: PLC0415 - 30 ms that only collectors with tokens pay

    issued = int(time.time() if now is None else now)
    times = {"iat": issued, "exp": issued + LIFETIME, "jti": secrets.token_urlsafe(9)}
    claims = {"iss": ISSUER, "aud": AUDIENCE, **times, **msgspec.to_builtins(said, order="sorted")}
    return jwt.encode(claims, signing_key(secret), ALGORITHM)


def read(token: str, secret: bytes) -> Claims:
    """What a token says, when it is ours and has not expired.

    Raises:
        UnauthorizedError: if it is not: what was ours hears that it has expired, all else only that it is not known.
    """
    if not token.startswith(f"{HEADER}.") or not token.isascii():
        raise UnauthorizedError(UNKNOWN)
    import jwt  # noqa: PLC0415 - as above

    try:
        claims = jwt.decode(
            token,
            signing_key(secret),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=LEEWAY,
            options={"require": _REQUIRED},
        )
        return msgspec.convert(claims, Claims)
    except jwt.ExpiredSignatureError:
        raise UnauthorizedError("the token has expired") from None
    except (jwt.InvalidTokenError, msgspec.ValidationError):
        raise UnauthorizedError(UNKNOWN) from None


def signing_key(secret: bytes) -> bytes:
    """What tokens are signed with: the collector's secret, made unfit for anything else."""
    return hashlib.blake2b(key=secret, digest_size=32, person=_PURPOSE).digest()
