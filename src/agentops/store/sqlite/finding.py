"""Finding one session by what the user typed."""

from contextlib import suppress
from typing import Final

from agentops.domain.ids import session_id_of
from agentops.errors import UnknownSessionError
from agentops.store.protocol import SessionSummary
from agentops.store.sqlite.readers import Reading
from agentops.store.sqlite.sessions import read_row

LAST: Final = "last"

_HEX_DIGITS: Final = frozenset("0123456789abcdef")
_AFTER_HEX_DIGITS: Final = "~"
_SHOWN: Final = 5


def find_session(reading: Reading, prefix: str) -> SessionSummary:
    """The session whose id begins so, or the one that started last for `last`.

    Raises:
        UnknownSessionError: if none or several do; the message says which.
    """
    if prefix.strip().lower() == LAST:
        latest = reading.one("latest_session")
        if latest is None:
            raise UnknownSessionError("no session has been recorded yet")
        return read_row(latest).summary()
    wanted = _as_stored(prefix)
    rows = reading.rows("find_sessions_between", (wanted, wanted + _AFTER_HEX_DIGITS)).fetchall() if wanted else []
    if len(rows) == 1:
        return read_row(rows[0]).summary()
    if not rows:
        raise UnknownSessionError(f"no session's id begins with {prefix!r}; `agentops ls` lists them")
    some = ", ".join(row[0] for row in rows[:_SHOWN])
    more = " and more" if len(rows) > _SHOWN else ""
    raise UnknownSessionError(f"several sessions' ids begin with {prefix!r}: {some}{more}")


def _as_stored(prefix: str) -> str:
    """A beginning of a session id in lower case and with dashes; empty where it cannot be one."""
    digits = prefix.strip().lower().replace("-", "")
    if not digits or not set(digits) <= _HEX_DIGITS:
        return ""
    with suppress(ValueError):
        return session_id_of(digits)
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(part for part in parts if part)
