"""One record out of two that speak of the same span, whichever came first."""

from copy import copy
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT

from agentops.domain.spans import SpanRecord, SpanStatus

_OUTCOME: Final = frozenset({"session_id", "span_id", "status", "end", "error", "counted_error", "attributes"})
"""Fields that are taken from the prevailing record as they are, or united, and never filled in from the other."""


def _absent_values() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(SpanRecord):
        if field.name not in _OUTCOME:
            values[field.name] = field.default if field.default is not NODEFAULT else []
    return values


_ABSENT: Final = _absent_values()


def precedence(record: SpanRecord) -> tuple[int, int]:
    """How much a record knows of how the span ended: running, interrupted, ended; the later end prevails."""
    if record.status is SpanStatus.RUNNING:
        return (0, 0)
    if record.status is SpanStatus.INTERRUPTED:
        return (1, record.end or 0)
    return (2, record.end or 0)


def merge(stored: SpanRecord, arrived: SpanRecord) -> SpanRecord:
    """What both know together: the one that knows the end prevails, and the other fills in what that one lacks.

    The order of arrival makes no difference, except between two records of the same end that contradict each other:
    there what was stored stays.
    """
    prevailing, other = (arrived, stored) if precedence(arrived) > precedence(stored) else (stored, arrived)
    merged = copy(prevailing)
    for name, absent in _ABSENT.items():
        if getattr(prevailing, name) == absent:
            setattr(merged, name, getattr(other, name))
    if other.attributes:
        merged.attributes = {**other.attributes, **prevailing.attributes}
    return merged
