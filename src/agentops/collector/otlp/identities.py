"""Which ids OpenTelemetry has: of the right length and not all zero.

https://www.w3.org/TR/trace-context/#trace-id
"""

from typing import Final

_NO_TRACE: Final = bytes(16)
_NO_SPAN: Final = bytes(8)


def is_trace_id(value: bytes) -> bool:
    """Whether this is a trace id."""
    return len(value) == 16 and value != _NO_TRACE  # noqa: PLR2004 - bytes of a trace id


def is_span_id(value: bytes) -> bool:
    """Whether this is a span id."""
    return len(value) == 8 and value != _NO_SPAN  # noqa: PLR2004 - bytes of a span id
