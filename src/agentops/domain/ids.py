"""Ids of sessions and spans: a session id is a UUID whose 128 bits are the OpenTelemetry trace id."""

import os
import random
from typing import TypeAlias
from uuid import UUID

Version: TypeAlias = int | None

_generator = random.Random(os.urandom(32))  # noqa: S311 - ids are unique, not secret; the program's own `random` stays untouched
new_bits = _generator.getrandbits
os.register_at_fork(after_in_child=lambda: _generator.seed(os.urandom(32)))


class SessionId(str):
    """A session id: text, and equal to the UUID of the same bits as well.

    AgentOps 0.3 had UUIDs where AgentOps's documentation, JSON and environments want text. As a key of a dictionary it
    is the text.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, UUID) else str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    @property
    def uuid(self) -> UUID:
        """The UUID itself."""
        return UUID(str(self))

    @property
    def hex(self) -> str:
        """Its 32 hexadecimal digits, which are the OpenTelemetry trace id."""
        return self.replace("-", "")

    @property
    def int(self) -> int:
        """Its 128 bits as a number."""
        return self.uuid.int

    @property
    def bytes(self) -> bytes:
        """Its 16 bytes."""
        return self.uuid.bytes

    @property
    def urn(self) -> str:
        """Its URN, as https://www.rfc-editor.org/rfc/rfc9562 has it."""
        return self.uuid.urn

    @property
    def version(self) -> Version:
        """The version of the UUID."""
        return self.uuid.version


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
