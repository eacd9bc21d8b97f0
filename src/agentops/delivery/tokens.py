"""The tokens that a collector gives for a session: when they expire, as far as they say so."""

from base64 import urlsafe_b64decode
from typing import Any, Final

import msgspec

RENEWED_BEFORE: Final = 300.0
"""Seconds before its end at which a token is renewed; one that lives shorter, in its second half."""

_PARTS: Final = 3


def expiry_of(token: str) -> float | None:
    """When a token expires, in Unix seconds; None where it does not say: such a token is used until it is refused.

    Read without checking the signature, which is the collector's affair: the claim `exp` of RFC 7519, 4.1.4.
    """
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        claims: Any = msgspec.json.decode(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    moment: Any = claims.get("exp") if isinstance(claims, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON
    return float(moment) if isinstance(moment, int | float) and not isinstance(moment, bool) else None


def is_due(token: str, received: float, now: float) -> bool:
    """Whether a token that came at `received` is to be renewed: it has expired, or will before long (Unix seconds)."""
    moment = expiry_of(token)
    return moment is not None and moment - now <= min(RENEWED_BEFORE, (moment - received) / 2)
