"""What paths and queries name: sessions and moments."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from msgspec import Meta

from agentops.collector.asked import Asked
from agentops.collector.openapi import SESSION_ID
from agentops.collector.problems import bad_request
from agentops.domain.ids import session_id_of

PREFIX: Final = "/api/v1"
SESSION: Final = f"{PREFIX}/sessions/{{session_id}}"

SessionId = Annotated[str, Meta(pattern=SESSION_ID)]
Word = Annotated[str, Meta(max_length=1000)]
Limit = Annotated[int, Meta(ge=1, le=1000, description="How many to give at most.")]
Cursor = Annotated[str, Meta(max_length=500, description="Where to go on: `next` of the page before.")]
Moment = Annotated[
    str,
    Meta(
        pattern=r"^(-?[0-9]{1,19}|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}[0-9:.]{0,16}(Z|[+-][0-9:]{2,9})?)?)$"
    ),
]
"""ISO 8601 (`2026-06-01`, `2026-06-01T12:00:00Z`; UTC unless it says otherwise), or Unix nanoseconds."""

_SESSION_ID: Final = re.compile(SESSION_ID, re.ASCII)
_DIGITS: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_LARGEST: Final = 2**63 - 1


def session_named(asked: Asked[Any, Any]) -> str:
    """The session that the path names, by its UUID or by the trace id that it is.

    Raises:
        RequestError: 400 if it names none.
    """
    return read_session_id(asked.path["session_id"])


def read_session_id(text: str) -> str:
    """The session id that a UUID, or the 32 hexadecimal digits of a trace id, stand for.

    Raises:
        RequestError: 400 if the text is neither.
    """
    if _SESSION_ID.fullmatch(text) is None:
        raise bad_request("a session is named by its UUID, or by the 32 hexadecimal digits of its trace")
    return session_id_of(text)


def read_moment(text: str | None, name: str) -> int | None:
    """Unix nanoseconds from these, or from ISO 8601.

    Raises:
        RequestError: 400 if the text is neither, with the name of the field that it is for.
    """
    if text is None:
        return None
    try:
        found = int(text) if _DIGITS.fullmatch(text) else _nanoseconds(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        found = _LARGEST + 1
    if abs(found) > _LARGEST:
        raise bad_request(f"{name} is no moment: give ISO 8601, such as 2026-06-01T12:00:00Z, or Unix nanoseconds")
    return found


def _nanoseconds(moment: datetime) -> int:
    known = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    since = known - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
