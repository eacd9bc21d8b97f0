"""How recording itself fares, for whoever watches over it."""

from __future__ import annotations

from agentops import client
from agentops.domain.metrics import Metrics


def metrics() -> Metrics:
    """How recording fares at the moment, in figures: sessions, what was recorded, what was delivered, what was called.

    They are of this process, since `init`. Making them costs what reading them costs; recording is not slower for it.
    Before `init`, and where recording is off, all of them are zero.
    """
    assembly = client.get_assembly()
    return Metrics() if assembly is None else assembly.metrics()
