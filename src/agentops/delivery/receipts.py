"""What a collector gave for each session: its token, where to look at it, what it cost."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from agentops.domain.foreign import text

KEPT: Final = 10_000
"""Sessions of which it is known; the oldest are forgotten first, and announced again if they are needed."""


class Receipt(Struct, frozen=True):
    """What a collector gave for a session.

    Attributes:
        jwt: the token with which events of the session are sent; None where it gives none.
        session_url: where to look at the session.
        token_cost: what its model calls cost so far in USD by the collector's own count, as it said it.
        received: when the token came, Unix seconds.
    """

    jwt: str | None = None
    session_url: str | None = None
    token_cost: str | None = None
    received: float = 0.0


class Receipts:
    """The receipts by session; any thread may look one up."""

    def __init__(self) -> None:
        self._known: dict[str, Receipt] = {}

    def get(self, session_id: str) -> Receipt | None:
        """What is known of a session; None before the collector has heard of it."""
        return self._known.get(session_id)

    def keep(self, session_id: str, reply: Mapping[str, Any], now: float) -> Receipt:
        """Take in what a reply says; what it does not say stays."""
        known = self._known.pop(session_id, None) or Receipt()
        token = text(reply, "jwt")
        cost = reply.get("token_cost")
        receipt = Receipt(
            jwt=token or known.jwt,
            session_url=text(reply, "session_url") or known.session_url,
            token_cost=known.token_cost if cost is None else str(cost),
            received=now if token else known.received,
        )
        self._known[session_id] = receipt
        if len(self._known) > KEPT:
            self._known.pop(next(iter(self._known)), None)
        return receipt


receipts: Final = Receipts()
"""Those of this process's own collector: `receipts.get(session_id)`, None before it has heard of the session."""
