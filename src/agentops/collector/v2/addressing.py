"""Which session a request is about, and what is said of one in reply."""

import hashlib
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from agentops.collector.asked import Asked
from agentops.collector.problems import refusing
from agentops.domain import ids
from agentops.domain.spans import SessionRecord
from agentops.errors import UnknownSessionError

_KEYS: Final = ("x-agentops-api-key", "x-agentops-auth", "x-api-key")


def session_for(asked: Asked[Any, Any], named: str | None) -> str:
    """The session that a request is about: that of its token, or the one that its body names.

    Raises:
        RequestError: 400, if neither names one, or it is named by what is no UUID.
    """
    with refusing():
        return canonical(bound_session(asked) or named or asked.principal.session_id)


def bound_session(asked: Asked[Any, Any]) -> str | None:
    """The session whose token decides what a request is about, whatever its body names, as the original has it.

    None where the body decides: an API key came along, or there is no token that holds.
    """
    of_token = asked.principal.session_id
    return None if of_token is None or any(header in asked.headers for header in _KEYS) else of_token


@lru_cache(maxsize=1024)
def canonical(session_id: str | None) -> str:
    """A session's id as it is kept: a dashed UUID in lower case.

    Raises:
        ValueError: if it is no UUID, or none at all.
    """
    if not session_id:
        raise ValueError("no session is named: send its token, or its session_id")
    try:
        return ids.session_id_of(session_id)
    except ValueError:
        raise ValueError(f"the id of a session is a UUID, not {session_id[:60]!r}") from None


def start_for(asked: Asked[Any, Any], session_id: str) -> int:
    """When a session began of which somebody speaks without saying so: now, unless it is known; 0 leaves what is."""
    try:
        asked.store.session(session_id)
    except UnknownSessionError:
        return time.time_ns()
    return 0


def cost_of(asked: Asked[Any, Any], session_id: str) -> str:
    """What a session cost so far in USD, as a decimal string; calls of no known price are not in it."""
    cost = asked.store.find(session_id).cost
    return f"{cost:f}" if cost else "0.00"


def link_to(asked: Asked[Any, Any], session_id: str) -> str:
    """Where to look at a session."""
    return f"{asked.base_url}/drilldown?session_id={session_id}"


def process_of(records: Iterable[SessionRecord]) -> str | None:
    """A name for the process that tells of these sessions; None where it is not known, or there are several."""
    processes = {record.process_id for record in records}
    (process,) = processes if len(processes) == 1 else (None,)
    return None if process is None else f"process-{process}"


def holder_of(asked: Asked[Any, Any], token: str | None = None) -> str | None:
    """A name for the process that holds a token: the given one, else that of the request; None where there is none."""
    if token is None:
        if asked.principal.session_id is None:
            return None
        token = asked.headers.get("authorization", "").partition(" ")[2].strip()
    return f"token-{hashlib.blake2b(token.encode(), digest_size=12).hexdigest()}"
