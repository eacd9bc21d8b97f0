"""One failure that ended several spans: a tool fails, then the agent around it, then the session around that.

Each of them says that it failed, by an error of the same type and message. The innermost counts.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from agentops.domain.spans import SpanRecord, SpanStatus

ERROR_EVENT_TYPE: Final = "errors"
"""The `event_type` of a recorded ErrorEvent, which is no failure of a span."""


def failure_of(record: SpanRecord) -> int | None:
    """What a span failed by, as a number of 64 bits with a sign: the same for errors of the same type and message.

    None where it did not fail, says nothing of the error, or does not count it.
    """
    error = record.error
    if error is None or not record.counted_error:
        return None
    if record.status is SpanStatus.RUNNING or record.event_type == ERROR_EVENT_TYPE:
        return None
    said = f"{error.type}\0{error.message}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), signed=True)


def failures_of(records: Iterable[SpanRecord]) -> dict[str, tuple[str | None, int]]:
    """The parent of each span that failed, and what it failed by."""
    failures = ((record, failure_of(record)) for record in records)
    return {record.span_id: (record.parent_id, failure) for record, failure in failures if failure is not None}


def passed_on(failures: Mapping[str, tuple[str | None, int]]) -> set[str]:
    """The spans that failed by what a span right inside them failed by: they count no error.

    Args:
        failures: as `failures_of` gives them, of all spans of one session.
    """
    return {
        parent
        for span_id, (parent, failure) in failures.items()
        if parent is not None and parent != span_id and parent in failures and failures[parent][1] == failure
    }
