"""Times of events: Unix nanoseconds and ISO 8601 in UTC."""

from datetime import UTC, datetime
from typing import Any, Final


def timestamp_of(moment: int) -> str:
    """Unix nanoseconds as ISO 8601 in UTC with microseconds."""
    seconds, nanoseconds = divmod(moment, 1_000_000_000)
    return (
        datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanoseconds // 1000).isoformat(timespec="microseconds")
    )


def moment_of(timestamp: Any) -> int:
    """Unix nanoseconds of an ISO 8601 text or a datetime; without a zone it is UTC.

    Raises:
        ValueError: if it is neither.
    """
    moment = timestamp
    if isinstance(timestamp, str):
        try:
            moment = datetime.fromisoformat(timestamp)
        except ValueError:
            moment = None
    if not isinstance(moment, datetime):
        advice = "pass a datetime, or text such as '2026-01-31T12:00:00+00:00'"
        raise ValueError(f"{timestamp!r} is no time: {advice}")  # noqa: TRY004 - one error for every wrong time
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
