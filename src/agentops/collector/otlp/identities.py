"""Which ids OpenTelemetry has: of the right length and not all zero.

https://www.w3.org/TR/trace-context/#trace-id
"""

from typing import Final

_NO_TRACE: Final = bytes(16)
_NO_SPAN: Final = bytes(8)


def is_trace_id(value: bytes) -> bool:
    """Whether this is a trace id."""
    return len(value) == len(_NO_TRACE) and value != _NO_TRACE


def is_span_id(value: bytes) -> bool:
    """Whether this is a span id."""
    return len(value) == len(_NO_SPAN) and value != _NO_SPAN
