"""The time as events carry it."""

import time

from agentops.domain.events.times import timestamp_of


def get_ISO_time() -> str:  # noqa: N802 - the name of AgentOps
    """Now, in UTC, as ISO 8601."""
    return timestamp_of(time.time_ns())
