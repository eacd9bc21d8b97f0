"""The ids of events and those of their spans, each made of the other: who sends a thing again sends the same id."""

import hashlib
import re
from typing import Final
from uuid import UUID

_SESSION_DIGITS: Final = 18
_SPAN_DIGITS: Final = 16
_SESSION_LENGTH: Final = 36

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){2}(?!0000-0{12})[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
"""A UUID as it is mostly written, of which the last 64 bits are no zeros."""


def span_id_of(event_id: str) -> str:
    """The id of the span that an event is: the last 64 bits of its UUID, or of a digest of any other id."""
    if _UUID.fullmatch(event_id):
        return (event_id[19:23] + event_id[24:]).lower()
    try:
        bits = UUID(event_id).int & (2**64 - 1)
    except ValueError:
        bits = 0
    if bits:
        return f"{bits:016x}"
    return hashlib.blake2b(event_id.encode("utf-8", "replace"), digest_size=8).hexdigest()


def id_of_span(session_id: str, span_id: str) -> str:
    """A UUID of the first half of the session's id and the whole of the span's."""
    if len(session_id) == _SESSION_LENGTH and len(span_id) == _SPAN_DIGITS:
        return f"{session_id[:_SESSION_DIGITS]}-{span_id[:4]}-{span_id[4:]}"
    digits = session_id.replace("-", "")[:16] + span_id
    return str(UUID(bytes=hashlib.blake2b(digits.encode("utf-8", "replace"), digest_size=16).digest()))
