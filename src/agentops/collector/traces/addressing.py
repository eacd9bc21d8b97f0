"""Ids of traces, and the sessions that they are."""

from typing import Any, Final

from agentops.collector.asked import Asked
from agentops.collector.problems import not_found
from agentops.domain.ids import session_id_of

_BITS: Final = 128
_DIGITS: Final = len(str(1 << _BITS))


def trace_id_of(session_id: str) -> str:
    """The trace that a session is: 32 hexadecimal digits."""
    return session_id.replace("-", "")


def session_of_trace(word: str) -> str:
    """The session that a trace is, named in hexadecimal digits, as a UUID or, as AgentOps 0.4 does, in decimal ones.

    Raises:
        ValueError: if it is none of these.
    """
    if word.isascii() and word.isdecimal() and len(word) <= _DIGITS and 0 < int(word) < 1 << _BITS:
        return session_id_of(int(word))
    return session_id_of(word)


def trace_in_path(asked: Asked[Any, Any]) -> str:
    """The session whose trace the path names.

    Raises:
        RequestError: 404, if it names none.
    """
    word = asked.path["trace_id"]
    try:
        return session_of_trace(word)
    except ValueError:
        raise not_found(f"there is no trace {word[:60]!r}") from None
