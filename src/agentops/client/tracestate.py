"""How a trace ended, as AgentOps 0.4 says it."""

from enum import Enum
from typing import Final

from opentelemetry.trace import StatusCode


class TraceState(Enum):
    """How a trace ended: well, with an error, or nobody knows."""

    SUCCESS = StatusCode.OK
    ERROR = StatusCode.ERROR
    UNSET = StatusCode.UNSET

    def __str__(self) -> str:
        return self.name

    def to_status_code(self) -> StatusCode:
        """OpenTelemetry's word for it."""
        return self.value


SUCCESS: Final = TraceState.SUCCESS
ERROR: Final = TraceState.ERROR
UNSET: Final = TraceState.UNSET
