"""Whether the program's own spans inside a session are sampled: its sampler decides, once for each session.

Samplers ask a span's parent first. The program's outermost span inside a session has one of ours above it, so what that
says of itself is what the program's sampler would have said of a span without a parent. What we record ourselves is
recorded in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opentelemetry.trace import TraceFlags

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.recording.trace import Trace

SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
NOT_SAMPLED: Final = TraceFlags(TraceFlags.DEFAULT)


class Sampling:
    """Asks the program's sampler.

    Attributes:
        ask: whether spans of a trace of this id are sampled; None while the program has no sampler.
    """

    def __init__(self) -> None:
        self.ask: Callable[[int], bool | None] = _nobody

    def flags_of(self, trace: Trace) -> TraceFlags:
        """What spans of a session say of themselves."""
        if trace.sampled is None:
            trace.sampled = self.ask(spread(trace.trace_id))
        return NOT_SAMPLED if trace.sampled is False else SAMPLED


def spread(trace_id: bytes) -> int:
    """A trace id to ask a sampler about, the same wherever the session goes.

    Samplers by ratio compare the lower half of a trace id with a bound, and that of a UUID has two bits that are always
    the same: https://www.rfc-editor.org/rfc/rfc9562#name-variant-field
    """
    from hashlib import blake2b  # noqa: PLC0415 - only programs with a sampler need it, and those have it

    return int.from_bytes(blake2b(trace_id, digest_size=len(trace_id)).digest(), "big")


def _nobody(_trace_id: int) -> None:
    return None


sampling: Final = Sampling()
