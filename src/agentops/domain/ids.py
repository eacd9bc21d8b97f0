"""Ids of sessions and spans: a session id is a UUID whose 128 bits are the OpenTelemetry trace id."""

import os
import random
from uuid import UUID

_generator = random.Random(os.urandom(32))  # noqa: S311 - ids are unique, not secret; the program's own `random` stays untouched
new_bits = _generator.getrandbits
os.register_at_fork(after_in_child=lambda: _generator.seed(os.urandom(32)))


def new_session_id() -> str:
    """A fresh session id, as a dashed UUID (version 4)."""
    return str(UUID(int=new_bits(128), version=4))


def new_span_id() -> str:
    """A fresh span id: 16 hexadecimal digits, never all zero."""
    return f"{new_bits(64) or 1:016x}"


def session_id_of(value: object) -> str:
    """The session id that a UUID, a dashed or plain hexadecimal string, or a trace id (int) stands for.

    Raises:
        ValueError: if the value is no 128-bit id.
    """
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, int):
        return str(UUID(int=value))
    return str(UUID(str(value)))


def trace_bytes_of(session_id: str) -> bytes:
    """The 16 bytes of the trace id that a session id is."""
    return bytes.fromhex(session_id.replace("-", ""))


def session_id_from_bytes(trace_id: bytes) -> str:
    """The session id of a 16-byte trace id."""
    digits = trace_id.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
